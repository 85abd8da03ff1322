"""Ratings collected elsewhere become a campaign with its log, like any other."""

import uuid
from collections.abc import Callable, Iterable

from django.utils import timezone

from annotation.formats import FORMATS
from annotation.formats.base import Judgement, Sources
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
from annotation.protocols.base import Span
from common.errors import BadInput
from common.problems import Problems
from common.tables import Table
from common.text import text_hash
from models_app.loading.common import Loaded, all_or_nothing, check_fields, chunks
from models_app.models import Dataset, Output, System

NAMESPACE = uuid.UUID("6f0c3c52-6b1c-4b6e-9a2e-0d9b5c1a7f10")


def load_ratings(
    table: Table,
    *,
    dataset: Dataset,
    campaign: str,
    format_name: str = "ratings",
    protocol: str | None = None,
    origin: str = Campaign.Origin.IMPORTED,
    dry_run: bool = False,
    progress: Callable[[int], None] = lambda n: None,
) -> Loaded:
    """Store a file of ratings as a campaign; the same file again changes nothing.

    Raises BadInput or BadTable, and then nothing is stored.
    """
    try:
        format_class = FORMATS.get(format_name)
        protocol_class = PROTOCOLS.get(protocol or format_class.default_protocol)
    except LookupError as problem:
        raise BadInput(str(problem)) from problem
    format_class.check_protocol(protocol_class)
    problems = Problems(table.name)
    with all_or_nothing(problems, dry_run=dry_run):
        stored = _campaign(campaign, dataset, protocol or format_class.default_protocol, origin)
        reader = format_class(stored.protocol_object, _sources(dataset), problems)
        importer = _Importer(stored, problems)
        for chunk in chunks(reader.judgements(table)):
            importer.store(chunk)
            progress(importer.loaded.n_rows)
        importer.finish()
    importer.loaded.notes += reader.notes
    return importer.loaded


def _sources(dataset: Dataset) -> Sources:
    """Every output with its segment and system; those are shared, for there are many outputs."""
    segments = {segment.pk: segment for segment in dataset.segments.all()}
    outputs = Output.objects.filter(segment__dataset=dataset)
    systems = System.objects.in_bulk(outputs.order_by().values_list("system", flat=True).distinct())
    found = {}
    for output in outputs.only("system", "segment", "text").iterator():
        output.segment = segments[output.segment_id]
        output.system = systems[output.system_id]
        found[output.system.name, output.segment.key] = output
    return Sources({segment.key: segment for segment in segments.values()}, found)


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
    """Writes judgements in bulk: one item per output; an event, a rating, scores per judgement."""

    def __init__(self, campaign: Campaign, problems: Problems) -> None:
        self.campaign = campaign
        self.protocol = campaign.protocol_object
        self.problems = problems
        self.loaded = Loaded()
        slots = ItemOutput.objects.filter(item__campaign=campaign)
        self.items: dict[int, int] = dict(slots.values_list("output_id", "item_id"))
        self.annotators = {a.code: a for a in Annotator.objects.filter(scope=campaign.name)}
        ratings = Rating.objects.filter(item__campaign=campaign)
        stored = ratings.values_list("annotator_id", "item_id", "answer")
        self.stored = {(annotator, item): answer for annotator, item, answer in stored}
        self.systems: set[int] = set()

    def store(self, judgements: list[Judgement]) -> None:
        self.loaded.n_rows += len(judgements)
        n_wanted = Loaded.SAMPLE - len(self.loaded.sample)
        self.loaded.sample += [self._cells(judgement) for judgement in judgements[:n_wanted]]
        self._make_items(judgements)
        new = [judgement for judgement in judgements if self._is_new(judgement)]
        if self.problems.n:
            return
        self._write(new)
        self.loaded.n_new += len(new)

    def _cells(self, judgement: Judgement) -> dict[str, str]:
        """The judgement as a preview shows it."""
        cells = {
            "rater": judgement.rater,
            "system": judgement.output.system.name,
            "key": judgement.output.segment.key,
        }
        for score in self.protocol.scores(judgement.answer, 1):
            cells[score.criterion] = f"{score.value:g}"
        return cells

    def _make_items(self, judgements: Iterable[Judgement]) -> None:
        outputs = {j.output.pk: j.output for j in judgements if j.output.pk not in self.items}
        first = len(self.items)
        items = [
            Item(
                campaign_id=self.campaign.pk,
                segment_id=output.segment_id,
                position=first + number,
                block=output.segment.position,
            )
            for number, output in enumerate(outputs.values())
        ]
        Item.objects.bulk_create(items)
        ItemOutput.objects.bulk_create(
            ItemOutput(item_id=item.pk, output_id=output, slot=0)
            for item, output in zip(items, outputs, strict=True)
        )
        self.items.update(zip(outputs, (item.pk for item in items), strict=True))
        self.systems.update(output.system_id for output in outputs.values())

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
        stored = self.stored.get((annotator.pk, self.items[judgement.output.pk]))
        if stored is None:
            return True
        if stored == judgement.answer:
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
        ratings, events = [], []
        for judgement in judgements:
            item = self.items[judgement.output.pk]
            annotator = self._annotator(judgement.rater)
            shared = {
                "item_id": item,
                "annotator_id": annotator.pk,
                "answer": judgement.answer,
                "sequence": 1,
                "is_complete": True,
            }
            path = f"{self.campaign.pk}/{annotator.pk}/{item}"
            events.append(RatingEvent(key=uuid.uuid5(NAMESPACE, path), received_at=now, **shared))
            ratings.append(Rating(updated_at=now, **shared))
        RatingEvent.objects.bulk_create(events)
        Rating.objects.bulk_create(ratings)
        scores, spans = [], []
        for judgement, rating in zip(judgements, ratings, strict=True):
            for score in self.protocol.scores(judgement.answer, 1):
                scores.append(
                    RatingScore(
                        rating_id=rating.pk,
                        output_id=judgement.output.pk,
                        criterion=score.criterion,
                        value=score.value,
                    )
                )
            for span in self.protocol.spans(judgement.answer, 1):
                spans.append(_error_span(rating, judgement.output, span))
        RatingScore.objects.bulk_create(scores)
        ErrorSpan.objects.bulk_create(spans)

    def finish(self) -> None:
        if self.systems:
            self.campaign.systems.add(*System.objects.filter(pk__in=self.systems))


def _error_span(rating: Rating, output: Output, span: Span) -> ErrorSpan:
    shown = output.segment.source if span.side == "source" else output.text
    return ErrorSpan(
        rating_id=rating.pk,
        output_id=output.pk,
        side=span.side,
        start=span.start,
        end=span.end,
        quoted=span.quoted,
        text_hash=text_hash(shown),
        category=span.category,
        severity=span.severity,
        note=span.note,
    )
