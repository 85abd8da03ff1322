"""What every check of the doctor offers, and the two kinds most of them are."""

import copy
from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import ClassVar, NamedTuple

import numpy as np

from metrics.automatic.base import FloatArray, Metric, Pair
from metrics.automatic.doctor.letters import other_script
from metrics.automatic.normalize import NORMALIZERS, normalizer

PASSED, FAILED, DOES_NOT_APPLY = "passed", "failed", "does not apply"
DEVANAGARI_LANGUAGES = frozenset({"mr", "hi", "ne", "sa", "kok", "mai", "bho"})
NOTHING = 1e-9  # a difference of scores no larger is none
TOLERANCE = 0.01  # of what a text in another script loses


class Finding(NamedTuple):
    """What a check saw.

    state : "passed", "failed" or "does not apply"
    serious : whether failing means that the metric misreads the language, not only spellings
    cause : one sentence; why it failed, or does not apply; "" when passed
    fix : which option to give or which metric to take; "" unless failed
    numbers : in the metric's own unit; `texts` counts those the check could use
    """

    check: str
    label: str
    state: str
    serious: bool
    cause: str
    fix: str
    numbers: dict[str, float]


@dataclass
class Patient:
    """A metric with the texts and the language (primary tag) it is examined in."""

    metric: Metric
    language: str
    texts: Sequence[str]
    _own: dict[str, float] = field(default_factory=dict)

    def scores(self, hypotheses: Sequence[str], references: Sequence[str]) -> FloatArray:
        """(n,) score of each text against its reference, in the metric's own unit."""
        pairs = [
            Pair(reference, hypothesis, (reference,), self.language, "", self.language)
            for hypothesis, reference in zip(hypotheses, references, strict=True)
        ]
        return self.metric.segment_scores(self.metric.statistics(pairs))

    def own(self, texts: Sequence[str]) -> FloatArray:
        """(n,) score of each text against itself."""
        new = [text for text in dict.fromkeys(texts) if text not in self._own]
        self._own.update(zip(new, map(float, self.scores(new, new)), strict=True))
        return np.array([self._own[text] for text in texts])

    def losses(self, variants: Sequence[str], texts: Sequence[str]) -> FloatArray:
        """(n,) by how much a variant is worse than the text itself; 0 where that is undefined."""
        sign = 1.0 if self.metric.higher_is_better else -1.0
        return np.nan_to_num(sign * (self.own(texts) - self.scores(variants, texts)))

    @cached_property
    def spread(self) -> float:
        """What texts lose on average when every letter is replaced."""
        return float(np.mean(self.losses([other_script(text) for text in self.texts], self.texts)))

    def normalized(self, name: str) -> "Patient":
        """The same with another normalisation."""
        metric = copy.copy(self.metric)
        metric.normalize, metric.clean = name, normalizer(name)
        return Patient(metric, self.language, self.texts)


class Check(ABC):
    """A self-test. `name` is its registry name, `label` says what must hold."""

    name: ClassVar[str]
    label: ClassVar[str]
    serious: ClassVar[bool] = True
    languages: ClassVar[frozenset[str]] = frozenset()  # every language when empty

    @abstractmethod
    def examine(self, patient: Patient) -> Finding:
        """What the check sees."""

    def fits(self, text: str, language: str) -> bool:
        """Whether the check can use this text."""
        return not self.languages or language in self.languages

    def passed(self, **numbers: float) -> Finding:
        return Finding(self.name, self.label, PASSED, self.serious, "", "", numbers)

    def failed(self, cause: str, fix: str, **numbers: float) -> Finding:
        return Finding(self.name, self.label, FAILED, self.serious, cause, fix, numbers)

    def does_not_apply(self, reason: str) -> Finding:
        return Finding(self.name, self.label, DOES_NOT_APPLY, self.serious, reason, "", {})


class VariantCheck(Check):
    """A check that changes each text by itself; `absent` says what no text has."""

    absent: ClassVar[str]

    @abstractmethod
    def variant(self, text: str) -> str:
        """The changed text; the text itself where nothing can be changed."""

    def fits(self, text: str, language: str) -> bool:
        return super().fits(text, language) and self.variant(text) != text

    def examine(self, patient: Patient) -> Finding:
        if self.languages and patient.language not in self.languages:
            return self.does_not_apply("the language does not need it")
        texts = [text for text in patient.texts if self.variant(text) != text]
        if not texts:
            return self.does_not_apply(f"no text of the sample has {self.absent}")
        return self.judge(patient, texts)

    @abstractmethod
    def judge(self, patient: Patient, texts: Sequence[str]) -> Finding:
        """What the check sees on texts that it can change."""

    def numbers(self, patient: Patient, texts: Sequence[str]) -> dict[str, float]:
        changed = patient.scores([self.variant(text) for text in texts], texts)
        return {
            "texts": len(texts),
            "itself": float(np.mean(patient.own(texts))),
            "changed": float(np.mean(changed)),
        }


class CostCheck(VariantCheck):
    """What readers see must cost something in at least half of the texts."""

    cause: ClassVar[str]
    fix: ClassVar[str] = (
        "take a metric or a tokenizer that knows the script: chrf, bleu_intl, "
        "or rougeL with tokens=unicode"
    )

    def judge(self, patient: Patient, texts: Sequence[str]) -> Finding:
        losses = patient.losses([self.variant(text) for text in texts], texts)
        blind = int(np.sum(losses <= NOTHING))
        numbers = self.numbers(patient, texts) | {"without_cost": blind}
        if 2 * blind <= len(texts):
            return self.passed(**numbers)
        return self.failed(f"{self.cause} ({blind} of {len(texts)} texts)", self.fix, **numbers)


class SameCheck(VariantCheck):
    """What readers do not see must cost nothing, but for a hundredth of a text's whole loss."""

    serious = False
    cause: ClassVar[str]

    def judge(self, patient: Patient, texts: Sequence[str]) -> Finding:
        numbers = self.numbers(patient, texts)
        if self._holds(patient, texts):
            return self.passed(**numbers)
        return self.failed(self.cause, self._fix(patient, texts), **numbers)

    def _holds(self, patient: Patient, texts: Sequence[str]) -> bool:
        losses = patient.losses([self.variant(text) for text in texts], texts)
        return float(np.mean(np.abs(losses))) <= max(NOTHING, TOLERANCE * patient.spread)

    def _fix(self, patient: Patient, texts: Sequence[str]) -> str:
        """The first tokenizer or normalisation that helps, found by trying."""
        for option, metric in patient.metric.retokenized():
            if self._holds(Patient(metric, patient.language, patient.texts), texts):
                return f"give the metric the option {option}"
        for name in NORMALIZERS:
            if self._holds(patient.normalized(name), texts):
                return f"give the metric the option normalize={name}"
        return "no option helps; choose another metric, or make the texts alike before loading"
