"""Words of the source left as they were, or the whole source for an answer."""

import random
from collections.abc import Sequence

from django.utils.translation import gettext_lazy as _

from annotation.damage import DAMAGES
from annotation.damage.base import Damage, Edit, Plan, seen, severity_at, words_in
from common.languages import guess_language
from common.text import is_devanagari, words


@DAMAGES.register("untranslated")
class Untranslated(Damage):
    """One word is minor, several are major, the whole text is critical.

    For sources in another language only: by their script or, within one, by their little words.
    """

    label = _("source words left untranslated")

    def fits(self, text: str, source: str, language: str) -> bool:
        if not words(text) or not words(source):
            return False
        if is_devanagari(text) != is_devanagari(source):
            return True
        return guess_language(source) not in ("", language)

    def plan(
        self, text: str, strength: float, rng: random.Random, source: str, others: Sequence[str]
    ) -> Plan | None:
        severity = severity_at(strength)
        if severity == "critical":
            return Plan([Edit(0, len(text), source)], severity)
        theirs = [source[slice(*word)] for word in words_in(source)]
        ours = words_in(text)
        edits = [
            Edit(start, end, theirs[place * len(theirs) // len(ours)])
            for place, (start, end) in enumerate(ours)
            if theirs
        ]
        edits = [edit for edit in edits if seen(edit.new) != seen(text[edit.start : edit.end])]
        rng.shuffle(edits)
        n = 1 if severity == "minor" else max(2, len(edits) // 3)
        edits = edits[:n]
        return Plan(sorted(edits), "major" if len(edits) > 1 else "minor")
