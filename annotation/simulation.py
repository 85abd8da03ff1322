"""A seeded rater simulator, for demonstrations and tests only.

What it makes is marked as simulated wherever it is shown. A simulated rater sees what a person
would see, the text and the reference, and values an answer that is right, well formed and a full
sentence; each rater has a severity (a shift), a spread and noise of their own. Nothing in it knows
which system wrote a text.
"""

import itertools
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np

from annotation.models import Annotator, Campaign
from annotation.protocols.base import Answer
from annotation.services import next_assignment, submit_rating
from common.text import map_digits, nfc, words
from models_app.models import Segment

NAMESPACE = uuid.UUID("b1f0a5de-5a8e-4a55-9a57-3c1c7c2f6a01")
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
    reference = _tokens(segment.references[0]) if segment.references else []
    is_key = "sentence" in segment.extra  # the reference is a terse key: it has to be in there
    correct = _share(reference, found) if is_key and reference else _overlap(reference, found)
    pairs = list(itertools.pairwise(found))
    repeats = len(pairs) - len(set(pairs))
    ends = text.rstrip().endswith(SENTENCE_ENDS)
    fluent = max(0.0, (0.6 if not ends else 1.0) - 0.3 * repeats)
    wanted = FULL_SENTENCE_WORDS if is_key else min(FULL_SENTENCE_WORDS, len(reference) or 1)
    return Quality(correct, fluent, min(1.0, len(found) / wanted))


def _tokens(text: str) -> list[str]:
    return words(map_digits(nfc(text)).casefold())


def _share(wanted: Sequence[str], found: Sequence[str]) -> float:
    """Share of the wanted words that stand in the text, inflected ones (same beginning) too."""
    stems = [word[: max(2, len(word) - 1)] for word in wanted]
    return sum(any(word.startswith(stem) for word in found) for stem in stems) / len(stems)


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
        return ANSWERS[protocol](self, [quality(text, segment) for text in texts])


TIE_WITHIN, MUCH = 0.06, 0.3


def _sqm(rater: SimulatedRater, noticed: Sequence[Quality]) -> Answer:
    return {"score": round(6 * rater.feel(noticed[0].overall))}


def _sidebyside(rater: SimulatedRater, noticed: Sequence[Quality]) -> Answer:
    felt = [rater.feel(quality.overall) for quality in noticed]
    gap = felt[0] - felt[1]
    if abs(gap) < TIE_WITHIN:
        return {"better": "tie"}
    return {"better": int(gap < 0), "strength": "much" if abs(gap) > MUCH else "slightly"}


def _questionnaire(rater: SimulatedRater, noticed: Sequence[Quality]) -> Answer:
    def points(value: float) -> int:
        return 1 + round(4 * rater.feel(value))

    outputs = {
        str(slot): {
            "correctness": points(seen.correct),
            "fluency": points(seen.fluent * (0.5 + 0.5 * seen.full)),
            "contextual_relevance": points(0.3 + 0.7 * seen.correct),
            "cultural_appropriateness": points(0.4 * seen.correct + 0.6 * seen.full),
        }
        for slot, seen in enumerate(noticed)
    }
    return {"outputs": outputs, "item": {"preference": _sidebyside(rater, noticed)}}


ANSWERS: dict[str, Callable[[SimulatedRater, Sequence[Quality]], Answer]] = {
    "sqm": _sqm,
    "sidebyside": _sidebyside,
    "questionnaire": _questionnaire,
}


def simulate(campaign: Campaign, raters: Sequence[SimulatedRater]) -> int:
    """Have simulated raters work through an open campaign by the same doors as people.

    Returns the number of new ratings. Running it again adds nothing.
    """
    n_new = 0
    for rater in raters:
        annotator, _ = Annotator.objects.get_or_create(
            code=rater.code, scope=campaign.name, defaults={"origin": Annotator.Origin.SIMULATED}
        )
        while assignment := next_assignment(annotator, campaign):
            item = assignment.item
            slots = item.slots.select_related("output").order_by("slot")
            texts = [slot.text for slot in slots]
            submit_rating(
                assignment=assignment,
                key=uuid.uuid5(NAMESPACE, f"{campaign.pk}/{rater.code}/{item.pk}"),
                sequence=1,
                answer=rater.answer(campaign.protocol, texts, item.segment),
                active_seconds=float(rater.rng.gamma(4.0, 5.0)),
            )
            n_new += 1
    return n_new
