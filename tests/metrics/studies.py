"""A small judged campaign with metrics: made by the ORM, known by heart."""

import uuid
from collections.abc import Sequence

from annotation.accounts import add_member
from annotation.models import (
    Annotator,
    Campaign,
    Item,
    ItemOutput,
    Rating,
    RatingEvent,
    RatingScore,
)
from common.text import text_hash
from metrics.scoring import create_run, score_run
from models_app.models import Dataset, Job, Output, Segment, System
from tests.people import alice

N_SEGMENTS = 12


def silent(done: int, total: int, message: str) -> None:
    """Progress nobody watches."""


def study(
    name: str = "judged",
    *,
    systems: Sequence[str] = ("base", "lora"),
    raters: Sequence[str] = ("r1", "r2"),
    n_segments: int = N_SEGMENTS,
    human: Sequence[str] = (),
) -> Campaign:
    """Direct assessments: the first system copies the reference, and people like it least."""
    dataset = Dataset.objects.create(name=f"data of {name}", source_lang="en", target_lang="mr")
    segments = Segment.objects.bulk_create(
        Segment(
            dataset=dataset,
            key=f"s{n}",
            position=n,
            source=f"The dog number {n} ran home.",
            references=[f"कुत्रा क्रमांक {n} घरी धावला."],
            domain=("health", "news")[n % 2],
        )
        for n in range(n_segments)
    )
    campaign = Campaign.objects.create(
        name=name, dataset=dataset, protocol="da", origin=Campaign.Origin.IMPORTED
    )
    people = [Annotator.objects.create(code=code, scope=name, origin="imported") for code in raters]
    for place, system_name in enumerate(systems):
        kind = System.Kind.HUMAN if system_name in human else System.Kind.IMPORTED
        system, _ = System.objects.get_or_create(name=system_name, defaults={"kind": kind})
        campaign.systems.add(system)
        for segment in segments:
            output = _output(system, segment, place)
            _rate(campaign, segment, output, people, place)
    add_member(campaign=campaign, user=alice(), role="researcher")
    return campaign


def _output(system: System, segment: Segment, place: int) -> Output:
    words = segment.references[0].split()
    text = " ".join([*words[: len(words) - place], *["छान"] * (place * (1 + segment.position % 3))])
    return Output.objects.create(
        system=system, segment=segment, text=text, text_hash=text_hash(text)
    )


def _rate(
    campaign: Campaign, segment: Segment, output: Output, people: Sequence[Annotator], place: int
) -> None:
    item = Item.objects.create(
        campaign=campaign,
        segment=segment,
        position=Item.objects.filter(campaign=campaign).count(),
        block=segment.position,
    )
    ItemOutput.objects.create(item=item, output=output, slot=0)
    for number, annotator in enumerate(people):
        score = 40 + 12 * place + 3 * number + (segment.position * 7 + 5 * place) % 11
        answer = {"outputs": {"0": score}}
        RatingEvent.objects.create(
            key=uuid.uuid4(), item=item, annotator=annotator, sequence=1, answer=answer
        )
        rating = Rating.objects.create(
            item=item, annotator=annotator, answer=answer, is_complete=True, active_seconds=10.0
        )
        RatingScore.objects.create(rating=rating, output=output, criterion="score", value=score)


def scored(campaign: Campaign, metrics: Sequence[str] = ("bleu", "chrf", "ter")) -> str:
    """Compute metrics here and now; returns the run's one line."""
    run = create_run(dataset=campaign.dataset, campaign=campaign, metrics=metrics)
    message = score_run(run, silent)
    run.state = Job.State.DONE
    run.save()
    return message
