"""Raters disagree among themselves, so that their mean is no firm ground."""

import math
from statistics import stdev

from metrics.causes import CAUSES, words
from metrics.causes.base import NAN, NOTHING, Case, Cause, Finding


@CAUSES.register("raters")
class Raters(Cause):
    label = words.gettext_noop("Raters disagree")
    about = words.gettext_noop(
        "s / (s + typical): s the deviation between raters here; 0.5 is the usual spread"
    )
    shown_from = 0.6
    rank = 85

    def find(self, case: Case) -> Finding:
        if len(case.scores) < 2 or math.isnan(case.typical_spread):
            return Finding(NAN, words.gettext("fewer than two raters judged the output"))
        spread = stdev(case.scores)
        if not spread:
            return NOTHING
        given = tuple(f"{score:g}" for score in sorted(case.scores))
        return Finding(
            spread / (spread + case.typical_spread),
            words.gettext(
                "Raters gave %(scores)s: a standard deviation of %(spread)s, usual is %(usual)s.",
                scores=", ".join(given),
                spread=f"{spread:.2f}",
                usual=f"{case.typical_spread:.2f}",
            ),
            given,
        )
