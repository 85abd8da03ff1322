"""A phrase said again, as a model that loops does."""

import random
from collections.abc import Sequence

from django.utils.translation import gettext_lazy as _

from annotation.damage import DAMAGES
from annotation.damage.base import Damage, Edit, Plan, severity_at, words_in

LONGEST_PHRASE = 4
TIMES = {"minor": 1, "major": 3, "critical": 8}


@DAMAGES.register("repeat_phrase")
class RepeatPhrase(Damage):
    label = _("a phrase repeated")

    def fits(self, text: str, source: str, language: str) -> bool:
        return bool(words_in(text))

    def plan(
        self, text: str, strength: float, rng: random.Random, source: str, others: Sequence[str]
    ) -> Plan | None:
        words = words_in(text)
        if not words:
            return None
        severity = severity_at(strength)
        shortest = min(len(words), 1 if severity == "minor" else 2)
        longest = min(len(words), 2 if severity == "minor" else LONGEST_PHRASE)
        length = rng.randint(shortest, longest)
        first = rng.randrange(len(words) - length + 1)
        start, end = words[first][0], words[first + length - 1][1]
        again = f" {text[start:end]}" * TIMES[severity]
        return Plan([Edit(end, end, again)], severity)
