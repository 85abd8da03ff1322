"""Outputs that nobody can judge: empty ones, and ones that loop."""

from collections.abc import Sequence

import regex

from common.loops import repeated_share
from metrics.automatic import METRICS
from metrics.automatic.base import Pair
from metrics.automatic.descriptions import Description

_VISIBLE = regex.compile(r"[^\p{Z}\p{C}]")


@METRICS.register("empty")
class Empty(Description):
    """Share of outputs without a visible character, 0-1, lower is better."""

    name = "empty"
    label = "Empty outputs"
    unit = "share of outputs, 0-1"
    higher_is_better = False

    def row(self, pair: Pair) -> Sequence[float]:
        return (float(not _VISIBLE.search(self.clean(pair.hypothesis))), 1.0)

    def signature(self) -> str:
        return self.signed(agg="mean")


@METRICS.register("loops")
class Loops(Description):
    """Share of the output that repeats itself, 0-1, lower is better; mean over segments.

    Of its three-word runs, those that were there before; texts of fewer than eight words have
    none. A single word of more than 40 characters counts where a piece of it repeats 8 times.
    """

    name = "loops"
    label = "Looping"
    unit = "share of three-word runs, 0-1"
    higher_is_better = False

    def row(self, pair: Pair) -> Sequence[float]:
        return (repeated_share(self.clean(pair.hypothesis)), 1.0)

    def signature(self) -> str:
        return self.signed(agg="mean", runs=3)
