"""Error span annotation (Kocmi et al. 2024): errors without categories, then a score."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from annotation.protocols import PROTOCOLS
from annotation.protocols.base import Answer, CheckedAnswer, Score
from annotation.protocols.da import checked_number
from annotation.protocols.error_spans import ErrorSpanProtocol, given_for
from annotation.scoring import ESA_WEIGHTS, Error, mqm_penalty
from annotation.wording import load_scale
from common.errors import BadInput
from common.problems import shown

LOW_SCORE = 66  # below it, without a marked error, the annotator is asked whether that is right


@PROTOCOLS.register("esa")
class ESA(ErrorSpanProtocol):
    """Answers have a "score" from 0 to 100 beside each output's "errors".

    The score is the annotator's own, never computed from the errors.
    """

    label = _("ESA: marked errors and a score from 0 to 100")
    unit = "points, 0-100"
    level = "interval"
    main_criterion = "score"
    severities = ("minor", "major")
    template = "annotation/protocols/esa.html"

    def criteria(self) -> list[str]:
        return [self.main_criterion, "penalty"]

    def form(self, language: str) -> dict[str, Any]:
        return {
            "severities": list(self.severities),
            "maxErrors": self.max_errors,
            "mostErrors": self.most_errors,
            "words": self.words(),
            "lowScore": LOW_SCORE,
            "anchors": load_scale("esa", language),
        }

    def read_form(self, data: Any, order: Sequence[int]) -> Answer:
        answer = super().read_form(data, order)
        for given in answer["outputs"].values():
            given["score"] = data.get("score", "")
        return answer

    def fill_form(self, answer: Answer, order: Sequence[int]) -> dict[str, Any]:
        given = (answer.get("outputs") or {}).get(str(order[0])) or {}
        return {**super().fill_form(answer, order), "score": given.get("score", "")}

    def check_answer(self, answer: Mapping[str, Any], n_outputs: int) -> CheckedAnswer:
        outputs, complete = {}, True
        for slot in range(n_outputs):
            given = given_for(answer, slot)
            errors = self.checked_errors(given)
            outputs[str(slot)] = {"errors": errors}
            score = given.get("score")
            if score in (None, ""):
                complete = False
            else:
                outputs[str(slot)]["score"] = whole_score(score)
            complete = complete and all(error["severity"] for error in errors)
        return CheckedAnswer({"outputs": outputs}, is_complete=complete)

    def checked_error(self, error: Any) -> dict[str, Any]:
        checked = super().checked_error(error)
        if checked["start"] is None:
            raise BadInput("an error needs a place in the text")
        return {**checked, "category": ""}

    def scores(self, answer: Answer, n_outputs: int) -> Sequence[Score]:
        found = []
        for slot in range(n_outputs):
            given = answer["outputs"][str(slot)]
            errors = [Error(error["severity"], "") for error in given["errors"]]
            found.append(Score(slot, self.main_criterion, float(given["score"])))
            found.append(Score(slot, "penalty", mqm_penalty(errors, ESA_WEIGHTS)))
        return found


def whole_score(value: Any) -> int:
    """A score; BadInput for anything but a whole number from 0 to 100."""
    try:
        number = checked_number(value, 0, 100)
    except BadInput:
        number = None
    if number is None or not number.is_integer():
        raise BadInput(
            gettext("%(value)s is no score; write a whole number from 0 to 100")
            % {"value": shown(value)}
        )
    return int(number)
