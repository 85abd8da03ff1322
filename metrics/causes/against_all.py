"""People like what every metric dislikes: most likely the reference is at fault."""

import math

from metrics.causes import CAUSES, words
from metrics.causes.base import NAN, NOTHING, Case, Cause, Finding

FEWEST_METRICS = 2


@CAUSES.register("against_all")
class AgainstAll(Cause):
    """Points at items to look at; made of the scores, it cannot explain them."""

    label = words.gettext_noop("Liked by people, by no metric")
    about = words.gettext_noop(
        "people's rank less the highest rank that any metric gives, both 0-1"
    )
    rank = 90
    from_scores = True

    def find(self, case: Case) -> Finding:
        ranks = [rank for rank in case.metrics if not math.isnan(rank)]
        if math.isnan(case.people) or len(ranks) < FEWEST_METRICS:
            return Finding(
                NAN, words.gettext("fewer than two metrics, or no people, scored the output")
            )
        best = max(ranks)
        if case.people <= best:
            return NOTHING
        return Finding(
            case.people - best,
            words.gettext(
                "People rank the output above %(people)s of all, no metric above %(best)s: look at "
                "the reference.",
                people=f"{case.people:.0%}",
                best=f"{best:.0%}",
            ),
            (f"{case.people:.2f}", f"{best:.2f}"),
        )
