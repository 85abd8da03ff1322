"""A seeded rater simulator, for demonstrations and tests only.

What it makes is marked as simulated wherever it is shown. A simulated rater sees what a person
would see, the text and the reference, and values an answer that is right, well formed and a full
sentence; each rater has a severity (a shift), a spread and noise of their own. Nothing in it knows
which system wrote a text.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np

from annotation.protocols.base import Answer
from common.text import map_digits, nfc, words
from models_app.models import Segment

SENTENCE_ENDS = ("।", ".", "?", "!")
FULL_SENTENCE_WORDS = 5


class Quality(NamedTuple):
    """What a rater notices of a text, each from 0 to 1."""

    correct: float
    fluent: float
    full: float

    @property
    def overall(self) -> float:
        return 0.6 * self.correct + 0.2 * self.fluent + 0.2 * self.full


def quality(text: str, segment: Segment) -> Quality:
    """Right: the key's (or the reference's) words stand in the text; fluent: an end, no loops."""
    found = _tokens(text)
    if not found:
        return Quality(0.0, 0.0, 0.0)
    key = _tokens(str(segment.extra.get("short_answer") or ""))
    reference = _tokens(segment.references[0]) if segment.references else []
    correct = _share(key, found) if key else _overlap(reference, found)
    pairs = list(zip(found, found[1:], strict=False))
    repeats = len(pairs) - len(set(pairs))
    ends = text.rstrip().endswith(SENTENCE_ENDS)
    fluent = max(0.0, (0.6 if not ends else 1.0) - 0.3 * repeats)
    wanted = min(FULL_SENTENCE_WORDS, len(reference) or FULL_SENTENCE_WORDS)
    return Quality(correct, fluent, min(1.0, len(found) / wanted))


def _tokens(text: str) -> list[str]:
    return words(map_digits(nfc(text)).casefold())


def _share(wanted: Sequence[str], found: Sequence[str]) -> float:
    """Share of the wanted words that stand in the text, inflected ones too (same first letters)."""
    hits = sum(
        any(
            word[: max(2, len(want) - 1)] in word
            for word in found
            if word.startswith(want[: max(2, len(want) - 1)])
        )
        for want in wanted
    )
    return hits / len(wanted)


def _overlap(reference: Sequence[str], found: Sequence[str]) -> float:
    """F1 of the two sets of words."""
    common = len(set(reference) & set(found))
    return 2 * common / (len(set(reference)) + len(set(found))) if reference else 0.0


@dataclass
class SimulatedRater:
    """One rater: `severity` shifts (0.1 is a tenth of the scale), `noise` blurs every judgement."""

    code: str
    seed: int
    severity: float = 0.0
    noise: float = 0.1
    rng: np.random.Generator = field(init=False)

    def __post_init__(self) -> None:
        self.rng = np.random.default_rng(self.seed)

    def feel(self, value: float) -> float:
        """A value from 0 to 1 as this rater takes it."""
        return float(np.clip(value - self.severity + self.rng.normal(0.0, self.noise), 0.0, 1.0))

    def answer(self, protocol: str, texts: Sequence[str], segment: Segment) -> Answer:
        """An answer of this protocol on the texts in their slots."""
        noticed = [quality(text, segment) for text in texts]
        return ANSWERS[protocol](self, noticed)
