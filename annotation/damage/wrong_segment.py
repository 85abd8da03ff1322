"""Another segment's output: fluent, and about something else."""

import random
from collections.abc import Sequence

from django.utils.translation import gettext_lazy as _

from annotation.damage import DAMAGES
from annotation.damage.base import Damage, Edit, Plan, seen
from common.text import words

MOST_IN_COMMON = 0.5


@DAMAGES.register("wrong_segment")
class WrongSegment(Damage):
    """Outputs that share half their words with this one might answer it and are left out."""

    label = _("another segment's output")
    severities = ("critical",)

    def fits(self, text: str, source: str, language: str) -> bool:
        return bool(words(text))

    def plan(
        self, text: str, strength: float, rng: random.Random, source: str, others: Sequence[str]
    ) -> Plan | None:
        own = set(words(seen(text).casefold()))
        strange = [other for other in others if _in_common(own, other) < MOST_IN_COMMON]
        if not strange:
            return None
        return Plan([Edit(0, len(text), rng.choice(strange))], "critical")


def _in_common(own: set[str], other: str) -> float:
    theirs = set(words(seen(other).casefold()))
    return len(own & theirs) / min(len(own), len(theirs)) if own and theirs else 1.0
