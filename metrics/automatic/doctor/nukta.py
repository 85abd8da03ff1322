"""Letters with a nukta: one code point or two."""

import unicodedata

from metrics.automatic.doctor import CHECKS
from metrics.automatic.doctor.base import DEVANAGARI_LANGUAGES, SameCheck

_COMPOSED = {unicodedata.normalize("NFC", c): c for c in map(chr, range(0x958, 0x960))}


@CHECKS.register("nukta")
class Nukta(SameCheck):
    """क़ as U+0958 or as U+0915 U+093C; the form C of Unicode is the second."""

    name = "nukta"
    label = "both encodings of nukta letters score alike"
    absent = "nukta letters"
    cause = "a nukta letter as one code point and as two are different to the metric"
    languages = DEVANAGARI_LANGUAGES

    def variant(self, text: str) -> str:
        composed = text
        for sequence, letter in _COMPOSED.items():
            composed = composed.replace(sequence, letter)
        if composed != text:
            return composed
        for sequence, letter in _COMPOSED.items():
            text = text.replace(letter, sequence)
        return text
