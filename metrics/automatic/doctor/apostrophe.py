"""The apostrophe as typed and as printed."""

from metrics.automatic.doctor import CHECKS
from metrics.automatic.doctor.base import SameCheck


@CHECKS.register("apostrophe")
class Apostrophe(SameCheck):
    """d'fhéach and d’fhéach; in languages whose words have one within."""

    name = "apostrophe"
    label = "both apostrophes score alike"
    absent = "an apostrophe"
    cause = "a word with ' and the same word with ’ are different to the metric"
    languages = frozenset({"ga", "gd", "gv"})

    def variant(self, text: str) -> str:
        return text.replace("'", "’") if "'" in text else text.replace("’", "'")
