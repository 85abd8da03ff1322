"""Scalar quality metric: one of seven discrete points, 0 to 6, never a default."""

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from annotation.protocols import PROTOCOLS
from annotation.protocols.base import AnnotationProtocol, Answer, CheckedAnswer, Score
from annotation.wording import load_scale
from common.errors import BadInput
from common.problems import shown

CANNOT_JUDGE = "cannot_judge"
POINTS = range(7)
SCALES = ("translation", "generation")


@PROTOCOLS.register("sqm")
class SQM(AnnotationProtocol):
    """Answers are {"score": 0..6 or "cannot_judge"}; option `scale` names the anchors' wording."""

    label = _("Scalar quality metric (SQM)")
    unit = "points, 0-6"
    level = "ordinal"
    main_criterion = "score"
    template = "annotation/protocols/sqm.html"

    @classmethod
    def option_fields(cls) -> dict[str, forms.Field]:
        return {
            "scale": forms.ChoiceField(
                label=_("Wording of the scale"),
                choices=[
                    ("translation", _("translation")),
                    ("generation", _("answers, free text")),
                ],
                required=False,
                help_text=_("what the anchors of 0 to 6 speak of"),
            )
        }

    def check_options(self) -> None:
        self.scale_name = self.options.get("scale", "translation")
        if self.scale_name not in SCALES:
            raise BadInput(f"no scale {self.scale_name!r}; known: {', '.join(SCALES)}")

    def form(self, language: str) -> dict[str, Any]:
        """What the page shows: the points with labels and anchors, best first."""
        return {"points": load_scale(f"sqm_{self.scale_name}", language)}

    def keys(self) -> list[tuple[tuple[str, ...], Any]]:
        return [(("0–6",), _("choose a point")), (("c",), _("cannot judge"))]

    def read_form(self, data: Any, order: Sequence[int]) -> Answer:
        return {"score": data.get("score", "")}

    def fill_form(self, answer: Answer, order: Sequence[int]) -> dict[str, Any]:
        return {"score": str(answer.get("score", ""))}

    def check_answer(self, answer: Mapping[str, Any], n_outputs: int) -> CheckedAnswer:
        score = answer.get("score")
        if score in (None, ""):
            return CheckedAnswer({}, is_complete=False)
        if score != CANNOT_JUDGE:
            score = whole_point(score)
        return CheckedAnswer({"score": score}, is_complete=True)

    def answer_for_score(self, value: Any) -> Answer:
        return {"score": whole_point(value)}

    def scores(self, answer: Answer, n_outputs: int) -> Sequence[Score]:
        score = answer.get("score")
        if score is None or score == CANNOT_JUDGE:
            return []
        # Outputs that read the same are shown once; the judgement holds for each of them.
        return [Score(slot, self.main_criterion, float(score)) for slot in range(n_outputs)]


def whole_point(value: Any) -> int:
    """A point of the scale; BadInput for anything but a whole number from 0 to 6."""
    number = value
    if isinstance(value, str):
        try:
            number = float(value)
        except ValueError:
            number = None
    if isinstance(number, bool) or number not in POINTS:
        raise BadInput(
            gettext("%(value)s is not on the scale; write a whole number from 0 to 6")
            % {"value": shown(value)}
        )
    return int(number)
