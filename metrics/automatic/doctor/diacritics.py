"""Vowel signs and diacritics are read: losing them costs, and so does exchanging them."""

import unicodedata

from metrics.automatic.doctor import CHECKS
from metrics.automatic.doctor.base import CostCheck

_VOWELS = "aeiou"
_SIGNS = "ािीुूेैोौ"  # Devanagari vowel signs
_NEXT = {
    sign: signs[(i + 1) % len(signs)]
    for signs in (_VOWELS, _VOWELS.upper(), _SIGNS)
    for i, sign in enumerate(signs)
}


@CHECKS.register("marks_lost")
class MarksLost(CostCheck):
    """Every combining mark taken away: शाळेत becomes शळत, Tá becomes Ta."""

    name = "marks_lost"
    label = "losing all diacritics and vowel signs costs"
    absent = "diacritics or vowel signs"
    cause = "a text without its diacritics and vowel signs scores as well as the whole text"

    def variant(self, text: str) -> str:
        kept = (c for c in unicodedata.normalize("NFD", text) if unicodedata.category(c)[0] != "M")
        bare = "".join(kept)
        return text if bare == unicodedata.normalize("NFD", text) else bare


@CHECKS.register("marks_changed")
class MarksChanged(CostCheck):
    """Every marked vowel made another one: Tá becomes Té, शाळेत becomes शिळैत.

    Famous failure: ROUGE whose words are a-z and 0-9 gives Té beside Tá the best score.
    """

    name = "marks_changed"
    label = "another accented vowel or vowel sign costs"
    absent = "accented vowels or vowel signs"
    cause = "other accented vowels or vowel signs make another word, and the score does not change"

    def variant(self, text: str) -> str:
        parts = list(unicodedata.normalize("NFD", text))
        changed = list(parts)
        for i, char in enumerate(parts):
            marked = i + 1 < len(parts) and "\u0300" <= parts[i + 1] <= "\u036f"
            if char in _SIGNS or (marked and char in _NEXT):
                changed[i] = _NEXT[char]
        return text if changed == parts else unicodedata.normalize("NFC", "".join(changed))
