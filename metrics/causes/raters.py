"""Raters disagree among themselves, so that their mean is no firm ground."""

import math
from statistics import stdev

from metrics.causes import CAUSES
from metrics.causes.base import NAN, NOTHING, Case, Cause, Finding


@CAUSES.register("raters")
class Raters(Cause):
    label = "Raters disagree"
    about = "s / (s + typical): s the deviation between raters here; 0.5 is the usual spread"
    shown_from = 0.6
    rank = 85

    def find(self, case: Case) -> Finding:
        if len(case.scores) < 2 or math.isnan(case.typical_spread):
            return Finding(NAN, "fewer than two raters judged the output")
        spread = stdev(case.scores)
        if not spread:
            return NOTHING
        given = tuple(f"{score:g}" for score in sorted(case.scores))
        return Finding(
            spread / (spread + case.typical_spread),
            f"Raters gave {', '.join(given)}: a standard deviation of {spread:.2f}, usual is "
            f"{case.typical_spread:.2f}.",
            given,
        )
