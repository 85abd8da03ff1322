"""ROUGE-L with Unicode words (Lin, 2004).

The usual package keeps only a-z and 0-9: every Marathi sentence loses all its words, an Irish
one its long vowels.
"""

import rapidfuzz
from rapidfuzz.distance import LCSseq

from common.text import words
from metrics.automatic import METRICS
from metrics.automatic.base import MeanMetric, choose

TOKENIZERS = ("unicode", "whitespace")


@METRICS.register("rougeL")
class RougeL(MeanMetric):
    """F1 of the longest common subsequence of words, 0-1, higher is better; best reference.

    Corpus score: mean over segments. Where neither text has a word, 1 if they are equal, else 0.

    Parameters
    ----------
    tokens : "unicode" (letters, marks, digits and joiners, after casefold) or "whitespace"
        (lower-cased and split on white space; punctuation stays on its word)
    """

    name = "rougeL"
    label = "ROUGE-L"
    unit = "F1, 0-1"

    def __init__(self, *, tokens: str = "unicode", normalize: str = "nfc") -> None:
        super().__init__(normalize=normalize)
        self.tokens = choose(tokens, TOKENIZERS, option="tokenizer", metric=self.label)

    def compare(self, hypothesis: str, reference: str) -> float:
        hyp, ref = self._words(hypothesis), self._words(reference)
        if not hyp and not ref:
            return float(self.clean(hypothesis).strip() == self.clean(reference).strip())
        return 2.0 * _common(hyp, ref) / (len(hyp) + len(ref))

    def _words(self, text: str) -> list[str]:
        text = self.clean(text)
        return words(text.casefold()) if self.tokens == "unicode" else text.lower().split()

    def signature(self) -> str:
        case = "fold" if self.tokens == "unicode" else "lower"
        library = f"rapidfuzz.{rapidfuzz.__version__}"
        return self.signed(agg="mean", tok=self.tokens, case=case, stem="no", lcs=library)


def _common(first: list[str], second: list[str]) -> int:
    """Length of the longest common subsequence; words become numbers, for speed."""
    ids: dict[str, int] = {}
    number = [[ids.setdefault(word, len(ids)) for word in side] for side in (first, second)]
    return LCSseq.similarity(*number)
