"""Our own format: a campaign with all that hangs on it, one JSON object a line, nothing lost.

The first line names the schema, the campaign and its dataset; then follow guidelines, systems,
segments, outputs, annotators with their places and standing, items, assignments, events, ratings
with what was thought of them later, and remarks. Items are named by their position, annotators by
their codes. It makes a campaign anew in an empty instance.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from django.db.models import Exists, OuterRef, Q

from annotation.formats import FORMATS
from annotation.formats.base import Export, Judgement, RatingFormat
from annotation.interchange.judged import (
    CHUNK,
    Reader,
    by_key,
    codes_of,
    items_at_a_time,
    judged,
    segments_of,
    tell_watcher,
)
from annotation.interchange.losses import WORDS
from annotation.interchange.rows import plain_fields, read_json, to_json
from annotation.interchange.writing import json_lines
from annotation.models import (
    Annotator,
    Assignment,
    Campaign,
    Guideline,
    Item,
    ItemOutput,
    Membership,
    Participation,
    Place,
    Rating,
    RatingEvent,
    RatingScore,
    Remark,
    SecondThought,
)
from annotation.privacy.leaving import leaving, silent, without_notes
from annotation.protocols.base import AnnotationProtocol
from models_app.models import Dataset, Output, Segment, System

SCHEMA = "nikash-ratings/1"
FIELDS = {
    "campaign": plain_fields(Campaign),
    "dataset": plain_fields(Dataset),
    "guideline": plain_fields(Guideline),
    "system": plain_fields(System, without=("backend", "decoding", "created_at")),
    "segment": plain_fields(Segment),
    "output": plain_fields(Output, without=("text_hash", "created_at")),
    "annotator": plain_fields(Annotator, without=("scope",)),
    "place": plain_fields(Place),
    "participation": plain_fields(Participation, without=("mixed",)),
    "item": plain_fields(Item),
    "assignment": plain_fields(Assignment),
    "event": plain_fields(RatingEvent),
    "rating": plain_fields(Rating),
    "second_thought": plain_fields(SecondThought),
    "remark": plain_fields(Remark),
}
"""What a line of each kind has beside the names of other rows."""

OF_ITEM = ("item__position", "annotator_id")

Record = dict[str, Any]


@FORMATS.register("nikash")
class Nikash(RatingFormat):
    label = "Nikash: everything of a campaign, nothing lost"
    title = "a file of Nikash"
    default_protocol = "sqm"
    protocols = ()
    needs_dataset = False
    restores = True
    endings = ("jsonl",)

    @classmethod
    def check_protocol(cls, protocol: type[AnnotationProtocol]) -> None:
        """Every protocol fits."""

    def judgements(self, source: Any) -> Iterator[Judgement]:
        """None: annotation.restoring reads the file as a whole."""
        yield from ()

    @classmethod
    def export(cls, campaign: Campaign) -> Export:
        return Export(cls.files(campaign), lambda: _losses(campaign), lambda: _n_rows(campaign))

    @classmethod
    def files(cls, campaign: Campaign, read: Reader = judged) -> Mapping[str, Iterable[bytes]]:
        """`read` is of no use: this file has more than finished ratings."""
        return {"campaign.jsonl": json_lines(records(campaign))}


def records(campaign: Campaign) -> Iterator[Record]:
    """Every line of the campaign's file."""
    yield head_of(campaign)
    yield from _texts(campaign)
    yield from judgements_of(campaign)


def head_of(campaign: Campaign) -> Record:
    return {
        "schema": SCHEMA,
        "record": "campaign",
        **to_json(campaign, FIELDS["campaign"]),
        "systems": list(campaign.systems.order_by("name").values_list("name", flat=True)),
        "dataset": to_json(campaign.dataset, FIELDS["dataset"]),
    }


def _texts(campaign: Campaign) -> Iterator[Record]:
    """What was judged: it may be stored elsewhere already."""
    guidelines = Guideline.objects.filter(name=campaign.guideline).order_by("version", "language")
    for guideline in guidelines if campaign.guideline else ():
        yield _record("guideline", guideline)
    systems = _systems(campaign)
    for system in systems.values():
        kind = System.Kind.HUMAN if system.kind == System.Kind.HUMAN else System.Kind.IMPORTED
        yield _record("system", system) | {"kind": kind.value}
    for segments in segments_of(campaign.dataset):
        yield from (_record("segment", segment) for segment in segments)
    for segments in segments_of(campaign.dataset):
        keys = {segment.pk: segment.key for segment in segments}
        outputs = Output.objects.filter(segment__in=keys, system__in=systems)
        ordered = outputs.order_by("segment__position", "system__name")
        for said, (system, segment) in _read("output", ordered, "system_id", "segment_id"):
            names = {"system": systems[system].name, "key": keys[segment]}
            yield {"record": "output", **names, **said}


def _systems(campaign: Campaign) -> dict[int, System]:
    slots = ItemOutput.objects.filter(item__campaign=campaign, output__system=OuterRef("pk"))
    shown = Q(pk__in=campaign.systems.values("pk")) | Exists(slots)
    return {s.pk: s for s in System.objects.filter(shown).order_by("name")}


def judgements_of(campaign: Campaign) -> Iterator[Record]:
    """What belongs to this campaign alone."""
    codes = codes_of(campaign)
    for annotator in Annotator.objects.filter(pk__in=codes).order_by("pk"):
        yield _record("annotator", annotator) | {"code": codes[annotator.pk]}
    for place in campaign.places.order_by("number", "pk"):
        yield _record("place", place, annotator=codes[place.annotator_id])
    for one in campaign.participations.order_by("pk"):
        yield _record("participation", one, annotator=codes[one.annotator_id])
    yield from _items(campaign)
    for items in items_at_a_time(campaign.items):
        leases = Assignment.objects.filter(item__in=items).order_by("item__position", "pk")
        found = _read("assignment", leases, *OF_ITEM)
        tell_watcher(len(found))
        for said, place in found:
            yield _of_item("assignment", said, place, codes)
    keep_notes = silent(campaign)
    yield from _events(campaign, codes, keep_notes)
    for items in items_at_a_time(campaign.items):
        yield from _ratings(items, codes, keep_notes)
    of_rating = {"rating__item__campaign": campaign}
    thoughts = SecondThought.objects.filter(**of_rating).select_related("rating__item")
    for thought in by_key(leaving(thoughts, "rating__annotator")):
        rating = thought.rating
        if rating.annotator_id in keep_notes:
            thought.reason, thought.answer = "", without_notes(thought.answer)
        names = {"of_item": rating.item.position, "annotator": codes[rating.annotator_id]}
        yield _record("second_thought", thought, **names)
    ours = Remark.objects.filter(item__campaign=campaign)
    remarks = ours.exclude(author__annotator__withholds_notes=True)
    for remark in by_key(remarks.select_related("item")):
        yield _record("remark", remark, of_item=remark.item.position)


def _items(campaign: Campaign) -> Iterator[Record]:
    """Of a control, too: the item that it repeats or damages, and the texts shown instead."""
    systems = dict(System.objects.values_list("pk", "name"))
    for items in items_at_a_time(campaign.items):
        shown: dict[int, list[tuple[str, int]]] = {}
        slots = ItemOutput.objects.filter(item__in=items).order_by("item_id", "slot")
        for item, *output in slots.values_list(
            "item_id", "output__segment__key", "output__system_id"
        ):
            shown.setdefault(item, []).append(tuple(output))
        changed = _changed_texts(items)
        found = Item.objects.filter(pk__in=items).order_by("position")
        for said, (item, origin) in _read("item", found, "pk", "origin__position"):
            names: Record = {
                "key": shown[item][0][0],
                "outputs": [systems[system] for _, system in shown[item]],
            }
            if origin is not None:
                names["control_of"] = origin
            if item in changed:
                names["changed_texts"] = [changed[item].get(n) for n in range(len(shown[item]))]
            yield {"record": "item", **names, **said}


def _events(campaign: Campaign, codes: Mapping[int, str], keep_notes: set[int]) -> Iterator[Record]:
    events, last = leaving(RatingEvent.objects.filter(item__campaign=campaign)), 0
    while found := _read(
        "event", events.filter(pk__gt=last).order_by("pk")[:CHUNK], *OF_ITEM, "pk"
    ):
        tell_watcher(len(found))
        for said, (*place, _) in found:
            if place[1] in keep_notes:
                said["answer"] = without_notes(said["answer"])
            yield _of_item("event", said, place, codes)
        last = found[-1][1][-1]


def _ratings(items: list[int], codes: Mapping[int, str], keep_notes: set[int]) -> Iterator[Record]:
    slots = ItemOutput.objects.filter(item__in=items).values_list("item_id", "output_id", "slot")
    slot_of = {(item, output): slot for item, output, slot in slots}
    ratings = leaving(Rating.objects.filter(item__in=items)).order_by("item__position", "pk")
    found = _read("rating", ratings, *OF_ITEM, "item_id", "pk")
    tell_watcher(len(found))
    scores: dict[int, list[list[Any]]] = {}
    given = RatingScore.objects.filter(rating__in=[pk for *_, (*_, pk) in found])
    for pk, *score in given.values_list("rating_id", "output_id", "criterion", "value"):
        scores.setdefault(pk, []).append(score)
    for said, (*place, item, pk) in found:
        if place[1] in keep_notes:
            said |= {"note": "", "answer": without_notes(said["answer"])}
        placed = [[slot_of[item, output], *value] for output, *value in scores.get(pk, ())]
        yield _of_item("rating", said, place, codes) | {"scores": sorted(placed)}


def _changed_texts(items: list[int]) -> dict[int, dict[int, str]]:
    """Item to slot to the text that is shown there instead of the output's own."""
    found: dict[int, dict[int, str]] = {}
    slots = ItemOutput.objects.filter(item__in=items, changed_text__isnull=False)
    for item, slot, text in slots.values_list("item_id", "slot", "changed_text"):
        found.setdefault(item, {})[slot] = text
    return found


def _read(kind: str, rows: Any, *beside: str) -> list[tuple[Record, tuple[Any, ...]]]:
    return read_json(rows, FIELDS[kind], *beside)


def _of_item(kind: str, said: Record, place: Sequence[Any], codes: Mapping[int, str]) -> Record:
    return {"record": kind, "of_item": place[0], "annotator": codes[place[1]], **said}


def _record(kind: str, row: Any, **names: Any) -> Record:
    return {"record": kind, **names, **to_json(row, FIELDS[kind])}


def _n_rows(campaign: Campaign) -> int:
    kinds = (Assignment, RatingEvent, Rating)
    return sum(kind.objects.filter(item__campaign=campaign).count() for kind in kinds)


def _losses(campaign: Campaign) -> list[str]:
    """Accounts and generating settings belong to an instance, not to a campaign."""
    codes = codes_of(campaign)
    raters = Annotator.objects.filter(pk__in=codes)
    stored = dict(raters.values_list("pk", "code"))
    counts = {
        ("link of a rater to an account", "links of raters to accounts"): raters.filter(
            user__isnull=False
        ).count(),
        ("person's access", "persons' access"): Membership.objects.filter(
            campaign=campaign
        ).count(),
        ("system's settings to generate", "systems' settings to generate"): sum(
            system.kind == System.Kind.MODEL for system in _systems(campaign).values()
        ),
        ("invitation", "invitations"): campaign.invitations.count(),
        WORDS["withheld"]: Rating.objects.filter(
            item__campaign=campaign, annotator__withholds_answers=True
        ).count(),
        ("name of who changed a standing", "names of who changed a standing"): (
            campaign.participations.filter(changed_by__isnull=False).count()
        ),
        ("author of a remark", "authors of remarks"): Remark.objects.filter(
            item__campaign=campaign, author__isnull=False
        ).count(),
        ("rater's code that stands twice", "raters' codes that stand twice"): sum(
            stored[pk] != code for pk, code in codes.items()
        ),
    }
    return [
        f"{n} {words[n > 1]} {'are' if n > 1 else 'is'} not in a file of Nikash"
        for words, n in counts.items()
        if n
    ]
