"""Marathi and Hindi vowel signs of the wrong length, the wrong sign, or no anusvara."""

from django.utils.translation import gettext_lazy as _

from annotation.damage import DAMAGES
from annotation.damage.base import WordDamage

ANUSVARA = "ं"
LENGTH = {"ि": "ी", "ी": "ि", "ु": "ू", "ू": "ु", "इ": "ई", "ई": "इ", "उ": "ऊ", "ऊ": "उ"}
OTHER_SIGN = {"ा": "े", "े": "ा", "ो": "े", "ै": "े", "ौ": "ो"}


@DAMAGES.register("matra")
class Matra(WordDamage):
    """Signs are exchanged within their character, so that no conjunct is broken up."""

    label = _("Devanagari: wrong vowel sign or length, anusvara left out")
    languages = frozenset({"mr", "hi"})

    def wrong_forms(self, word: str) -> list[str]:
        without = [
            word[:place] + word[place + 1 :]
            for place, sign in enumerate(word)
            if sign == ANUSVARA and place
        ]
        return _exchanged(word, LENGTH) + without

    def other_forms(self, word: str, before: str) -> list[str]:
        return _exchanged(word, OTHER_SIGN)


def _exchanged(word: str, signs: dict[str, str]) -> list[str]:
    return [
        word[:place] + signs[sign] + word[place + 1 :]
        for place, sign in enumerate(word)
        if sign in signs
    ]
