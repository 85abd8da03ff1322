"""A campaign's outputs as tasks of Label Studio, with what each rater said as an annotation."""

from collections.abc import Iterator, Mapping
from itertools import count, groupby
from typing import Any

from annotation.interchange.judged import Judged, Reader, raters_of
from annotation.interchange.label_studio_results import FLAG, WHOLE
from annotation.models import Campaign

Result = dict[str, Any]


def tasks(campaign: Campaign, read: Reader) -> Iterator[dict[str, Any]]:
    numbers = {code: number for number, code in enumerate(raters_of(campaign), start=1)}
    task_ids, annotation_ids = count(1), count(1)
    for _, group in groupby(read(campaign), lambda one: one.rating.item_id):
        by_output: dict[int, list[Judged]] = {}
        for one in group:
            by_output.setdefault(one.output.pk, []).append(one)
        for said in by_output.values():
            yield {
                "id": next(task_ids),
                "data": _data(said[0]),
                "annotations": [
                    {"id": next(annotation_ids), **_annotation(one, numbers[one.rater])}
                    for one in said
                ],
                "predictions": [],
            }


def _data(one: Judged) -> dict[str, str]:
    segment = one.output.segment
    return {
        "key": segment.key,
        "document": segment.document,
        "system": one.system,
        "source": segment.source,
        "target": one.output.text,
    }


def _annotation(one: Judged, number: int) -> dict[str, Any]:
    rating = one.rating
    at = rating.updated_at.isoformat()
    return {
        "completed_by": {"id": number, "email": one.rater},
        "result": list(_results(one)),
        "was_cancelled": False,
        "ground_truth": False,
        "created_at": at,
        "updated_at": at,
        "lead_time": rating.active_seconds,
    }


def _results(one: Judged) -> Iterator[Result]:
    for number, error in enumerate(one.errors, start=1):
        yield from _error(f"e{number}", error)
    if isinstance(one.score, str) or (one.score is not None and _is_point(one)):
        yield _result("score", "sqm", "choices", {"choices": [str(one.score)]})
    elif one.score is not None:
        yield _result("score", "score", "number", {"number": one.score})
    if one.rating.note:
        yield _result("note", "note", "textarea", {"text": [one.rating.note]})
    if one.rating.flagged:
        yield _result("flag", FLAG, "choices", {"choices": ["flagged"]})


def _is_point(one: Judged) -> bool:
    """A point of SQM: a rating of 0 stars is no rating there, and so it is a choice."""
    return "errors" not in one.part and isinstance(one.score, int)


def _error(name: str, error: Mapping[str, Any]) -> Iterator[Result]:
    """A category if there is one, and a severity, both of the same id."""
    place = {"start": error["start"], "end": error["end"], "text": error["quoted"]}
    if error["start"] is None:
        place = {"text": error["quoted"]} if error["quoted"] else {}
    severity = {"choices": [error["severity"].capitalize()]}
    notes = {"meta": {"text": [error["note"]]}} if error["note"] else {}
    if error["start"] is None:
        value = {"choices": [error["category"]]} if error["category"] else {}
        yield _result(name, WHOLE, "choices", place | value, error["side"]) | notes
    else:
        value = {"labels": [error["category"]] if error["category"] else []}
        yield _result(name, "mqm", "labels", place | value, error["side"]) | notes
    yield _result(name, "severity", "choices", place | severity, error["side"])


def _result(
    name: str, from_name: str, kind: str, value: dict[str, Any], side: str = "target"
) -> Result:
    return {"id": name, "from_name": from_name, "to_name": side, "type": kind, "value": value}
