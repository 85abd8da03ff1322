"""Another script costs."""

from metrics.automatic.doctor import CHECKS
from metrics.automatic.doctor.base import CostCheck
from metrics.automatic.doctor.letters import other_script


@CHECKS.register("script")
class Script(CostCheck):
    """Every letter in another script; digits and punctuation stay.

    Famous failure: two Hindi sentences sharing only "2021" are equal to a metric of a-z and 0-9.
    """

    name = "script"
    label = "text in another script costs"
    absent = "letters"
    cause = "the same text with all letters in another script scores as well"

    def variant(self, text: str) -> str:
        return other_script(text)
