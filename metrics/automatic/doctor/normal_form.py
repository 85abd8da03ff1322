"""Composed and decomposed letters are the same to a reader."""

import unicodedata

from metrics.automatic.doctor import CHECKS
from metrics.automatic.doctor.base import SameCheck


@CHECKS.register("normal_form")
class NormalForm(SameCheck):
    """á as one code point or as two; the text in whichever form it is not."""

    name = "normal_form"
    label = "composed and decomposed letters score alike"
    absent = "letters with two encodings"
    cause = "a letter as one code point and the same letter as two are different to the metric"

    def variant(self, text: str) -> str:
        composed = unicodedata.normalize("NFC", text)
        return unicodedata.normalize("NFD", text) if text == composed else composed
