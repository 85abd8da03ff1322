"""Words left out."""

import math
import random
from collections.abc import Sequence

from django.utils.translation import gettext_lazy as _

from annotation.damage import DAMAGES
from annotation.damage.base import Damage, Edit, Plan, severity_at, words_in

STOPS = tuple(",.;:!?।॥…)]”’»")
CRITICAL_SHARE, MAJOR_SHARE = 0.5, 0.3


@DAMAGES.register("delete_words")
class DeleteWords(Damage):
    """Severity by the share of words that are missing."""

    label = _("words left out")

    def fits(self, text: str, source: str, language: str) -> bool:
        return len(words_in(text)) >= 2

    def plan(
        self, text: str, strength: float, rng: random.Random, source: str, others: Sequence[str]
    ) -> Plan | None:
        words = words_in(text)
        if len(words) < 2:
            return None
        n = 1
        if severity_at(strength) != "minor":
            n = min(len(words) - 1, max(2, math.ceil(0.7 * strength * len(words))))
        gone = sorted(rng.sample(words, n))
        holes = _merged([_hole(text, *word) for word in gone])
        edits = [_before_stop(text, hole) for hole in holes]
        return Plan(edits, severity_of(n, len(words)))


def severity_of(n_gone: int, n_words: int) -> str:
    """How bad it is that so many of the words are missing."""
    share = n_gone / n_words
    return "critical" if share >= CRITICAL_SHARE else "major" if share >= MAJOR_SHARE else "minor"


def _hole(text: str, start: int, end: int) -> Edit:
    """The word with the blanks after it or, before a full stop, with those before it."""
    after = text[end:]
    if after[:1].isspace():
        return Edit(start, end + len(after) - len(after.lstrip()), "")
    return Edit(len(text[:start].rstrip()), end, "")


def _before_stop(text: str, hole: Edit) -> Edit:
    """Without the blanks that would be left standing before a comma or a full stop."""
    if text[hole.end : hole.end + 1] in STOPS:
        return hole._replace(start=len(text[: hole.start].rstrip()))
    return hole


def _merged(holes: list[Edit]) -> list[Edit]:
    merged: list[Edit] = []
    for hole in sorted(holes):
        if merged and hole.start <= merged[-1].end:
            hole = Edit(merged[-1].start, max(hole.end, merged[-1].end), "")
            merged.pop()
        merged.append(hole)
    return merged
