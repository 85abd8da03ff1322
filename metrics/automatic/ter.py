"""Translation edit rate by sacreBLEU (Snover et al., 2006)."""

import math
from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

import numpy as np
from sacrebleu.metrics.ter import TER as SacreTER

from metrics.automatic import METRICS
from metrics.automatic.base import FloatArray, Pair
from metrics.automatic.sacre import SacreMetric


class Options(NamedTuple):
    normalized: bool = False
    no_punct: bool = False
    case_sensitive: bool = False


@METRICS.register("ter")
class TER(SacreMetric):
    """Edits and shifts per reference word, in percent; 0 is best, there is no upper bound.

    Rows: edits to the nearest reference, mean reference length in words. Ten to a hundred times
    slower than the others, so rows are remembered per process by output and references.
    """

    name = "ter"
    label = "TER"
    unit = "edits per 100 reference words, 0 or more, lower is better"
    maximum = math.inf
    best = 0.0
    higher_is_better = False
    effort = 50

    def __init__(
        self,
        *,
        normalized: bool = False,
        no_punct: bool = False,
        case_sensitive: bool = False,
        normalize: str = "none",
    ) -> None:
        self._options = Options(normalized, no_punct, case_sensitive)
        super().__init__(SacreTER(**self._options._asdict()), normalize=normalize)

    def row(self, pair: Pair) -> Sequence[float]:
        references = tuple(self.clean(reference) for reference in pair.references)
        return _edits(self._options, self.clean(pair.hypothesis), references)

    def score_sums(self, sums: FloatArray) -> FloatArray:
        edits, words = sums[:, 0], sums[:, 1]
        nothing_to_match = np.where(edits > 0, 1.0, 0.0)  # as sacreBLEU: 100 or 0
        return 100.0 * np.divide(edits, words, out=nothing_to_match, where=words > 0)


@lru_cache(maxsize=65_536)
def _edits(options: Options, hypothesis: str, references: tuple[str, ...]) -> tuple[float, float]:
    scorer = _scorer(options)
    prepared = [scorer._preprocess_segment(reference) for reference in references]
    edits, length = scorer._compute_segment_statistics(
        scorer._preprocess_segment(hypothesis), scorer._extract_reference_info(prepared)
    )
    return float(edits), float(length)


@lru_cache(maxsize=16)
def _scorer(options: Options) -> SacreTER:
    return SacreTER(**options._asdict())
