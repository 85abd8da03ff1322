"""A clause or sentence left out."""

import math
import random
from collections.abc import Sequence

import regex
from django.utils.translation import gettext_lazy as _

from annotation.damage import DAMAGES
from annotation.damage.base import Damage, Edit, Plan, severity_at, words_in
from annotation.damage.delete_words import severity_of
from annotation.spans import Span

_BREAK = regex.compile(r"[,;:।॥.!?…—–]+[\"'”’)\]]*\s+|\n+")


@DAMAGES.register("delete_clause")
class DeleteClause(Damage):
    """One clause or, if critical, all but one; the text keeps its last full stop."""

    label = _("a clause left out")
    severities = ("major", "critical")

    def fits(self, text: str, source: str, language: str) -> bool:
        return len(_clauses(text)) >= 2

    def plan(
        self, text: str, strength: float, rng: random.Random, source: str, others: Sequence[str]
    ) -> Plan | None:
        clauses = _clauses(text)
        if len(clauses) < 2:
            return None
        n = 1
        if severity_at(strength) == "critical":
            n = max(1, math.ceil(strength * (len(clauses) - 1)))
        first = rng.randrange(len(clauses) - n + 1)
        if first:
            hole = Edit(clauses[first - 1][1], clauses[first + n - 1][1], "")
        else:
            hole = Edit(clauses[0][0], clauses[n][0], "")
        words = words_in(text)
        n_gone = sum(hole.start <= start and end <= hole.end for start, end in words)
        severity = severity_of(n_gone, len(words))
        return Plan([hole], "major" if severity == "minor" else severity)


def _clauses(text: str) -> list[Span]:
    """From the first to the last word of each clause that has one."""
    breaks = [match.start() for match in _BREAK.finditer(text)] + [len(text)]
    clauses: list[Span] = []
    words = words_in(text)
    start = 0
    for end in breaks:
        inside = [word for word in words if start <= word[0] and word[1] <= end]
        if inside:
            clauses.append((inside[0][0], inside[-1][1]))
        start = end
    return clauses
