"""Joiners that change the look of a letter a little, or nothing."""

from common.text import EYELASH_RA, ZWJ, ZWNJ
from metrics.automatic.doctor import CHECKS
from metrics.automatic.doctor.base import DEVANAGARI_LANGUAGES, SameCheck

_RA_VIRAMA_ZWJ = "\u0930\u094d\u200d"


@CHECKS.register("joiners")
class Joiners(SameCheck):
    """The text without its zero-width joiners; the eyelash ra has a check of its own."""

    name = "joiners"
    label = "zero-width joiners change nothing"
    absent = "a zero-width joiner"
    cause = "a word with an invisible joiner and the same word without are different to the metric"
    languages = DEVANAGARI_LANGUAGES

    def variant(self, text: str) -> str:
        kept = text.replace(_RA_VIRAMA_ZWJ, "\0")
        return kept.replace(ZWJ, "").replace(ZWNJ, "").replace("\0", _RA_VIRAMA_ZWJ)


@CHECKS.register("eyelash_ra")
class EyelashRa(SameCheck):
    """दुसऱ्या written with RRA, or with RA and a joiner; composition does not make them one."""

    name = "eyelash_ra"
    label = "both encodings of the eyelash ra score alike"
    absent = "an eyelash ra"
    cause = "the eyelash ra as RRA and as RA with a joiner are different letters to the metric"
    languages = frozenset({"mr", "ne", "kok"})

    def variant(self, text: str) -> str:
        if _RA_VIRAMA_ZWJ in text:
            return text.replace(_RA_VIRAMA_ZWJ, EYELASH_RA)
        return text.replace(EYELASH_RA, _RA_VIRAMA_ZWJ)
