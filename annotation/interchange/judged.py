"""A campaign's finished ratings, one by one and output by output, as exports write them."""

from array import array
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime
from typing import Any, NamedTuple

from django.db.models import Exists, OuterRef, QuerySet

from annotation.models import (
    Annotator,
    Assignment,
    Campaign,
    Item,
    ItemOutput,
    Participation,
    Place,
    Rating,
    RatingEvent,
)
from annotation.privacy.leaving import leaving, silent, without_notes
from annotation.protocols.base import Answer
from models_app.models import Dataset, Segment, System

CHUNK = 2000
ITEMS = 200  # read together with their outputs and ratings
Watcher = Callable[[int], None]
Reader = Callable[..., Iterator["Judged"]]
"""`judged`, or what passes on what it reads."""

_watcher: ContextVar[Watcher] = ContextVar("watcher", default=lambda n: None)


@contextmanager
def watching(watcher: Watcher) -> Iterator[None]:
    """Within it, `watcher` is told of the rows that exports read, how many at a time."""
    token = _watcher.set(watcher)
    try:
        yield
    finally:
        _watcher.reset(token)


def tell_watcher(n: int) -> None:
    _watcher.get()(n)


# No model's object for each row: of a million they cost more than all else.


class Said(NamedTuple):
    """A finished rating's columns."""

    pk: int
    item_id: int
    annotator_id: int
    answer: Answer
    active_seconds: float | None
    guideline: str
    note: str
    flagged: bool
    updated_at: datetime


class Source(NamedTuple):
    """A segment's columns."""

    pk: int
    key: str
    source: str
    document: str
    position: int


class Shown(NamedTuple):
    """An output's columns."""

    pk: int
    text: str
    system: System
    segment: Source


class Judged(NamedTuple):
    """What one rater said of one output.

    `part` has "score" where the protocol asks for one, and "errors" where it asks for errors.
    `slot` is the output's place in its item: outputs that read the same are judged at once.
    """

    rater: str
    output: Shown
    rating: Said
    slot: int
    part: Mapping[str, Any]

    @property
    def key(self) -> str:
        return self.output.segment.key

    @property
    def system(self) -> str:
        return self.output.system.name

    @property
    def score(self) -> Any:
        return self.part.get("score")

    @property
    def errors(self) -> list[dict[str, Any]]:
        return self.part.get("errors") or []

    def shown(self, error: Mapping[str, Any]) -> str:
        """The text that an error is marked in."""
        is_source = error["side"] == "source"
        return self.output.segment.source if is_source else self.output.text


def judged(campaign: Campaign, annotator: int | None = None) -> Iterator[Judged]:
    """Finished ratings of judged items in their order, raters in the order of their codes.

    Without what their annotators do not let leave the site.

    annotator : only theirs, in the order in which they were begun
    Read some items at a time: memory does not grow with the campaign.
    """
    codes = codes_of(campaign)
    systems: dict[int, System] = {}
    keep_notes = silent(campaign)
    for found in _ratings_at_a_time(campaign, annotator):
        tell_watcher(len(found))
        outputs = outputs_of({rating.item_id for rating in found}, systems)
        for rating in found:
            if rating.annotator_id in keep_notes:
                rating = rating._replace(note="", answer=without_notes(rating.answer))
            for slot, output in enumerate(outputs[rating.item_id]):
                part = part_of(rating.answer, slot)
                yield Judged(codes[rating.annotator_id], output, rating, slot, part)


def _ratings_at_a_time(campaign: Campaign, annotator: int | None) -> Iterator[list[Said]]:
    ratings = finished_ratings(campaign).values_list(*Said._fields)
    if annotator is None:
        for items in items_at_a_time(campaign.items.judged()):
            said = ratings.filter(item__in=items)
            said = said.order_by("item__position", "annotator__code", "annotator_id")
            yield list(map(Said._make, said))
        return
    last = 0
    theirs = ratings.filter(annotator=annotator).order_by("pk")
    while said := list(map(Said._make, theirs.filter(pk__gt=last)[:CHUNK])):
        yield said
        last = said[-1].pk


def items_at_a_time(items: QuerySet[Item], size: int = ITEMS) -> Iterator[list[int]]:
    """The keys of a campaign's items in their order, `size` at a time."""
    last = -1
    while rows := list(
        items.filter(position__gt=last).order_by("position").values_list("pk", "position")[:size]
    ):
        yield [pk for pk, _ in rows]
        last = rows[-1][1]


def segments_of(dataset: Dataset, size: int = ITEMS) -> Iterator[list[Segment]]:
    """A dataset's segments in their order, `size` at a time."""
    keys = array("q", dataset.segments.order_by("position").values_list("pk", flat=True))
    for start in range(0, len(keys), size):
        chunk = keys[start : start + size]
        found = dataset.segments.in_bulk(chunk.tolist())
        yield [found[pk] for pk in chunk]


def by_key(rows: QuerySet[Any], size: int = CHUNK) -> Iterator[Any]:
    """Rows in the order of their keys, `size` at a time."""
    last = 0
    while found := list(rows.filter(pk__gt=last).order_by("pk")[:size]):
        tell_watcher(len(found))
        yield from found
        last = found[-1].pk


def finished_ratings(campaign: Campaign) -> QuerySet[Rating]:
    """Those that other programs may take for judgements: no control, no lesson."""
    finished = Rating.objects.filter(
        item__campaign=campaign, item__purpose=Item.Purpose.JUDGE, is_complete=True
    )
    return leaving(finished)


def part_of(answer: Answer, slot: int) -> Mapping[str, Any]:
    """What an answer says of the output in one slot."""
    if "outputs" not in answer:
        return answer
    given = answer["outputs"].get(str(slot))
    return given if isinstance(given, Mapping) else {"score": given}


def outputs_of(items: Collection[int], systems: dict[int, System]) -> dict[int, list[Shown]]:
    """The outputs of these items in slots; `systems` are those known, and learns the others."""
    slots = ItemOutput.objects.filter(item__in=items).order_by("item_id", "slot")
    columns = (f"output__segment__{name}" for name in Source._fields)
    rows = slots.values_list("item_id", "output_id", "output__text", "output__system_id", *columns)
    found: dict[int, list[Shown]] = {}
    for item, pk, text, system, *segment in rows:
        if system not in systems:
            systems[system] = System.objects.get(pk=system)
        found.setdefault(item, []).append(Shown(pk, text, systems[system], Source(*segment)))
    return found


def codes_of(campaign: Campaign) -> dict[int, str]:
    """A code for everybody who has part in the campaign; of two alike, the later is numbered."""
    ours = {"annotator": OuterRef("pk")}
    of_item = {**ours, "item__campaign": campaign}
    is_part = (
        Exists(Participation.objects.filter(**ours, campaign=campaign))
        | Exists(Place.objects.filter(**ours, campaign=campaign))
        | Exists(Rating.objects.filter(**of_item))
        | Exists(RatingEvent.objects.filter(**of_item))
        | Exists(Assignment.objects.filter(**of_item))
    )
    codes: dict[int, str] = {}
    taken: set[str] = set()
    people = Annotator.objects.filter(is_part).order_by("pk")
    for pk, code in people.values_list("pk", "code"):
        number, unique = 2, code
        while unique in taken:
            unique, number = f"{code} ({number})", number + 1
        taken.add(unique)
        codes[pk] = unique
    return codes


def raters_of(campaign: Campaign) -> list[str]:
    """The codes of those who finished a rating, sorted."""
    return sorted(rater_keys(campaign))


def rater_keys(campaign: Campaign) -> dict[str, int]:
    """Code to key of those who finished a rating."""
    codes = codes_of(campaign)
    theirs = finished_ratings(campaign).filter(annotator=OuterRef("pk"))
    raters = Annotator.objects.filter(Exists(theirs), pk__in=codes)
    return {codes[pk]: pk for pk in raters.values_list("pk", flat=True)}
