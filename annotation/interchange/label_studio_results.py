"""The results of one annotation in Label Studio: marked errors, a score, notes and a flag."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from annotation.interchange.errors import ErrorReader
from annotation.protocols.error_spans import ErrorSpanProtocol
from common.errors import BadInput
from common.problems import shown

LABELS = ("labels", "hypertextlabels", "paragraphlabels")
WHOLE = "whole"
FLAG = "flag"


class Marked(NamedTuple):
    side: str
    start: int | None
    end: int | None
    quoted: str | None
    category: str
    severity: str
    note: str


class Answered(NamedTuple):
    errors: list[Marked]
    score: Any
    notes: list[str]
    flagged: bool


def read_results(given: Any, reader: ErrorReader) -> Answered:
    """Results of one id are about one thing. Raises BadInput where they cannot be read."""
    if not isinstance(given, list) or not all(isinstance(result, dict) for result in given):
        raise BadInput("is no list of results", column="result")
    groups: dict[Any, list[dict[str, Any]]] = {}
    for number, result in enumerate(given):
        if not isinstance(result.get("value"), dict):
            raise BadInput(f"the result {shown(result.get('id'))} has no value", column="result")
        groups.setdefault(str(result.get("id") or number), []).append(result)
    errors, score, flagged = [], None, False
    notes: list[str] = []
    for results in groups.values():
        if any("start" in r["value"] or r.get("from_name") == WHOLE for r in results):
            errors.append(_marked(results, reader))
            continue
        for result in results:
            value = result["value"]
            if result.get("from_name") == FLAG:
                flagged = True
            elif result.get("type") == "textarea":
                notes += _texts(value.get("text"))
            else:
                found = _score(result.get("type"), value)
                score = found if found is not None else score
    has_errors = isinstance(reader.protocol, ErrorSpanProtocol)
    return Answered(errors if has_errors else [], score, notes, flagged)


def _score(kind: Any, value: Mapping[str, Any]) -> Any:
    if kind in ("number", "rating"):
        return value.get(kind)
    choices = value.get("choices")
    return choices[0] if kind == "choices" and isinstance(choices, list) and choices else None


def _marked(results: list[dict[str, Any]], reader: ErrorReader) -> Marked:
    known = getattr(reader.protocol, "severities", ())
    category = severity = ""
    notes: list[str] = []
    for result in results:
        value = result["value"]
        names = [name for kind in (*LABELS, "choices") for name in _texts(value.get(kind))]
        names += _taxonomy(value.get("taxonomy"))
        for name in names:
            if name.strip().lower() in known:
                severity = severity or name
            else:
                category = category or name
        meta = result.get("meta")
        notes += _texts(meta.get("text")) if isinstance(meta, dict) else []
        notes += _texts(value.get("text")) if result.get("type") == "textarea" else []
    side = "source" if str(results[0].get("to_name")).lower() in ("source", "src") else "target"
    start, end, quoted = _place(results)
    return Marked(side, start, end, quoted, category, severity, "\n".join(notes))


def _place(results: list[dict[str, Any]]) -> tuple[int | None, int | None, str | None]:
    value = next((r["value"] for r in results if "start" in r["value"]), results[0]["value"])
    quoted = value.get("text")
    quoted = quoted if isinstance(quoted, str) else None
    if "start" not in value:
        return None, None, quoted
    start, end = value["start"], value.get("end")
    if type(start) is not int or type(end) is not int or not 0 <= start <= end:
        raise BadInput(
            f"{shown(start)} and {shown(end)} are no offsets of a text; write whole numbers",
            column="result",
        )
    return start, end, quoted


def _texts(given: Any) -> list[str]:
    """A text or a list of texts, as a list."""
    return [text for text in (given if isinstance(given, list) else [given]) if _is_text(text)]


def _is_text(given: Any) -> bool:
    return isinstance(given, str) and bool(given)


def _taxonomy(given: Any) -> list[str]:
    """[["Accuracy", "Mistranslation"]] is Accuracy/Mistranslation."""
    paths = given if isinstance(given, list) else []
    return ["/".join(map(str, path)) for path in paths if isinstance(path, list) and path]
