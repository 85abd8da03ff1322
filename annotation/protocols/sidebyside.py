"""Side by side: two blinded outputs, which one is better, or a tie."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import gettext_lazy as _

from annotation.protocols import PROTOCOLS
from annotation.protocols.base import AnnotationProtocol, Answer, CheckedAnswer, Score
from common.errors import BadInput

TIE = "tie"
STRENGTHS = ("much", "slightly")
PREFERENCE_KEYS = [
    (("1", "2", "3"), _("A is better, a tie, B is better")),
    (("c",), _("cannot judge")),
]


@PROTOCOLS.register("sidebyside")
class SideBySide(AnnotationProtocol):
    """Answers are {"better": slot or "tie" or "cannot_judge", "strength"?: much or slightly}."""

    label = _("Side by side")
    unit = "win share, 0-1"
    level = "ordinal"
    main_criterion = "preference"
    compares = True
    template = "annotation/protocols/sidebyside.html"

    def keys(self) -> list[tuple[tuple[str, ...], Any]]:
        return PREFERENCE_KEYS

    def read_form(self, data: Any, order: Sequence[int]) -> Answer:
        return read_preference(data.get("preference", ""), order)

    def fill_form(self, answer: Answer, order: Sequence[int]) -> dict[str, Any]:
        return {"preference": fill_preference(answer, order)}

    def check_answer(self, answer: Mapping[str, Any], n_outputs: int) -> CheckedAnswer:
        return CheckedAnswer(*checked_preference(answer, n_outputs))

    def scores(self, answer: Answer, n_outputs: int) -> Sequence[Score]:
        return preference_scores(answer, n_outputs)


def read_preference(value: str, order: Sequence[int]) -> Answer:
    """`1:much`, `0`, `tie` or `cannot_judge`, with outputs numbered as shown, as an answer."""
    shown, _, strength = value.partition(":")
    if not shown.isdecimal():
        return {"better": shown}
    if int(shown) >= len(order):
        raise BadInput(f"{value!r} names no output of this item")
    return {"better": order[int(shown)], "strength": strength}


def fill_preference(answer: Answer, order: Sequence[int]) -> str:
    """The inverse of read_preference."""
    better = answer.get("better", "")
    if not isinstance(better, int):
        return str(better)
    strength = answer.get("strength", "")
    return f"{order.index(better)}:{strength}" if strength else str(order.index(better))


def checked_preference(answer: Mapping[str, Any], n_outputs: int) -> tuple[Answer, bool]:
    """The preference part of an answer, and whether it is there."""
    better = answer.get("better")
    if better in (None, ""):
        return {}, False
    if better not in (TIE, "cannot_judge"):
        better = _slot(better, n_outputs)
    cleaned: Answer = {"better": better}
    strength = answer.get("strength")
    if strength not in (None, ""):
        if strength not in STRENGTHS:
            raise BadInput(f"no strength {strength!r}; write much or slightly")
        if isinstance(better, int):
            cleaned["strength"] = strength
    return cleaned, True


def _slot(value: Any, n_outputs: int) -> int:
    try:
        slot = int(value)
    except (TypeError, ValueError):
        slot = -1
    if not 0 <= slot < n_outputs:
        raise BadInput(f"{value!r} names no output of this item")
    return slot


def preference_scores(answer: Answer, n_outputs: int) -> list[Score]:
    """A win counts 1, a tie 1/2 for each, a loss 0."""
    better = answer.get("better")
    if better is None or better == "cannot_judge":
        return []
    if better == TIE:
        return [Score(slot, "preference", 0.5) for slot in range(n_outputs)]
    return [Score(slot, "preference", float(slot == better)) for slot in range(n_outputs)]
