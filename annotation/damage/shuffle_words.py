"""Words out of order."""

import random
from collections.abc import Sequence
from itertools import pairwise

from django.utils.translation import gettext_lazy as _

from annotation.damage import DAMAGES
from annotation.damage.base import Damage, Edit, Plan, seen, severity_at, words_in
from annotation.spans import Span

# Marathi and Hindi may turn phrases round: fewer words out of order can still be a sentence.
FEWEST = 5
TRIES = 100


@DAMAGES.register("shuffle_words")
class ShuffleWords(Damage):
    """Half of the words are major, all critical.

    No word keeps the word that followed it, and the last (the verb, in Marathi) is moved.
    """

    label = _("words out of order")
    severities = ("major", "critical")

    def fits(self, text: str, source: str, language: str) -> bool:
        return len({seen(text[slice(*word)]) for word in words_in(text)}) >= FEWEST

    def plan(
        self, text: str, strength: float, rng: random.Random, source: str, others: Sequence[str]
    ) -> Plan | None:
        words = words_in(text)
        if not self.fits(text, source, ""):
            return None
        share = 1.0 if severity_at(strength) == "critical" else 0.5
        width = max(FEWEST, round(share * len(words)))
        first = rng.randrange(len(words) - width + 1)
        edit = _out_of_order(text, words[first : first + width], rng)
        return Plan([edit], "critical" if width == len(words) else "major")


def _out_of_order(text: str, window: Sequence[Span], rng: random.Random) -> Edit:
    """The window's words in another order, its punctuation in place."""
    order = list(range(len(window)))
    for _attempt in range(TRIES):
        rng.shuffle(order)
        if order[-1] != len(order) - 1 and all(b != a + 1 for a, b in pairwise(order)):
            break
    else:
        order.sort(reverse=True)
    now = [text[start:end] for start, end in window]
    gaps = [text[a[1] : b[0]] for a, b in pairwise(window)]
    new = "".join(now[i] + gap for i, gap in zip(order, [*gaps, ""], strict=True))
    return Edit(window[0][0], window[-1][1], new)
