"""Direct assessment: one number from 0 to 100 for an output, as earlier studies collected it."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import gettext_lazy as _

from annotation.protocols import PROTOCOLS
from annotation.protocols.base import AnnotationProtocol, Answer, CheckedAnswer, Score
from common.errors import BadInput
from common.problems import shown


@PROTOCOLS.register("da")
class DirectAssessment(AnnotationProtocol):
    """Answers are {"outputs": {slot: score}}."""

    label = _("Direct assessment")
    unit = "points, 0-100"
    level = "interval"
    main_criterion = "score"
    annotatable = False

    def check_answer(self, answer: Mapping[str, Any], n_outputs: int) -> CheckedAnswer:
        given = answer.get("outputs") or {}
        outputs = {slot: checked_number(value, 0, 100) for slot, value in given.items()}
        return CheckedAnswer({"outputs": outputs}, is_complete=len(outputs) == n_outputs)

    def answer_for_score(self, value: Any) -> Answer:
        return {"outputs": {"0": checked_number(value, 0, 100)}}

    def scores(self, answer: Answer, n_outputs: int) -> Sequence[Score]:
        return [
            Score(int(slot), self.main_criterion, value)
            for slot, value in answer["outputs"].items()
        ]


def checked_number(value: Any, low: float, high: float) -> float:
    """A finite number within [low, high]; BadInput otherwise."""
    try:
        if isinstance(value, bool) or not isinstance(value, int | float | str) or "_" in str(value):
            raise ValueError
        number = float(value)
    except (ValueError, OverflowError):
        raise BadInput(
            f"{shown(value)} is not a number; write one from {low:g} to {high:g}"
        ) from None
    if not low <= number <= high:
        raise BadInput(f"{number:g} is outside the scale; write a number from {low:g} to {high:g}")
    return number
