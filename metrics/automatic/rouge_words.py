"""What ROUGE-1, ROUGE-2 and ROUGE-L share: Unicode words (Lin, 2004).

The usual package keeps only a-z and 0-9: every Marathi sentence loses all its words, an Irish
one its long vowels.
"""

from abc import abstractmethod
from collections.abc import Iterator
from functools import lru_cache

from common.text import words
from metrics.automatic.base import MeanMetric, Metric, choose

TOKENIZERS = ("unicode", "whitespace")


class RougeMetric(MeanMetric):
    """F1 of what two texts' words have in common, 0-1, higher is better; best reference.

    Parameters
    ----------
    tokens : "unicode" (letters, marks, digits and joiners, after casefold) or "whitespace"
        (lower-cased and split on white space; punctuation stays on its word)
    """

    unit = "F1, 0-1"

    def __init__(self, *, tokens: str = "unicode", normalize: str = "nfc") -> None:
        super().__init__(normalize=normalize)
        self.tokens = choose(tokens, TOKENIZERS, option="tokenizer", metric=self.label)

    def retokenized(self) -> Iterator[tuple[str, Metric]]:
        if self.tokens != "unicode":
            yield "tokens=unicode", type(self)(normalize=self.normalize)

    @abstractmethod
    def f1(self, hypothesis: tuple[str, ...], reference: tuple[str, ...]) -> float:
        """F1 of two texts of which at least one has a word."""

    def compare(self, hypothesis: str, reference: str) -> float:
        sides = [_words(self.clean(text), self.tokens) for text in (hypothesis, reference)]
        if not any(sides):
            return float(self.clean(hypothesis).strip() == self.clean(reference).strip())
        return self.f1(*sides)

    def signed(self, **parts: object) -> str:
        case = "fold" if self.tokens == "unicode" else "lower"
        return super().signed(agg="mean", tok=self.tokens, case=case, stem="no", **parts)


@lru_cache(maxsize=8192)  # the references come again with every system
def _words(text: str, tokens: str) -> tuple[str, ...]:
    return tuple(words(text.casefold()) if tokens == "unicode" else text.lower().split())
