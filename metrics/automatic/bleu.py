"""BLEU by sacreBLEU (Papineni et al., 2002; Post, 2018)."""

from typing import ClassVar

import numpy as np
from sacrebleu.metrics.bleu import BLEU as SacreBLEU

from metrics.automatic import METRICS
from metrics.automatic.base import FloatArray, choose
from metrics.automatic.sacre import SacreMetric

# sacreBLEU's other tokenizers download a model or need a compiled one.
TOKENIZERS = ("13a", "intl", "char", "none", "zh")
_ORDER = 4


@METRICS.register("bleu")
class BLEU(SacreMetric):
    """Word n-gram precision with brevity penalty, 0-100, higher is better.

    Rows: length of the output, of the closest reference, 4 matches, 4 totals. A segment's own
    score uses effective order, the corpus score does not: a sentence of three words has no
    4-gram to match.
    """

    name = "bleu"
    label = "BLEU"
    n_columns = 2 + 2 * _ORDER
    tokenizer: ClassVar[str] = "13a"

    def __init__(
        self, *, tokenize: str = "", lowercase: bool = False, normalize: str = "none"
    ) -> None:
        tokenize = tokenize or self.tokenizer
        choose(tokenize, TOKENIZERS, option="tokenizer", metric=self.label)
        scorer = SacreBLEU(tokenize=tokenize, lowercase=lowercase, force=True)
        super().__init__(scorer, normalize=normalize)
        self._segment_scorer = SacreBLEU(
            tokenize=tokenize, lowercase=lowercase, effective_order=True, force=True
        )

    def score_sums(self, sums: FloatArray) -> FloatArray:
        return _bleu(sums, effective_order=False)

    def segment_scores(self, statistics: FloatArray) -> FloatArray:
        return _bleu(statistics, effective_order=True)

    def segment_signature(self) -> str:
        return self._sign(self._segment_scorer)


def _bleu(sums: FloatArray, *, effective_order: bool) -> FloatArray:
    scores = (
        SacreBLEU.compute_bleu(
            correct=row[2 : 2 + _ORDER],
            total=row[2 + _ORDER :],
            sys_len=int(row[0]),
            ref_len=int(row[1]),
            smooth_method="exp",
            effective_order=effective_order,
        ).score
        for row in sums.tolist()
    )
    return np.fromiter(scores, dtype=np.float64, count=len(sums))


@METRICS.register("bleu_intl")
class BLEUIntl(BLEU):
    """BLEU with Unicode-aware tokens: splits the danda off. First choice for Marathi, Hindi."""

    name = "bleu_intl"
    label = "BLEU (intl tokens)"
    tokenizer = "intl"


@METRICS.register("bleu_char")
class BLEUChar(BLEU):
    """BLEU over code points, not over what readers call characters; inflated for Devanagari."""

    name = "bleu_char"
    label = "BLEU (code points)"
    tokenizer = "char"
