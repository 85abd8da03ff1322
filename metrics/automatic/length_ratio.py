"""Length ratio: a baseline that reads nothing, to be printed beside every metric."""

import math
from collections.abc import Sequence

from common.text import clusters
from metrics.automatic import METRICS
from metrics.automatic.base import EVERY_CHECK, FloatArray, Metric, Pair, ratio


@METRICS.register("length_ratio")
class LengthRatio(Metric):
    """Output length over mean reference length, in grapheme clusters; 1 is equal length.

    A sentinel, not a measure of quality: a metric that agrees with people no better than this
    one has only counted. "Higher is better" means that longer ranks first.
    Rows: the two lengths. Two empty texts count as 1; an empty reference alone is nan.
    """

    name = "length_ratio"
    label = "Length ratio"
    unit = "ratio of characters, 0 or more; 1 is equal length"
    maximum = math.inf
    best = 1.0
    exempt = EVERY_CHECK

    def row(self, pair: Pair) -> Sequence[float]:
        lengths = [len(clusters(self.clean(reference))) for reference in pair.references]
        return (len(clusters(self.clean(pair.hypothesis))), sum(lengths) / len(lengths))

    def score_sums(self, sums: FloatArray) -> FloatArray:
        scores = ratio(sums[:, 0], sums[:, 1])
        scores[(sums[:, 0] == 0) & (sums[:, 1] == 0)] = 1.0
        return scores

    def signature(self) -> str:
        return self.signed(unit="clusters", refs="mean")
