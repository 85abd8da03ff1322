"""A simulated rater: a severity, noise, and answers of every protocol that has a page."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from annotation.mqm import NON_TRANSLATION
from annotation.protocols.base import AnnotationProtocol, Answer
from annotation.protocols.esa import ESA
from annotation.protocols.mqm import MQM
from annotation.protocols.questionnaire import Questionnaire
from annotation.simulation.noticing import Quality, quality, wrong_words
from models_app.models import Segment


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


TIE_WITHIN, MUCH = 0.06, 0.3
NOTICED, FALSE_ALARMS = 0.85, 0.03  # shares of wrong runs, and of clean texts, that are marked


class Seen:
    """An item as one rater has it before them."""

    def __init__(
        self,
        rater: SimulatedRater,
        protocol: AnnotationProtocol,
        texts: Sequence[str],
        segment: Segment,
    ) -> None:
        self.rater, self.protocol, self.texts, self.segment = rater, protocol, texts, segment
        self.noticed = [quality(text, segment) for text in texts]


def _sqm(seen: Seen) -> Answer:
    return {"score": round(6 * seen.rater.feel(seen.noticed[0].overall))}


def _sidebyside(seen: Seen) -> Answer:
    felt = [seen.rater.feel(quality.overall) for quality in seen.noticed]
    best, second = np.argsort(felt)[::-1][:2]
    gap = felt[best] - felt[second]
    if gap < TIE_WITHIN:
        return {"better": "tie"}
    return {"better": int(best), "strength": "much" if gap > MUCH else "slightly"}


ASPECTS: dict[str, Callable[[Quality], float]] = {
    "correctness": lambda seen: seen.correct,
    "fluency": lambda seen: seen.fluent * (0.5 + 0.5 * seen.full),
    "contextual_relevance": lambda seen: 0.3 + 0.7 * seen.correct,
    "cultural_appropriateness": lambda seen: 0.4 * seen.correct + 0.6 * seen.full,
    "faithfulness": lambda seen: seen.supported,
    "relevance": lambda seen: seen.correct,
    "conciseness": lambda seen: 1.0 - 0.5 * max(0.0, seen.supported - seen.correct),
}


def _questionnaire(seen: Seen) -> Answer:
    protocol = seen.protocol
    assert isinstance(protocol, Questionnaire)
    scales = [field["key"] for field in protocol.output_fields if field["kind"] == "scale"]
    outputs: dict[str, dict[str, Any]] = {
        str(slot): {
            key: 1 + round(4 * seen.rater.feel(ASPECTS.get(key, lambda q: q.overall)(noticed)))
            for key in scales
        }
        for slot, noticed in enumerate(seen.noticed)
    }
    for asked in protocol.output_fields:
        if asked["kind"] == "tags" and asked.get("required"):
            for given in outputs.values():
                _tag(seen, asked, given)
    prefers = [field["key"] for field in protocol.item_fields if field["kind"] == "preference"]
    return {"outputs": outputs, "item": {key: _sidebyside(seen) for key in prefers}}


def _tag(seen: Seen, asked: Mapping[str, Any], given: dict[str, Any]) -> None:
    """One tag of a field that must be answered, where it is shown."""
    condition = asked.get("show_if")
    if condition is None or given[condition["field"]] <= condition["at_most"]:
        options = [option["value"] for option in asked["options"]]
        given[asked["key"]] = [str(seen.rater.rng.choice(options))]


def _errors(seen: Seen, text: str) -> list[dict[str, object]]:
    """What the rater marks in one text: most of the wrong words, and now and then a right one."""
    rng = seen.rater.rng
    marked = [
        (run.start, run.end, "major" if run.n_words > 1 else "minor")
        for run in wrong_words(text, seen.segment)
        if rng.random() < NOTICED + seen.rater.severity
    ]
    first = text.split(maxsplit=1)[0] if text.split() else ""
    if not marked and first and rng.random() < FALSE_ALARMS:
        start = text.index(first)
        marked = [(start, start + len(first), "minor")]
    return [
        {"side": "target", "start": a, "end": b, "quoted": text[a:b], "severity": severity}
        for a, b, severity in marked
    ]


def _mqm(seen: Seen) -> Answer:
    rng = seen.rater.rng
    protocol = seen.protocol
    assert isinstance(protocol, MQM)
    categories = protocol.categories
    leaves = [path for path, node in categories.items() if not node.get("needs_note")]
    usual = [path for path in leaves if path.endswith(("Mistranslation", "Not in the document"))]
    outputs = {}
    for slot, text in enumerate(seen.texts):
        if not text.strip():
            errors = [{"category": NON_TRANSLATION, "severity": "major"}]
        else:
            errors = [
                error | {"category": str(rng.choice(usual if rng.random() < 0.7 else leaves))}
                for error in _errors(seen, text)
            ]
        outputs[str(slot)] = {"errors": errors[: protocol.most_errors]}
    return {"outputs": outputs}


def _esa(seen: Seen) -> Answer:
    assert isinstance(seen.protocol, ESA)
    outputs = {
        str(slot): {
            "errors": _errors(seen, text)[: seen.protocol.most_errors],
            "score": round(100 * seen.rater.feel(seen.noticed[slot].overall)),
        }
        for slot, text in enumerate(seen.texts)
    }
    return {"outputs": outputs}


ANSWERS: dict[str, Callable[[Seen], Answer]] = {
    "sqm": _sqm,
    "mqm": _mqm,
    "esa": _esa,
    "sidebyside": _sidebyside,
    "questionnaire": _questionnaire,
}
