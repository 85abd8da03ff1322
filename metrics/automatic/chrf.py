"""chrF and chrF++ by sacreBLEU (Popović, 2015 and 2017)."""

import numpy as np
from sacrebleu.metrics.chrf import CHRF

from metrics.automatic import METRICS
from metrics.automatic.base import FloatArray
from metrics.automatic.sacre import SacreMetric


@METRICS.register("chrf")
class ChrF(SacreMetric):
    """Character n-gram F-score, 0-100, higher is better (Popović, 2015).

    Rows: for each n-gram order, how many the output has, the reference has, and both have.
    With several references a segment keeps the row of the one that suits it best.
    """

    name = "chrf"
    label = "chrF"
    word_order = 0
    n_columns = 18
    scorer: CHRF

    def __init__(
        self, *, beta: int = CHRF.BETA, lowercase: bool = False, normalize: str = "none"
    ) -> None:
        scorer = CHRF(word_order=self.word_order, beta=beta, lowercase=lowercase)
        super().__init__(scorer, normalize=normalize)

    def score_sums(self, sums: FloatArray) -> FloatArray:
        scores = (self.scorer._compute_f_score(row) for row in sums.tolist())
        return np.fromiter(scores, dtype=np.float64, count=len(sums))

    def signature(self) -> str:
        if self.scorer.beta == CHRF.BETA:
            return self._sign(self.scorer)
        return self._sign(self.scorer, beta=self.scorer.beta)  # sacreBLEU's string omits it


@METRICS.register("chrfpp")
class ChrFPlusPlus(ChrF):
    """chrF with word 1- and 2-grams beside the characters (Popović, 2017)."""

    name = "chrfpp"
    label = "chrF++"
    word_order = 2
    n_columns = 24
