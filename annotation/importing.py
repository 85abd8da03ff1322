"""Ratings collected elsewhere become a campaign with its log, like any other."""

import uuid
from collections.abc import Callable, Collection, Iterable
from datetime import datetime
from typing import Any

from django.db.models import Max
from django.utils import timezone

from annotation.formats import FORMATS
from annotation.formats.base import Judgement
from annotation.interchange.finding import Sources
from annotation.interchange.stored import NAMESPACE, error_span
from annotation.models import (
    Annotator,
    Campaign,
    ErrorSpan,
    Item,
    ItemOutput,
    Rating,
    RatingEvent,
    RatingScore,
)
from annotation.protocols import PROTOCOLS
from annotation.restoring.campaign import restore_campaign
from annotation.summaries import BIG, make_summary
from annotation.tallying import TALLY
from common.errors import BadInput
from common.problems import Problems
from models_app.loading.common import Loaded, all_or_nothing, check_fields, chunks
from models_app.models import Dataset, System


def load_ratings(
    source: Any,
    *,
    dataset: Dataset | str | None,
    campaign: str | None,
    format_name: str = "ratings",
    protocol: str | None = None,
    origin: str = Campaign.Origin.IMPORTED,
    dry_run: bool = False,
    progress: Callable[[int], None] = lambda n: None,
) -> Loaded:
    """Store a file of ratings as a campaign; the same file again changes nothing.

    source : what the format's `open` made of the file
    dataset : what was judged; for a format that brings its own, the name to give it, or None
    campaign : None for the name in the file, where the format has one

    Raises BadInput or BadTable, and then nothing is stored.
    """
    try:
        format_class = FORMATS.get(format_name)
        protocol_class = PROTOCOLS.get(protocol or format_class.default_protocol)
    except LookupError as problem:
        raise BadInput(str(problem)) from problem
    if format_class.restores:
        named = dataset.name if isinstance(dataset, Dataset) else dataset
        return restore_campaign(
            source, campaign=campaign, dataset=named, dry_run=dry_run, progress=progress
        )
    if not isinstance(dataset, Dataset) or not campaign:
        raise BadInput(f"{format_class.title} needs a dataset and a name for the campaign")
    format_class.check_protocol(protocol_class)
    problems = Problems(source.name)
    with all_or_nothing(problems, dry_run=dry_run):
        stored = _campaign(campaign, dataset, protocol or format_class.default_protocol, origin)
        reader = format_class(stored.protocol_object, Sources(dataset), problems)
        importer = _Importer(stored, problems)
        for chunk in chunks(reader.judgements(source)):
            importer.store(chunk)
            progress(importer.loaded.n_rows)
        importer.finish()
    if not dry_run and importer.loaded.n_new >= BIG:
        make_summary(stored, TALLY)
    importer.loaded.notes += reader.notes
    return importer.loaded


def _campaign(name: str, dataset: Dataset, protocol: str, origin: str) -> Campaign:
    campaign = Campaign.objects.select_for_update().filter(name=name).first()
    if campaign is None:
        campaign = Campaign(
            name=name,
            dataset=dataset,
            protocol=protocol,
            origin=origin,
            state=Campaign.State.CLOSED,
            opened_at=timezone.now(),
        )
        check_fields(campaign, exclude=("plan",))
        campaign.save()
    elif (campaign.dataset_id, campaign.protocol, campaign.origin) != (
        dataset.pk,
        protocol,
        origin,
    ):
        raise BadInput(
            f"the campaign {name!r} exists with dataset {campaign.dataset}, protocol "
            f"{campaign.protocol} and {campaign.get_origin_display()}; give another name"
        )
    return campaign


class _Importer:
    """Writes judgements in bulk: one item per set of outputs; an event, a rating, scores each.

    Of what is stored it knows only what the chunk at hand speaks of.
    """

    def __init__(self, campaign: Campaign, problems: Problems) -> None:
        self.campaign = campaign
        self.protocol = campaign.protocol_object
        self.problems = problems
        self.loaded = Loaded()
        self.n_items = campaign.items.count()
        self.items: dict[tuple[int, ...], int] = {}
        self.annotators = {a.code: a for a in Annotator.objects.filter(scope=campaign.name)}
        ratings = Rating.objects.filter(item__campaign=campaign)
        self.last_before = ratings.aggregate(last=Max("pk"))["last"] if self.n_items else None
        self.stored: dict[tuple[int, int], tuple[Any, ...]] = {}
        self.systems: set[int] = set()

    def store(self, judgements: list[Judgement]) -> None:
        self.loaded.n_rows += len(judgements)
        n_wanted = Loaded.SAMPLE - len(self.loaded.sample)
        self.loaded.sample += [self._cells(judgement) for judgement in judgements[:n_wanted]]
        self.items = _stored_items(self.campaign, {_place(one) for one in judgements})
        self.stored = self._stored_ratings()
        self._make_items(judgements)
        new = [judgement for judgement in judgements if self._is_new(judgement)]
        if self.problems.n:
            return
        self._write(new)
        self.loaded.n_new += len(new)

    def _stored_ratings(self) -> dict[tuple[int, int], tuple[Any, ...]]:
        """What was said of the chunk's items before this file, by annotator and item."""
        if self.last_before is None:
            return {}
        ratings = Rating.objects.filter(item__in=self.items.values(), pk__lte=self.last_before)
        found = ratings.values_list("annotator_id", "item_id", "answer", "note", "flagged")
        return {(annotator, item): tuple(said) for annotator, item, *said in found}

    def _cells(self, judgement: Judgement) -> dict[str, str]:
        """The judgement as a preview shows it."""
        cells = {
            "rater": judgement.rater,
            "system": ", ".join(output.system.name for output in judgement.outputs),
            "key": judgement.outputs[0].segment.key,
        }
        for score in self.protocol.scores(judgement.answer, len(judgement.outputs)):
            cells[score.criterion] = f"{score.value:g}"
        return cells

    def _make_items(self, judgements: Iterable[Judgement]) -> None:
        wanted = {_place(j): j.outputs for j in judgements if _place(j) not in self.items}
        first = self.n_items
        self.n_items += len(wanted)
        items = [
            Item(
                campaign_id=self.campaign.pk,
                segment_id=outputs[0].segment_id,
                position=first + number,
                block=outputs[0].segment.position,
            )
            for number, outputs in enumerate(wanted.values())
        ]
        Item.objects.bulk_create(items)
        ItemOutput.objects.bulk_create(
            ItemOutput(item_id=item.pk, output_id=output, slot=slot)
            for item, outputs in zip(items, wanted, strict=True)
            for slot, output in enumerate(outputs)
        )
        self.items.update(zip(wanted, (item.pk for item in items), strict=True))
        self.systems.update(o.system_id for outputs in wanted.values() for o in outputs)

    def _annotator(self, code: str) -> Annotator:
        if code not in self.annotators:
            self.annotators[code] = Annotator.objects.create(
                code=code,
                scope=self.campaign.name,
                origin=Annotator.Origin.SIMULATED
                if self.campaign.origin == Campaign.Origin.SIMULATED
                else Annotator.Origin.IMPORTED,
            )
        return self.annotators[code]

    def _is_new(self, judgement: Judgement) -> bool:
        annotator = self._annotator(judgement.rater)
        stored = self.stored.get((annotator.pk, self.items[_place(judgement)]))
        if stored is None:
            return True
        if stored == (judgement.answer, judgement.note, judgement.flagged):
            self.loaded.n_unchanged += 1
        else:
            self.problems.add(
                f"another rating of {judgement.rater!r} is stored for this output; "
                "ratings are never overwritten: load it as a new campaign",
                judgement.row,
            )
        return False

    def _write(self, judgements: list[Judgement]) -> None:
        now = timezone.now()
        pairs = [self._rating(judgement, now) for judgement in judgements]
        RatingEvent.objects.bulk_create(event for event, _ in pairs)
        ratings = Rating.objects.bulk_create(rating for _, rating in pairs)
        scores, spans = [], []
        for judgement, rating in zip(judgements, ratings, strict=True):
            n_outputs = len(judgement.outputs)
            for score in self.protocol.scores(judgement.answer, n_outputs):
                scores.append(
                    RatingScore(
                        rating_id=rating.pk,
                        output_id=judgement.outputs[score.slot].pk,
                        criterion=score.criterion,
                        value=score.value,
                    )
                )
            for span in self.protocol.spans(judgement.answer, n_outputs):
                spans.append(error_span(rating, judgement.outputs[span.slot], span))
        RatingScore.objects.bulk_create(scores)
        ErrorSpan.objects.bulk_create(spans)

    def _rating(self, judgement: Judgement, now: datetime) -> tuple[RatingEvent, Rating]:
        item = self.items[_place(judgement)]
        annotator = self._annotator(judgement.rater)
        given_at = judgement.given_at or now
        shared = {
            "item_id": item,
            "annotator_id": annotator.pk,
            "sequence": 1,
            "is_complete": True,
            "active_seconds": judgement.active_seconds,
        }
        said = {"note": judgement.note, "flagged": judgement.flagged}
        event = RatingEvent(
            key=uuid.uuid5(NAMESPACE, f"{self.campaign.pk}/{annotator.pk}/{item}"),
            answer=judgement.answer | (said if any(said.values()) else {}),
            client_time=judgement.given_at,
            received_at=now,
            **shared,
        )
        return event, Rating(answer=judgement.answer, updated_at=given_at, **said, **shared)

    def finish(self) -> None:
        if self.systems:
            self.campaign.systems.add(*System.objects.filter(pk__in=self.systems))


def _place(judgement: Judgement) -> tuple[int, ...]:
    return tuple(output.pk for output in judgement.outputs)


def _stored_items(
    campaign: Campaign, places: Collection[tuple[int, ...]]
) -> dict[tuple[int, ...], int]:
    """The campaign's items by their outputs in slots, of those that show these."""
    first = ItemOutput.objects.filter(slot=0, output__in={place[0] for place in places})
    of_campaigns = first.values_list("item_id", "item__campaign_id")
    items = [item for item, found in of_campaigns if found == campaign.pk]
    slots = ItemOutput.objects.filter(item__in=items).order_by("item_id", "slot")
    outputs: dict[int, list[int]] = {}
    for item, output in slots.values_list("item_id", "output_id"):
        outputs.setdefault(item, []).append(output)
    return {tuple(found): item for item, found in outputs.items()}
