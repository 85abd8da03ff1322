"""A campaign in Appraise's words: rows of scores, and batches of items to be shown."""

from array import array
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from annotation.interchange.errors import to_utf16
from annotation.interchange.judged import CHUNK, Judged, Reader, Shown
from annotation.interchange.writing import compact
from annotation.models import Campaign
from models_app.models import Output

UNREAD = ("segment__references", "segment__context", "segment__extra")
BATCH = 100  # items, more only where a document has more
ISO_639_3 = {
    "bn": "ben",
    "cs": "ces",
    "de": "deu",
    "en": "eng",
    "es": "spa",
    "fr": "fra",
    "ga": "gle",
    "gu": "guj",
    "hi": "hin",
    "ja": "jpn",
    "mr": "mar",
    "pl": "pol",
    "ru": "rus",
    "ta": "tam",
    "te": "tel",
    "uk": "ukr",
    "zh": "zho",
}


def language(tag: str) -> str:
    """The code that Appraise has for a language; one that is not listed stays."""
    return ISO_639_3.get(tag.split("-")[0], tag)


def score_rows(campaign: Campaign, read: Reader) -> Iterator[list[Any]]:
    """Twelve columns for every rater and output."""
    languages = (language(campaign.dataset.source_lang), language(campaign.dataset.target_lang))
    for one in read(campaign):
        end = one.rating.updated_at.timestamp()
        yield [
            one.rater,
            one.system,
            one.output.segment.position,
            "TGT",
            *languages,
            0 if one.score is None else one.score,
            _document(one.output),
            False,
            compact([_mark(error, one) for error in one.errors]),
            end - (one.rating.active_seconds or 0.0),
            end,
        ]


def _mark(error: Mapping[str, Any], one: Judged) -> dict[str, Any]:
    start, end = error["start"], error["end"]
    if error["side"] == "source" or start is None or start == end:
        place: tuple[Any, Any] = ("missing", "missing")
    else:
        place = to_utf16(one.output.text, start, end)
    return {
        "start_i": place[0],
        "end_i": place[1],
        "severity": error["severity"],
        "error_type": error["category"].split("/") if error["category"] else None,
    }


def batches(campaign: Campaign) -> Iterator[dict[str, Any]]:
    """Every output of the campaign's systems, a document of one system never torn apart."""
    dataset = campaign.dataset
    stored = Output.objects.filter(
        system__in=campaign.systems.all(), segment__dataset=dataset
    ).select_related("segment", "system")
    groups: dict[str, array] = {}
    ordered = stored.order_by("segment__position", "system__name")
    for output in ordered.defer("text", "segment__source", *UNREAD).iterator(CHUNK):
        groups.setdefault(_document(output), array("q")).append(output.pk)
    task = {
        "randomSeed": campaign.seed,
        "requiredAnnotations": campaign.raters_per_item,
        "sourceLanguage": language(dataset.source_lang),
        "targetLanguage": language(dataset.target_lang),
    }
    for number, keys in enumerate(_packed(groups.values()), start=1):
        found = stored.in_bulk(keys)
        items = [_item(found[pk], dataset.name) for pk in keys]
        yield {"items": items, "task": {"batchNo": number, **task}}


def _packed(groups: Iterable[array]) -> Iterator[list[int]]:
    batch: list[int] = []
    for group in groups:
        if batch and len(batch) + len(group) > BATCH:
            yield batch
            batch = []
        batch = [*batch, *group]
    if batch:
        yield batch


def _item(output: Output, dataset: str) -> dict[str, Any]:
    return {
        "mqm": [],
        "documentID": _document(output),
        "sourceID": dataset,
        "targetID": output.system.name,
        "sourceText": output.segment.source,
        "targetText": output.text,
        "itemType": "TGT",
        "_item": output.segment.key,
        "itemID": output.segment.position,
        "isCompleteDocument": False,
    }


def _document(output: Output | Shown) -> str:
    return f"{output.segment.document or output.segment.key}#{output.system.name}"
