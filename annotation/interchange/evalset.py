"""A campaign as an EvalSet of MTME: names that fit into its files, and the files' lines."""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from django.db.models import Avg

from annotation.interchange.judged import (
    ITEMS,
    Judged,
    Reader,
    finished_ratings,
    rater_keys,
    raters_of,
    segments_of,
)
from annotation.interchange.writing import compact, lines
from annotation.models import Campaign, RatingScore
from annotation.protocols.error_spans import ErrorSpanProtocol
from annotation.protocols.sqm import CANNOT_JUDGE
from models_app.models import Dataset, Output, Segment

MANIFEST = "nikash.json"
SCHEMA = "nikash-mtme/1"
UNFIT = re.compile(r"[^\w.+-]+")


class Layout(NamedTuple):
    """A campaign's segments, one a line, and its systems and raters by their names in the set."""

    pair: str
    segments: list[tuple[int, str]]  # keys in the database, and our own
    systems: dict[str, str]
    raters: dict[str, str]


def layout_of(campaign: Campaign) -> Layout:
    dataset = campaign.dataset
    languages = (dataset.source_lang, dataset.target_lang)
    systems = campaign.systems.order_by("name").values_list("name", flat=True)
    return Layout(
        pair="-".join(language.split("-")[0] for language in languages),
        segments=list(dataset.segments.order_by("position").values_list("pk", "key")),
        systems=_fitting(systems),
        raters={f"{campaign.protocol}-r{n}": code for n, code in enumerate(raters_of(campaign), 1)},
    )


def files(campaign: Campaign, read: Reader) -> Mapping[str, Iterable[bytes]]:
    """Every file of the set; those of outputs and scores are read when they are written."""
    layout = layout_of(campaign)
    pair, dataset = layout.pair, campaign.dataset
    found: dict[str, Iterable[bytes]] = {
        MANIFEST: [f"{compact(_manifest(campaign, layout))}\n".encode()],
        f"sources/{pair}.txt": lines(line(s.source) for s in _segments(dataset)),
        f"documents/{pair}.docs": lines(document_lines(_segments(dataset))),
    }
    for name, texts in references(dataset).items():
        found[f"references/{pair}.{name}.txt"] = lines(texts)
    for name, system in layout.systems.items():
        found[f"system-outputs/{pair}/{name}.txt"] = lines(_outputs(campaign, layout, system))
    keys = rater_keys(campaign)
    has_errors = isinstance(campaign.protocol_object, ErrorSpanProtocol)
    for name, code in layout.raters.items():
        ending = "rating" if has_errors else "score"
        found[f"human-scores/{pair}.{name}.seg.{ending}"] = lines(
            _said(read(campaign, keys[code]), layout)
        )
    for level, rows in (("seg", _segment_means), ("sys", _system_means)):
        name = f"human-scores/{pair}.{campaign.protocol}.{level}.score"
        found[name] = lines(rows(campaign, layout))
    return found


def _manifest(campaign: Campaign, layout: Layout) -> dict[str, Any]:
    return {
        "schema": SCHEMA,
        "pair": layout.pair,
        "protocol": campaign.protocol,
        "keys": [key for _, key in layout.segments],
        "systems": layout.systems,
        "raters": layout.raters,
    }


def _fitting(names: Iterable[str]) -> dict[str, str]:
    """A name without blanks and slashes for each, told apart by numbers."""
    found: dict[str, str] = {}
    for name in names:
        base = UNFIT.sub("_", name).strip(".") or "x"
        fitting, number = base, 2
        while fitting.casefold() in {taken.casefold() for taken in found}:
            fitting, number = f"{base}_{number}", number + 1
        found[fitting] = name
    return found


def line(text: str) -> str:
    """The text on one line: a space for each line break, so that places stay."""
    return re.sub(r"[\r\n]", " ", text)


def document_lines(segments: Iterable[Segment]) -> Iterator[str]:
    """DOMAIN DOCUMENT for every segment; a document is a run of segments of one domain."""
    taken: set[str] = set()
    before, name = None, ""
    for segment in segments:
        place = (segment.domain, segment.document or segment.key)
        if place != before:
            base = UNFIT.sub("_", place[1])
            name, number = base, 2
            while name in taken:
                name, number = f"{base}_{number}", number + 1
            taken.add(name)
            before = place
        yield f"{UNFIT.sub('_', segment.domain) or 'all'} {name}"


def _segments(dataset: Dataset) -> Iterator[Segment]:
    for segments in segments_of(dataset):
        yield from segments


def references(dataset: Dataset) -> dict[str, Iterator[str]]:
    """Reference names (refA, refB ...) to a line for every segment; empty where there is none."""
    n = max((len(segment.references) for segment in _segments(dataset)), default=0)
    return {
        f"ref{chr(ord('A') + index) if n <= 26 else index + 1}": _references(dataset, index)
        for index in range(n)
    }


def _references(dataset: Dataset, index: int) -> Iterator[str]:
    for segment in _segments(dataset):
        has_one = index < len(segment.references)
        yield line(segment.references[index]) if has_one else ""


def _outputs(campaign: Campaign, layout: Layout, system: str) -> Iterator[str]:
    stored = Output.objects.filter(system__name=system)
    for start in range(0, len(layout.segments), ITEMS):
        keys = [pk for pk, _ in layout.segments[start : start + ITEMS]]
        texts = dict(stored.filter(segment__in=keys).values_list("segment_id", "text"))
        yield from (line(texts.get(pk, "")) for pk in keys)


def _said(given: Iterable[Judged], layout: Layout) -> Iterator[str]:
    """What one rater said, a line for every system and segment; None where nothing."""
    mine = {(one.system, one.output.segment.pk): _value(one) for one in given}
    for name, system in layout.systems.items():
        for segment, _ in layout.segments:
            yield f"{name}\t{mine.get((system, segment), 'None')}"


def _value(one: Judged) -> str:
    """A score, or a rating of errors with its rater."""
    if "errors" not in one.part:
        return "None" if one.score == CANNOT_JUDGE else str(one.score)
    rating = one.rating
    given: dict[str, Any] = {
        "errors": [_error(error, one) for error in one.errors],
        "score": one.score,
        "note": rating.note,
        "flagged": rating.flagged,
        "active_seconds": rating.active_seconds,
        "given_at": rating.updated_at.isoformat(),
    }
    there = {k: v for k, v in given.items() if v is not None and v is not False and v != ""}
    return f"{compact(there)}\t{one.rater}"


def _error(error: Mapping[str, Any], one: Judged) -> dict[str, Any]:
    given: dict[str, Any] = {
        "start": error["start"],
        "end": error["end"],
        "category": error["category"] or None,
        "severity": error["severity"],
        "is_source_error": error["side"] == "source",
    }
    if error["note"]:
        given["note"] = error["note"]
    if error["start"] is None:
        given |= {"start": 0, "end": len(one.shown(error)), "without_place": True}
        given |= {"quoted": error["quoted"]} if error["quoted"] else {}
    return given


def _segment_means(campaign: Campaign, layout: Layout) -> Iterator[str]:
    for name, system in layout.systems.items():
        means = _means(campaign, system)
        for segment, _ in layout.segments:
            yield f"{name}\t{means.get(segment, 'None')}"


def _system_means(campaign: Campaign, layout: Layout) -> Iterator[str]:
    """The mean of a system's segment means."""
    for name, system in layout.systems.items():
        of_system = _means(campaign, system).values()
        yield f"{name}\t{sum(of_system) / len(of_system) if of_system else 'None'}"


def _means(campaign: Campaign, system: str) -> dict[int, float]:
    """Of a system, segment to the mean over raters of the main score, higher for better."""
    protocol = campaign.protocol_object
    sign = -1.0 if protocol.direction == "lower" else 1.0
    scores = RatingScore.objects.filter(
        rating__in=finished_ratings(campaign),
        criterion=protocol.main_criterion,
        output__system__name=system,
    )
    rows = scores.order_by().values_list("output__segment_id")
    return {segment: sign * mean + 0.0 for segment, mean in rows.annotate(mean=Avg("value"))}
