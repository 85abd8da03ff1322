"""Vowel signs, anusvara, fada and accents that one side has and the other lacks."""

import unicodedata
from functools import lru_cache

from metrics.causes import CAUSES, words
from metrics.causes.base import NOTHING, Case, Cause, Finding, listed, shown
from metrics.causes.spelling import paired

# Length is the commonest slip of Devanagari typists; the sign itself is still there.
_LENGTH = str.maketrans({"ी": "ि", "ू": "ु", "ई": "इ", "ऊ": "उ"})


@CAUSES.register("diacritics")
class Diacritics(Cause):
    """Words that are the other side's but for marks left out, or for the length of a vowel."""

    label = words.gettext_noop("Diacritics or vowel signs")
    about = words.gettext_noop(
        "share of the differing words that only lack marks or have a vowel of another length"
    )
    shown_from = 0.3
    rank = 20

    def find(self, case: Case) -> Finding:
        pairs = [pair for pair in paired(*case.really_differing, skeleton) if is_slip(*pair)]
        if not pairs:
            return NOTHING
        lost = sum(n_marks(theirs) < n_marks(ours) for ours, theirs in pairs)
        evidence = shown(pairs)
        return Finding(
            2 * len(pairs) / case.n_differing,
            words.ngettext(
                "%(n)s word differs from the reference only in diacritics or vowel signs "
                "(%(lost)s lost here): %(words)s.",
                "%(n)s words differ from the reference only in diacritics or vowel signs "
                "(%(lost)s lost here): %(words)s.",
                len(pairs),
                lost=lost,
                words=listed(evidence, len(pairs)),
            ),
            evidence,
            2 * len(pairs) / case.n_words,
        )


@lru_cache(maxsize=100_000)
def skeleton(word: str) -> str:
    """The word without any mark; vowels of one kind are one length."""
    if word.isascii():
        return word
    parts = unicodedata.normalize("NFD", word.translate(_LENGTH))
    return "".join(char for char in parts if not unicodedata.category(char).startswith("M"))


def is_slip(ours: str, theirs: str) -> bool:
    """Whether one of two words is the other with nothing but marks left out.

    A vowel sign more at the end, or two marks less, is an ending: रसायन, रसायनों.
    """
    if skeleton(ours) != skeleton(theirs):
        return False
    one, other = (unicodedata.normalize("NFD", word.translate(_LENGTH)) for word in (ours, theirs))
    short, long = sorted((one, other), key=len)
    rest = iter(long)
    if not all(char in rest for char in short):
        return False
    ending = long[len(short) :] if long.startswith(short) else ""
    vowels = [char for char in ending if "\u093e" <= char <= "\u094c"]
    return not vowels or (len(ending) == 1 and long == one)


def n_marks(word: str) -> int:
    parts = unicodedata.normalize("NFD", word)
    return sum(unicodedata.category(char).startswith("M") for char in parts)
