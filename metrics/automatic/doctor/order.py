"""One changed word costs less than half of the text."""

import numpy as np

from metrics.automatic.doctor import CHECKS
from metrics.automatic.doctor.base import NOTHING, Check, Finding, Patient
from metrics.automatic.doctor.half import first_half
from metrics.automatic.doctor.letters import other_script

FEWEST_WORDS = 8


@CHECKS.register("order")
class Order(Check):
    """On texts of at least eight words: fewer can differ by either in four-grams."""

    name = "order"
    label = "a changed word costs less than a lost half"

    def fits(self, text: str, language: str) -> bool:
        return len(text.split()) >= FEWEST_WORDS

    def examine(self, patient: Patient) -> Finding:
        texts = [text for text in patient.texts if self.fits(text, patient.language)]
        if not texts:
            return self.does_not_apply(f"no text of the sample has {FEWEST_WORDS} words")
        word = float(np.mean(patient.losses([_one_word_changed(text) for text in texts], texts)))
        half = float(np.mean(patient.losses([first_half(text) for text in texts], texts)))
        numbers = {"texts": float(len(texts)), "word_costs": word, "half_costs": half}
        if word < half - NOTHING:
            return self.passed(**numbers)
        return self.failed(
            "one changed word costs as much as half of the text",
            "take a metric with a graded score, say chrf; a single error drowns the rest here",
            **numbers,
        )


def _one_word_changed(text: str) -> str:
    words = text.split()
    middle = len(words) // 2
    return " ".join([*words[:middle], other_script(words[middle]), *words[middle + 1 :]])
