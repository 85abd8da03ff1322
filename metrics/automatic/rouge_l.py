"""ROUGE-L with Unicode words (Lin, 2004)."""

import rapidfuzz
from rapidfuzz.distance import LCSseq

from metrics.automatic import METRICS
from metrics.automatic.rouge_words import RougeMetric


@METRICS.register("rougeL")
class RougeL(RougeMetric):
    """F1 of the longest common subsequence of words, 0-1, higher is better; best reference.

    Corpus score: mean over segments. Where neither text has a word, 1 if they are equal, else 0.
    """

    name = "rougeL"
    label = "ROUGE-L"

    def f1(self, hypothesis: tuple[str, ...], reference: tuple[str, ...]) -> float:
        return 2.0 * _common(hypothesis, reference) / (len(hypothesis) + len(reference))

    def signature(self) -> str:
        return self.signed(lcs=f"rapidfuzz.{rapidfuzz.__version__}")


def _common(first: tuple[str, ...], second: tuple[str, ...]) -> int:
    """Length of the longest common subsequence; words become numbers, for speed."""
    ids: dict[str, int] = {}
    number = [[ids.setdefault(word, len(ids)) for word in side] for side in (first, second)]
    return LCSseq.similarity(*number)
