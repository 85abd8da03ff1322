"""A campaign as Pearmut shows it, one document for every segment, and as it logs annotations."""

from collections.abc import Iterator
from itertools import groupby
from typing import Any

from annotation.interchange.errors import to_utf16
from annotation.interchange.judged import Judged, Reader, raters_of, segments_of
from annotation.interchange.writing import compact
from annotation.models import Campaign
from annotation.protocols.error_spans import ErrorSpanProtocol
from annotation.protocols.sqm import CANNOT_JUDGE, SQM
from annotation.spans import code_points_to_utf16
from models_app.models import Output, Segment

PROTOCOL_NAMES = {"mqm": "MQM", "esa": "ESA"}
SLIDER = "SQM"


def campaign_json(campaign: Campaign) -> Iterator[bytes]:
    """{"campaign_id", "info", "data": [[segment], ...]}."""
    yield f'{{"campaign_id":{compact(campaign.name)},\n'.encode()
    yield f'"info":{compact(_info(campaign))},\n"data":['.encode()
    for number, (segment, outputs) in enumerate(_translated(campaign)):
        item = {"item_id": segment.key, "src": segment.source, "tgt": outputs}
        if segment.references:
            item["ref"] = segment.references[0]
        yield f"{',' if number else ''}\n{compact([item])}".encode()
    yield b"\n]}\n"


def _translated(campaign: Campaign) -> Iterator[tuple[Segment, dict[str, str]]]:
    """Every segment with its outputs by system."""
    systems = campaign.systems.values("pk")
    for segments in segments_of(campaign.dataset):
        stored = Output.objects.filter(system__in=systems, segment__in=segments)
        outputs: dict[int, dict[str, str]] = {}
        rows = stored.order_by("system__name").values_list("segment_id", "system__name", "text")
        for segment_id, system, text in rows:
            outputs.setdefault(segment_id, {})[system] = text
        for segment in segments:
            yield segment, outputs.get(segment.pk, {})


def _info(campaign: Campaign) -> dict[str, Any]:
    protocol = campaign.protocol_object
    info: dict[str, Any] = {
        "assignment": "single-stream",
        "protocol": PROTOCOL_NAMES.get(campaign.protocol, "DA"),
        "users": max(1, len(raters_of(campaign))),
    }
    if isinstance(protocol, SQM):
        info["sliders"] = [{"name": SLIDER, "min": 0, "max": 6, "step": 1}]
    if isinstance(protocol, ErrorSpanProtocol) and hasattr(protocol, "categories"):
        info["mqm_severities"] = [severity.capitalize() for severity in protocol.severities]
        info["mqm_categories"] = _categories(protocol.categories)
    return info


def _categories(paths: Any) -> dict[str, list[str]]:
    """Main categories with what lies below them."""
    found: dict[str, list[str]] = {}
    for path in paths:
        main, _, below = path.partition("/")
        found.setdefault(main, []).extend([below] if below else [])
    return found


def annotation_lines(campaign: Campaign, read: Reader) -> Iterator[dict[str, Any]]:
    """A line for every rating; outputs that read the same are in one."""
    keys = campaign.dataset.segments.order_by("position").values_list("key", flat=True)
    numbers = {key: number for number, key in enumerate(keys)}
    for _, group in groupby(read(campaign), lambda one: one.rating.pk):
        said = [one for one in group if one.score != CANNOT_JUDGE]
        if said:
            yield _line(said, numbers[said[0].key], slides=campaign.protocol == "sqm")


def _line(said: list[Judged], number: int, *, slides: bool) -> dict[str, Any]:
    first = said[0]
    segment, rating = first.output.segment, first.rating
    at = rating.updated_at.timestamp()
    actions = [{"time": at, "action": "submit"}]
    if rating.active_seconds is not None:
        actions.insert(0, {"time": at - rating.active_seconds, "action": "load"})
    line = {
        "user_id": first.rater,
        "item_i": number,
        "annotation": [{one.system: _part(one, slides=slides) for one in said}],
        "actions": actions,
        "item": [
            {
                "item_id": segment.key,
                "src": segment.source,
                "tgt": {one.system: one.output.text for one in said},
            }
        ],
    }
    return line | ({"comment": rating.note} if rating.note else {})


def _part(one: Judged, *, slides: bool) -> dict[str, Any]:
    if slides:
        return {"score": None, "sliders": {SLIDER: one.score}, "error_spans": []}
    spans = [
        {
            **_place(error, one.output.text),
            "severity": error["severity"],
            "category": error["category"] or None,
        }
        for error in one.errors
    ]
    return {"score": one.score, "error_spans": spans, "textfield": None}


def _place(error: dict[str, Any], text: str) -> dict[str, int]:
    """UTF-16 units, the last included; behind the text stands the [missing] token."""
    start, end = error["start"], error["end"]
    if error["side"] == "source" or start is None or start == end:
        start_i = end_i = code_points_to_utf16(text, len(text))
    else:
        start_i, end_i = to_utf16(text, start, end)
    return {"start_i": start_i, "end_i": end_i}
