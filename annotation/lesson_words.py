"""What was expected and what was answered, worded for the annotator who reads the feedback."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _

from annotation.expectations import PREFERENCE, TIE, Given
from annotation.numerals import digits
from annotation.protocols.base import AnnotationProtocol

LETTERS = "AB"


def expected_words(
    protocol: AnnotationProtocol, expected: Mapping[str, Any], order: Sequence[int]
) -> list[str]:
    """A line for each thing that was expected; outputs are named as they were shown."""
    lines = []
    score = _range(expected.get("score_min"), expected.get("score_max"))
    if score:
        lines.append(_with(_score_name(protocol), score))
    errors = _range(expected.get("errors_min"), expected.get("errors_max"))
    if errors:
        lines.append(_with(_("Marked errors"), errors))
    if (preferred := expected.get(PREFERENCE)) is not None:
        lines.append(_preference(preferred, order))
    return lines


def given_words(
    protocol: AnnotationProtocol, given: Given, expected: Mapping[str, Any], order: Sequence[int]
) -> list[str]:
    """The answer, as far as something was expected of it."""
    lines = []
    if expected.get("score_min") is not None or expected.get("score_max") is not None:
        score = _("I cannot judge this") if given.score is None else _number(given.score)
        lines.append(_with(_score_name(protocol), score))
    if expected.get("errors_min") is not None or expected.get("errors_max") is not None:
        lines.append(_with(_("Marked errors"), _number(given.n_errors)))
    if expected.get(PREFERENCE) is not None:
        unsure = given.preference is None
        lines.append(_("I cannot judge this") if unsure else _preference(given.preference, order))
    return lines


def _with(name: str, value: str) -> str:
    return f"{name}: {value}"


def _score_name(protocol: AnnotationProtocol) -> str:
    return _("Score") if protocol.direction == "higher" else _("Penalty points")


def _range(low: float | None, high: float | None) -> str:
    if low is None and high is None:
        return ""
    if low == high:
        return _number(low)
    words = {"low": _number(low), "high": _number(high)}
    if high is None:
        return _("%(low)s or more") % words
    if low is None:
        return _("%(high)s or less") % words
    return _("%(low)s to %(high)s") % words


def _number(value: float | None) -> str:
    return "" if value is None else digits(f"{value:g}")


def _preference(preferred: int | str | None, order: Sequence[int]) -> str:
    if preferred == TIE:
        return _("Both are alike")
    letter = LETTERS[list(order).index(int(preferred or 0))]
    return _("Answer %(letter)s is better") % {"letter": letter}
