"""The rows metric values are kept in: what is missing is computed and stored, chunk by chunk."""

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

import numpy as np
from django.utils import timezone

from metrics.automatic import Metric, Pair
from metrics.automatic.crew import Crew
from metrics.models import MetricScore, ScoringRun, SegmentScore
from models_app.models import Dataset, Segment, System


class Work(NamedTuple):
    """One metric with the signatures its values are stored under."""

    metric: Metric
    signature: str
    segment_signature: str


def has_gold(metric: Metric, segment: Segment) -> bool:
    """Whether the segment has what the metric compares an output with."""
    return (
        not metric.needs_reference
        or bool(segment.references)
        or (hasattr(metric, "labels_of") and bool(segment.extra.get("label")))
    )


def pair_of(dataset: Dataset, segment: Segment, text: str) -> Pair:
    return Pair(
        source=segment.source,
        hypothesis=text,
        references=tuple(segment.references),
        source_lang=dataset.source_lang,
        label=str(segment.extra.get("label", "")),
        target_lang=dataset.target_lang,
    )


def score_system(
    work: Work,
    run: ScoringRun,
    system: System,
    outputs: Sequence[tuple[int, int, str]],
    segments: Mapping[int, Segment],
    crew: Crew,
    chunk_size: int,
) -> Iterator[int]:
    """Store the values that are missing; yields how many are new, chunk by chunk."""
    stored = SegmentScore.objects.filter(
        metric=work.metric.name,
        signature=work.segment_signature,
        output__system=system,
        output__segment__dataset=run.dataset,
    )
    known = set(stored.values_list("output_id", flat=True))
    missing = [
        (pk, pair_of(run.dataset, segments[segment], text))
        for pk, segment, text in outputs
        if pk not in known and has_gold(work.metric, segments[segment])
    ]
    chunks = [missing[i : i + chunk_size] for i in range(0, len(missing), chunk_size)]
    batches = [[pair for _, pair in chunk] for chunk in chunks]
    for chunk, rows in zip(chunks, crew.statistics(work.metric, batches), strict=True):
        values = work.metric.segment_scores(rows)
        SegmentScore.objects.bulk_create(
            [
                SegmentScore(
                    output_id=pk,
                    metric=work.metric.name,
                    signature=work.segment_signature,
                    value=_finite(value),
                    statistics=row.tolist(),
                )
                for (pk, _), value, row in zip(chunk, values, rows, strict=True)
            ],
            ignore_conflicts=True,
        )
        yield len(chunk)


def summarise(work: Work, dataset: Dataset, system: System) -> None:
    """The system's corpus score and mean from the rows stored; written only if they changed."""
    stored = SegmentScore.objects.filter(
        metric=work.metric.name,
        signature=work.segment_signature,
        output__system=system,
        output__segment__dataset=dataset,
    ).order_by("output__segment__position")
    cells = list(stored.values_list("value", "statistics"))
    values = [value for value, _ in cells if value is not None]
    corpus = work.metric.score(np.array([row for _, row in cells])) if cells else None
    new = {
        "corpus": _finite(corpus),
        "segment_mean": float(np.mean(values)) if values else None,
        "n": len(cells),
    }
    row, created = MetricScore.objects.get_or_create(
        dataset=dataset,
        system=system,
        metric=work.metric.name,
        signature=work.signature,
        defaults=new,
    )
    if not created and any(getattr(row, name) != value for name, value in new.items()):
        for name, value in new.items():
            setattr(row, name, value)
        row.computed_at = timezone.now()
        row.save()


def _finite(value: float | None) -> float | None:
    return None if value is None or not np.isfinite(value) else float(value)
