"""A danda with or without a space before it."""

import re

from metrics.automatic.doctor import CHECKS
from metrics.automatic.doctor.base import DEVANAGARI_LANGUAGES, SameCheck

_GLUED = re.compile(r"(?<=[^\s।॥])(?=[।॥])")
_SPACED = re.compile(r"(?<!\s)\s+(?=[।॥])")


@CHECKS.register("danda")
class Danda(SameCheck):
    """आहे। and आहे । are the same sentence. Famous failure: BLEU's 13a keeps it on its word."""

    name = "danda"
    label = "a space before the danda changes nothing"
    absent = "a danda"
    cause = "the tokenizer takes a danda on its word and one after a space for different words"
    languages = DEVANAGARI_LANGUAGES | {"bn", "as", "or", "pa"}

    def variant(self, text: str) -> str:
        return _GLUED.sub(" ", text) if _GLUED.search(text) else _SPACED.sub("", text)
