"""Exact match of short answers, after the normalisation of token F1."""

from metrics.automatic import METRICS
from metrics.automatic.token_f1 import AnswerMetric


@METRICS.register("exact_match")
class ExactMatch(AnswerMetric):
    """Share of answers equal to a reference, 0-1, higher is better.

    Equal means: the same words in the same order, whatever the case, punctuation and digits.
    """

    name = "exact_match"
    label = "Exact match"
    exempt = frozenset({"order"})  # one changed word is as wrong as any

    def compare(self, hypothesis: str, reference: str) -> float:
        return float(self.tokens(hypothesis) == self.tokens(reference))
