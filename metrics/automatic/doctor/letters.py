"""Letters exchanged for others, for texts that must score differently."""

import regex

_LETTER = regex.compile(r"[\p{L}\p{M}]")
_LATIN = regex.compile(r"[\p{Script=Latin}\p{Script=Inherited}]")
_TO_LATIN = "abcdefghijklmnoprstuvz"
_TO_DEVANAGARI = "कखगघचछजझटठडढतथदधनपफबमयरलवसह"


def other_script(text: str) -> str:
    """Every letter and mark exchanged: Latin ones for Devanagari, all others for Latin."""
    return str(_LETTER.sub(_exchanged, text))


def _exchanged(match: "regex.Match[str]") -> str:
    letters = _TO_DEVANAGARI if _LATIN.match(match[0]) else _TO_LATIN
    return letters[ord(match[0]) % len(letters)]
