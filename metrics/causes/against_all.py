"""People like what every metric dislikes: most likely the reference is at fault."""

import math

from metrics.causes import CAUSES
from metrics.causes.base import NAN, NOTHING, Case, Cause, Finding

FEWEST_METRICS = 2


@CAUSES.register("against_all")
class AgainstAll(Cause):
    """Points at items to look at; made of the scores, it cannot explain them."""

    label = "Liked by people, by no metric"
    about = "people's rank less the highest rank that any metric gives, both 0-1"
    rank = 90
    from_scores = True

    def find(self, case: Case) -> Finding:
        ranks = [rank for rank in case.metrics if not math.isnan(rank)]
        if math.isnan(case.people) or len(ranks) < FEWEST_METRICS:
            return Finding(NAN, "fewer than two metrics, or no people, scored the output")
        best = max(ranks)
        if case.people <= best:
            return NOTHING
        return Finding(
            case.people - best,
            f"People rank the output above {case.people:.0%} of all, no metric above {best:.0%}: "
            "look at the reference.",
            (f"{case.people:.2f}", f"{best:.2f}"),
        )
