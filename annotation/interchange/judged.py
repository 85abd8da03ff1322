"""A campaign's finished ratings, one by one and output by output, as exports write them."""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from django.db.models import QuerySet

from annotation.models import Annotator, Campaign, Item, ItemOutput, Rating
from annotation.protocols.base import Answer
from models_app.models import Output, System

CHUNK = 2000


class Judged(NamedTuple):
    """What one rater said of one output.

    `part` has "score" where the protocol asks for one, and "errors" where it asks for errors.
    `slot` is the output's place in its item: outputs that read the same are judged at once.
    """

    rater: str
    output: Output
    rating: Rating
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


def judged(campaign: Campaign) -> Iterator[Judged]:
    """Finished ratings of judged items in their order, raters in the order of their codes."""
    outputs, codes = outputs_of(campaign), codes_of(campaign)
    ratings = finished_ratings(campaign)
    ordered = ratings.order_by("item__position", "annotator__code", "annotator_id")
    for rating in ordered.iterator(CHUNK):
        for slot, output in enumerate(outputs[rating.item_id]):
            part = part_of(rating.answer, slot)
            yield Judged(codes[rating.annotator_id], output, rating, slot, part)


def finished_ratings(campaign: Campaign) -> QuerySet[Rating]:
    """Those that other programs may take for judgements: no control, no lesson."""
    return Rating.objects.filter(
        item__campaign=campaign, item__purpose=Item.Purpose.JUDGE, is_complete=True
    )


def part_of(answer: Answer, slot: int) -> Mapping[str, Any]:
    """What an answer says of the output in one slot."""
    if "outputs" not in answer:
        return answer
    given = answer["outputs"].get(str(slot))
    return given if isinstance(given, Mapping) else {"score": given}


def outputs_of(campaign: Campaign) -> dict[int, list[Output]]:
    """The outputs of every item in slots; segments and systems are shared between them."""
    segments = {segment.pk: segment for segment in campaign.dataset.segments.all()}
    slots = ItemOutput.objects.filter(item__campaign=campaign).order_by("item_id", "slot")
    pairs = slots.values_list("item_id", "output_id")
    stored = Output.objects.filter(slots__item__campaign=campaign).distinct()
    outputs = {output.pk: output for output in stored.iterator(CHUNK)}
    systems = System.objects.in_bulk({output.system_id for output in outputs.values()})
    for output in outputs.values():
        output.segment = segments[output.segment_id]
        output.system = systems[output.system_id]
    found: dict[int, list[Output]] = {}
    for item, output in pairs.iterator(CHUNK):
        found.setdefault(item, []).append(outputs[output])
    return found


def codes_of(campaign: Campaign) -> dict[int, str]:
    """A code for everybody who has part in the campaign; of two alike, the later is numbered."""
    parts = ("ratings__item", "events__item", "assignments__item", "places", "participations")
    found: set[int] = set()
    for part in parts:
        ours = Annotator.objects.filter(**{f"{part}__campaign": campaign})
        found.update(ours.values_list("pk", flat=True).distinct())
    codes: dict[int, str] = {}
    taken: set[str] = set()
    people = Annotator.objects.filter(pk__in=found).order_by("pk")
    for pk, code in people.values_list("pk", "code"):
        number, unique = 2, code
        while unique in taken:
            unique, number = f"{code} ({number})", number + 1
        taken.add(unique)
        codes[pk] = unique
    return codes


def raters_of(campaign: Campaign) -> list[str]:
    """The codes of those who finished a rating, sorted."""
    codes = codes_of(campaign)
    ratings = finished_ratings(campaign)
    return sorted(codes[pk] for pk in ratings.values_list("annotator_id", flat=True).distinct())
