"""ROUGE-1 and ROUGE-2 with Unicode words (Lin, 2004)."""

from collections import Counter
from typing import ClassVar

from metrics.automatic import METRICS
from metrics.automatic.rouge_words import RougeMetric


@METRICS.register("rouge1")
class Rouge1(RougeMetric):
    """F1 of the bags of words, 0-1, higher is better; best reference, mean over segments.

    Where neither text has a word, 1 if they are equal, else 0.
    """

    name = "rouge1"
    label = "ROUGE-1"
    order: ClassVar[int] = 1

    def f1(self, hypothesis: tuple[str, ...], reference: tuple[str, ...]) -> float:
        hyp, ref = self._ngrams(hypothesis), self._ngrams(reference)
        n = hyp.total() + ref.total()
        return 2.0 * (hyp & ref).total() / n if n else float(hypothesis == reference)

    def _ngrams(self, words: tuple[str, ...]) -> Counter[tuple[str, ...]]:
        return Counter(zip(*(words[i:] for i in range(self.order)), strict=False))

    def signature(self) -> str:
        return self.signed(n=self.order)


@METRICS.register("rouge2")
class Rouge2(Rouge1):
    """F1 of the bags of word pairs, 0-1, higher is better; best reference, mean over segments.

    Where neither text has two words, 1 if their words are equal, else 0.
    """

    name = "rouge2"
    label = "ROUGE-2"
    order = 2
