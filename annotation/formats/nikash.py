"""Our own format: a campaign with all that hangs on it, one JSON object a line, nothing lost.

The first line names the schema, the campaign and its dataset; then follow guidelines, systems,
segments, outputs, annotators with their places and standing, items, assignments, events, ratings
with what was thought of them later, and remarks. Items are named by their position, annotators by
their codes. It makes a campaign anew in an empty instance.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from django.db.models import Exists, F, OuterRef, Q

from annotation.formats import FORMATS
from annotation.formats.base import Export, Judgement, RatingFormat
from annotation.interchange.judged import (
    by_key,
    codes_of,
    items_at_a_time,
    outputs_of,
    segments_of,
    tell_watcher,
)
from annotation.interchange.losses import WORDS
from annotation.interchange.rows import plain_fields, to_json
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
    "participation": plain_fields(Participation),
    "item": plain_fields(Item),
    "assignment": plain_fields(Assignment),
    "event": plain_fields(RatingEvent),
    "rating": plain_fields(Rating),
    "second_thought": plain_fields(SecondThought),
    "remark": plain_fields(Remark),
}
"""What a line of each kind has beside the names of other rows."""

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
    def files(cls, campaign: Campaign) -> Mapping[str, Iterable[bytes]]:
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
        for output in outputs.order_by("segment__position", "system__name"):
            names = {"system": systems[output.system_id].name, "key": keys[output.segment_id]}
            yield _record("output", output, **names)


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
    ours = {"item__campaign": campaign}
    position = F("item__position")
    for items in items_at_a_time(campaign.items):
        leases = Assignment.objects.filter(item__in=items).annotate(position_of_item=position)
        found = list(leases.order_by("item__position", "pk"))
        tell_watcher(len(found))
        for lease in found:
            yield _of_item("assignment", lease, codes)
    keep_notes = silent(campaign)
    events = RatingEvent.objects.filter(**ours).annotate(position_of_item=position)
    for event in by_key(leaving(events)):
        if event.annotator_id in keep_notes:
            event.answer = without_notes(event.answer)
        yield _of_item("event", event, codes)
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
    remarks = Remark.objects.filter(**ours).exclude(author__annotator__withholds_notes=True)
    for remark in by_key(remarks.select_related("item")):
        yield _record("remark", remark, of_item=remark.item.position)


def _items(campaign: Campaign) -> Iterator[Record]:
    systems: dict[int, System] = {}
    for keys in items_at_a_time(campaign.items):
        outputs = outputs_of(keys, systems)
        changed = _changed_texts(keys)
        items = Item.objects.filter(pk__in=keys).select_related("origin").order_by("position")
        for item in items:
            yield _item(item, outputs[item.pk], changed.get(item.pk))


def _ratings(items: list[int], codes: Mapping[int, str], keep_notes: set[int]) -> Iterator[Record]:
    slots = ItemOutput.objects.filter(item__in=items).values_list("item_id", "output_id", "slot")
    place = {(item, output): slot for item, output, slot in slots}
    ratings = leaving(Rating.objects.filter(item__in=items)).prefetch_related("scores")
    ratings = ratings.annotate(position_of_item=F("item__position"))
    found = list(ratings.order_by("item__position", "pk"))
    tell_watcher(len(found))
    for rating in found:
        if rating.annotator_id in keep_notes:
            rating.note, rating.answer = "", without_notes(rating.answer)
        scores = [
            [place[rating.item_id, s.output_id], s.criterion, s.value] for s in rating.scores.all()
        ]
        yield _of_item("rating", rating, codes) | {"scores": sorted(scores)}


def _item(
    item: Item,
    outputs: list[Output],
    changed: Mapping[int, str] | None,
) -> Record:
    """Of a control, too: the item that it repeats or damages, and the texts shown instead."""
    names: Record = {
        "key": outputs[0].segment.key,
        "outputs": [output.system.name for output in outputs],
    }
    if item.origin_id is not None:
        names["control_of"] = item.origin.position
    if changed:
        names["changed_texts"] = [changed.get(slot) for slot in range(len(outputs))]
    return _record("item", item, **names)


def _changed_texts(items: list[int]) -> dict[int, dict[int, str]]:
    """Item to slot to the text that is shown there instead of the output's own."""
    found: dict[int, dict[int, str]] = {}
    slots = ItemOutput.objects.filter(item__in=items, changed_text__isnull=False)
    for item, slot, text in slots.values_list("item_id", "slot", "changed_text"):
        found.setdefault(item, {})[slot] = text
    return found


def _of_item(kind: str, row: Any, codes: Mapping[int, str]) -> Record:
    names = {"of_item": row.position_of_item, "annotator": codes[row.annotator_id]}
    return _record(kind, row, **names)


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
