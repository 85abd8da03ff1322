"""BLEU (Papineni et al., 2002), to the last bit as sacreBLEU computes it (Post, 2018).

Tokens, options and signature are sacreBLEU's; the n-grams are counted by our own code, which is
faster, and the tests compare every number with its own.
"""

import math
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import ClassVar

import numpy as np
from sacrebleu.metrics.bleu import BLEU as SacreBLEU

from metrics.automatic import METRICS
from metrics.automatic.base import FloatArray, Metric, Pair, choose
from metrics.automatic.ngrams import n_grams, shared_words
from metrics.automatic.pieces import PIECES, Pieces
from metrics.automatic.sacre import SacreMetric

# sacreBLEU's other tokenizers download a model or need a compiled one.
TOKENIZERS = ("13a", "intl", "char", "none", "zh")
_ORDER = 4
_NO_LOG = -9999999999.0  # what sacreBLEU takes for the logarithm of 0
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

    def retokenized(self) -> Iterator[tuple[str, Metric]]:
        if self.scorer.tokenizer_signature != "intl":
            lowercase = self.scorer.lowercase
            other = BLEU(tokenize="intl", lowercase=lowercase, normalize=self.normalize)
            yield "tokenize=intl", other

    def _scorer(self, tokenize: str, lowercase: bool, effective_order: bool = False) -> SacreBLEU:
        known = "none" if self._pieces else tokenize
        scorer = SacreBLEU(
            tokenize=known, lowercase=lowercase, force=True, effective_order=effective_order
        )
        if self._pieces:
            scorer.tokenizer = self._pieces
            scorer.tokenizer_signature = self._pieces.signature()
        return scorer

    def statistics(self, pairs: Sequence[Pair]) -> FloatArray:
        self.check(pairs)
        outputs = [self._words(pair.hypothesis) for pair in pairs]
        references = [[self._words(text) for text in pair.references] for pair in pairs]
        rows = np.zeros((len(pairs), self.n_columns))
        if not pairs:
            return rows
        sizes = [len(words) for words in outputs]
        rows[:, 0] = sizes
        rows[:, 1] = [_nearest(n, sides) for n, sides in zip(sizes, references, strict=True)]
        if all(len(sides) == 1 for sides in references):
            rows[:, 2:6] = shared_words(outputs, [sides[0] for sides in references], _ORDER)
        else:
            rows[:, 2:6] = list(map(_matches, outputs, references))
        rows[:, 6:] = n_grams(sizes, _ORDER)
        return rows

    def _words(self, text: str) -> list[str]:
        return self.scorer._preprocess_segment(self.clean(text)).split()

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
    scores = (_score(row, effective_order) for row in sums.tolist())
    return np.fromiter(scores, dtype=np.float64, count=len(sums))


def _score(row: list[float], effective_order: bool) -> float:
    """Smoothed as in mteval ("exp"): the k-th order without a match counts 1 / 2^k matches."""
    n_hyp, n_ref, correct, total = int(row[0]), int(row[1]), row[2:6], row[6:]
    if not any(correct):
        return 0.0
    brevity = math.exp(1 - n_ref / n_hyp) if n_hyp < n_ref else 1.0
    smooth, used, logs = 1.0, _ORDER, [_NO_LOG] * _ORDER
    for order in range(_ORDER):
        if total[order] == 0:
            break
        if effective_order:
            used = order + 1
        if correct[order]:
            precision = 100.0 * correct[order] / total[order]
        else:
            smooth *= 2
            precision = 100.0 / (smooth * total[order])
        logs[order] = math.log(precision)
    return brevity * math.exp(sum(logs[:used]) / used)


def _nearest(n_hyp: int, references: Sequence[list[str]]) -> int:
    """The reference length nearest to the output's, the shorter of two."""
    return min(map(len, references), key=lambda length: (abs(n_hyp - length), length))


def _matches(output: list[str], references: Sequence[list[str]]) -> list[int]:
    """n-grams matched in any of several references, each as often as the one that has it most."""
    found = []
    for n in range(1, _ORDER + 1):
        most: Counter[tuple[str, ...]] = Counter()
        for words in references:
            most |= Counter(_grams(words, n))
        found.append((Counter(_grams(output, n)) & most).total())
    return found


def _grams(words: list[str], n: int) -> Iterator[tuple[str, ...]]:
    return zip(*(words[i:] for i in range(n)), strict=False)


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
