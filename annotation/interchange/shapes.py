"""Whether an answer from a file is one that its protocol could have stored."""

from collections.abc import Mapping
from typing import Any

from annotation.interchange.errors import MAX_CATEGORY
from annotation.protocols.base import AnnotationProtocol
from annotation.protocols.da import checked_number
from annotation.protocols.error_spans import NO_PLACE, SIDES, ErrorSpanProtocol
from annotation.protocols.esa import ESA
from common.errors import BadInput
from common.problems import shown

ERROR = {
    "side": str,
    "start": int,
    "end": int,
    "quoted": str,
    "category": str,
    "severity": str,
    "note": str,
}


def check_shape(
    protocol: AnnotationProtocol, answer: Any, n_outputs: int, *, is_complete: bool
) -> None:
    """Raise BadInput, of the column `answer`, for what the protocol does not store.

    Categories of errors may be others than the campaign's: imported ratings have them.
    """
    try:
        if not isinstance(answer, Mapping):
            raise BadInput(f"{shown(answer)} is no object")
        if isinstance(protocol, ErrorSpanProtocol):
            _check_errors(protocol, answer, n_outputs, is_complete=is_complete)
        elif is_complete or answer:
            _check_stored(protocol, answer, n_outputs, is_complete=is_complete)
    except BadInput as problem:
        raise BadInput(problem.reason, column="answer") from problem


def _check_stored(
    protocol: AnnotationProtocol, answer: Mapping[str, Any], n_outputs: int, *, is_complete: bool
) -> None:
    try:
        checked = protocol.check_answer(answer, n_outputs)
    except (TypeError, AttributeError, ValueError) as problem:
        raise BadInput(f"{shown(answer)} is no answer of {protocol.label}") from problem
    if checked.answer != answer or (is_complete and not checked.is_complete):
        raise BadInput(f"{shown(answer)} is no answer of {protocol.label}")


def _check_errors(
    protocol: ErrorSpanProtocol, answer: Mapping[str, Any], n_outputs: int, *, is_complete: bool
) -> None:
    outputs = answer.get("outputs")
    slots = [str(slot) for slot in range(n_outputs)]
    if set(answer) != {"outputs"} or not isinstance(outputs, Mapping) or sorted(outputs) != slots:
        raise BadInput(f"an answer has outputs for the slots {', '.join(slots)}")
    has_score = isinstance(protocol, ESA)
    for given in outputs.values():
        if not isinstance(given, Mapping) or not isinstance(given.get("errors"), list):
            raise BadInput("an output has a list of errors")
        if has_score and ("score" in given or is_complete):
            checked_number(given.get("score"), 0, 100)
            if isinstance(given["score"], str):
                raise BadInput("a score is a number, not a text")
        if set(given) - {"errors", *(["score"] if has_score else [])}:
            raise BadInput(f"{shown(given)} has fields that are not the protocol's")
        for error in given["errors"]:
            _check_error(protocol, error, is_complete=is_complete)


def _check_error(protocol: ErrorSpanProtocol, error: Any, *, is_complete: bool) -> None:
    if not isinstance(error, Mapping) or set(error) != set(ERROR):
        raise BadInput(f"an error has {', '.join(ERROR)}")
    for name, kind in ERROR.items():
        is_open = name in ("start", "end") and error[name] is None
        if not is_open and type(error[name]) is not kind:
            raise BadInput(f"an error's {name} cannot be {shown(error[name])}")
    start, end = error["start"], error["end"]
    if (start is None) != (end is None) or (start is not None and not 0 <= start <= end < NO_PLACE):
        raise BadInput(f"a span cannot go from {shown(start)} to {shown(end)}")
    if error["side"] not in SIDES:
        raise BadInput(f"an error lies in the source or the target, not in {shown(error['side'])}")
    severities = protocol.severities if is_complete else ("", *protocol.severities)
    if error["severity"] not in severities:
        raise BadInput(f"no severity {shown(error['severity'])}; write one of {severities}")
    if len(error["category"]) > MAX_CATEGORY:
        raise BadInput(f"a category has more than {MAX_CATEGORY} characters")
