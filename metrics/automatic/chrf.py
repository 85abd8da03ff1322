"""chrF and chrF++ (Popović, 2015 and 2017), to the last bit as sacreBLEU computes them.

The n-grams are counted by our own code, which is faster; options, signature and the treatment
of punctuation are sacreBLEU's, and the tests compare every number with its own.
"""

from collections.abc import Sequence

import numpy as np
from sacrebleu.metrics.chrf import CHRF

from metrics.automatic import METRICS
from metrics.automatic.base import FloatArray, Pair, ratio
from metrics.automatic.ngrams import IntArray, n_grams, shared_characters, shared_words
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

    def statistics(self, pairs: Sequence[Pair]) -> FloatArray:
        self.check(pairs)
        prepare = self.scorer._preprocess_segment
        owners = [i for i, pair in enumerate(pairs) for _ in pair.references]
        outputs = [prepare(self.clean(pair.hypothesis)) for pair in pairs]
        references = [prepare(self.clean(text)) for pair in pairs for text in pair.references]
        rows = self._rows([outputs[i] for i in owners], references)
        if len(rows) == len(pairs):
            return rows
        return rows[_best(owners, self.score_sums(rows), len(pairs))]

    def _rows(self, outputs: Sequence[str], references: Sequence[str]) -> FloatArray:
        shared = shared_characters(outputs, references, CHRF.CHAR_ORDER)
        rows = _rows(_letters(outputs), _letters(references), shared)
        if not self.word_order:
            return rows
        hyps, refs = map(self._words, (outputs, references))
        shared = shared_words(hyps, refs, self.word_order)
        return np.hstack([rows, _rows(list(map(len, hyps)), list(map(len, refs)), shared)])

    def _words(self, texts: Sequence[str]) -> list[list[str]]:
        return [self.scorer._remove_punctuation(text) for text in texts]

    def score_sums(self, sums: FloatArray) -> FloatArray:
        return chrf_scores(sums, self.scorer.beta)

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


def chrf_scores(sums: FloatArray, beta: int) -> FloatArray:
    """(b,) scores of (b, 3 * orders) sums of rows; the same steps as sacreBLEU's, in its order."""
    precision, recall, n_orders = (np.zeros(len(sums)) for _ in range(3))
    for order in range(0, sums.shape[1], 3):
        n_hyp, n_ref, n_both = sums[:, order], sums[:, order + 1], sums[:, order + 2]
        counted = (n_hyp > 0) & (n_ref > 0)
        precision += np.where(counted, np.nan_to_num(ratio(n_both, n_hyp)), 0.0)
        recall += np.where(counted, np.nan_to_num(ratio(n_both, n_ref)), 0.0)
        n_orders += counted
    factor = beta**2
    precision = np.nan_to_num(ratio(precision, n_orders))
    recall = np.nan_to_num(ratio(recall, n_orders))
    score = ratio((1 + factor) * precision * recall, factor * precision + recall)
    return 100 * np.nan_to_num(score)


def _letters(texts: Sequence[str]) -> list[int]:
    return [sum(map(len, text.split())) for text in texts]


def _rows(hyp_lengths: Sequence[int], ref_lengths: Sequence[int], shared: IntArray) -> FloatArray:
    """(n, 3 * order); an order the reference does not have is not counted in the output."""
    order = shared.shape[1]
    n_hyp, n_ref = n_grams(hyp_lengths, order), n_grams(ref_lengths, order)
    counts = [np.where(n_ref > 0, n_hyp, 0), n_ref, shared]
    return np.stack(counts, axis=2).reshape(len(shared), 3 * order).astype(np.float64)


def _best(owners: Sequence[int], scores: FloatArray, n: int) -> list[int]:
    """For each of n segments, the place of its best reference, the first of equals."""
    best: dict[int, int] = {}
    for place, owner in enumerate(owners):
        if owner not in best or scores[place] > scores[best[owner]]:
            best[owner] = place
    return [best[owner] for owner in range(n)]
