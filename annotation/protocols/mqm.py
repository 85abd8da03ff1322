"""Multidimensional quality metrics: error spans with category and severity."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import gettext_lazy as _

from annotation.protocols import PROTOCOLS
from annotation.protocols.base import AnnotationProtocol, Answer, CheckedAnswer, Score, Span
from annotation.scoring import PROFILES, Error, mqm_penalty
from common.errors import BadInput

SEVERITIES = ("neutral", "minor", "major", "critical")


@PROTOCOLS.register("mqm")
class MQM(AnnotationProtocol):
    """Answers are {"outputs": {slot: {"errors": [...]}}}; option `weights` names a profile."""

    label = _("MQM error annotation")
    unit = "penalty points per segment"
    direction = "lower"
    level = "interval"
    main_criterion = "penalty"
    annotatable = False

    def check_options(self) -> None:
        name = self.options.get("weights", "google")
        if name not in PROFILES:
            raise BadInput(f"no weight profile {name!r}; known: {', '.join(sorted(PROFILES))}")
        self.profile = PROFILES[name]

    def check_answer(self, answer: Mapping[str, Any], n_outputs: int) -> CheckedAnswer:
        outputs: dict[str, Any] = {}
        for slot in range(n_outputs):
            given = (answer.get("outputs") or {}).get(str(slot)) or {}
            outputs[str(slot)] = {"errors": [_checked(error) for error in given.get("errors", [])]}
        return CheckedAnswer({"outputs": outputs}, is_complete=True)

    def scores(self, answer: Answer, n_outputs: int) -> Sequence[Score]:
        return [
            Score(slot, self.main_criterion, mqm_penalty(self._errors(answer, slot), self.profile))
            for slot in range(n_outputs)
        ]

    def _errors(self, answer: Answer, slot: int) -> list[Error]:
        errors = answer["outputs"][str(slot)]["errors"]
        return [Error(error["severity"], error["category"]) for error in errors]

    def spans(self, answer: Answer, n_outputs: int) -> Sequence[Span]:
        return [
            Span(
                slot,
                error["side"],
                error["start"],
                error["end"],
                error["quoted"],
                error["category"],
                error["severity"],
                error["note"],
            )
            for slot in range(n_outputs)
            for error in answer["outputs"][str(slot)]["errors"]
        ]


def _checked(error: Mapping[str, Any]) -> dict[str, Any]:
    severity = str(error.get("severity", "")).strip().lower()
    if severity not in SEVERITIES:
        raise BadInput(f"no severity {severity!r}; write {', '.join(SEVERITIES)}")
    side = error.get("side", "target")
    if side not in ("source", "target"):
        raise BadInput(f"an error lies in the source or the target, not in {side!r}")
    return {
        "side": side,
        "start": error.get("start"),
        "end": error.get("end"),
        "quoted": str(error.get("quoted", "")),
        "category": str(error.get("category", "")),
        "severity": severity,
        "note": str(error.get("note", "")),
    }
