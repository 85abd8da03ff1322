"""Half of the text costs."""

from metrics.automatic.doctor import CHECKS
from metrics.automatic.doctor.base import CostCheck


def first_half(text: str) -> str:
    """The first half of the words; the text itself where it has only one."""
    words = text.split()
    return " ".join(words[: len(words) // 2]) if len(words) > 1 else text


@CHECKS.register("half")
class Half(CostCheck):
    """The second half of the words taken away."""

    name = "half"
    label = "losing half of the text costs"
    absent = "two words"
    cause = "half of a text scores as well as the whole text"

    def variant(self, text: str) -> str:
        return first_half(text)
