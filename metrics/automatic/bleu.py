"""BLEU by sacreBLEU (Papineni et al., 2002; Post, 2018)."""

from typing import ClassVar

import numpy as np
from sacrebleu.metrics.bleu import BLEU as SacreBLEU

from metrics.automatic import METRICS
from metrics.automatic.base import FloatArray, choose
from metrics.automatic.pieces import PIECES, Pieces
from metrics.automatic.sacre import SacreMetric

# sacreBLEU's other tokenizers download a model or need a compiled one.
TOKENIZERS = ("13a", "intl", "char", "none", "zh")
_ORDER = 4
_HINT = f"or one of {', '.join(PIECES)} with a SentencePiece file in the option `model`"


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
    scorer: SacreBLEU

    def __init__(
        self,
        *,
        tokenize: str = "",
        model: str = "",
        lowercase: bool = False,
        normalize: str = "none",
    ) -> None:
        """model : SentencePiece file for the tokenizers flores200, flores101 and spm"""
        tokenize = tokenize or self.tokenizer
        self._pieces = Pieces(tokenize, model) if tokenize in PIECES and model else None
        if not self._pieces:
            choose(tokenize, TOKENIZERS, option="tokenizer", metric=self.label, hint=_HINT)
        super().__init__(self._scorer(tokenize, lowercase), normalize=normalize)
        self._segment_scorer = self._scorer(tokenize, lowercase, effective_order=True)

    def _scorer(self, tokenize: str, lowercase: bool, effective_order: bool = False) -> SacreBLEU:
        known = "none" if self._pieces else tokenize
        scorer = SacreBLEU(
            tokenize=known, lowercase=lowercase, force=True, effective_order=effective_order
        )
        if self._pieces:
            scorer.tokenizer = self._pieces
            scorer.tokenizer_signature = self._pieces.signature()
        return scorer

    def score_sums(self, sums: FloatArray) -> FloatArray:
        return _bleu(sums, effective_order=False)

    def segment_scores(self, statistics: FloatArray) -> FloatArray:
        return _bleu(statistics, effective_order=True)

    def signature(self) -> str:
        return self._signed(self.scorer)

    def segment_signature(self) -> str:
        return self._signed(self._segment_scorer)

    def _signed(self, scorer: SacreBLEU) -> str:
        return self._sign(scorer, **({"spm": self._pieces.model_hash} if self._pieces else {}))


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
