"""Compute metrics on stored outputs, once per signature, and keep what any subset needs.

A value belongs to an output, a metric and a signature; what is already there is never computed
again, so a run that was stopped goes on where it stood.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
from django.db import transaction
from django.utils import timezone

from annotation.models import Campaign
from common.errors import BadInput
from metrics.automatic import METRICS, Metric, Pair
from metrics.models import MetricScore, ScoringRun, SegmentScore
from metrics.recipes import build_metric
from models_app.models import Dataset, Output, Segment, System
from models_app.models.system import CARRIER

CHUNK = 100  # outputs between two looks at the cancel button
DEFAULT_METRICS = ("bleu", "chrf", "ter", "rougeL", "token_f1")

# (values done, values in all, what is being done); raises where the run was cancelled
Report = Callable[[int, int, str], None]


class Work(NamedTuple):
    """One metric with the signatures its values are stored under."""

    metric: Metric
    signature: str
    segment_signature: str


def check_metrics(names: Sequence[str]) -> list[str]:
    """The names, once each; BadInput for an unknown one or none."""
    unique = list(dict.fromkeys(name.strip() for name in names if name.strip()))
    if not unique:
        raise BadInput("no metric was named; write one or more of " + ", ".join(METRICS.names()))
    for name in unique:
        if name not in METRICS:
            raise BadInput(
                f"there is no metric called {name!r}; write one or more of "
                + ", ".join(METRICS.names())
            )
    return unique


@transaction.atomic
def create_run(
    *,
    dataset: Dataset,
    campaign: Campaign | None = None,
    metrics: Sequence[str],
    options: Mapping[str, Any] | None = None,
    created_by: Any = None,
) -> ScoringRun:
    return ScoringRun.objects.create(
        dataset=dataset,
        campaign=campaign,
        metrics=check_metrics(metrics),
        options=dict(options or {}),
        created_by=created_by,
    )


def score_run(run: ScoringRun, report: Report) -> str:
    """Do what `run` asks and say in one line what was done; may be called again at any time.

    Queries: a handful, and per system two for its outputs and for each metric three and one
    insert per hundred outputs.
    """
    segments = {segment.pk: segment for segment in run.dataset.segments.order_by("position")}
    works = [_work(name, run, segments.values()) for name in run.metrics]
    systems, notes = _systems(run, segments)
    _remember(run, works, notes)
    n_total = len(works) * _n_outputs(run, systems)
    done = n_new = 0
    for system in systems:
        outputs = list(
            Output.objects.filter(system=system, segment__dataset=run.dataset)
            .order_by("segment__position")
            .values_list("pk", "segment_id", "text")
        )
        for work in works:
            label = f"{work.metric.label} on {system}"
            report(done, n_total, label)
            started = n_new
            for n in _score_system(work, run, system, outputs, segments):
                n_new += n
                report(done + n_new - started, n_total, label)
            done += len(outputs)
            _summarise(work, run.dataset, system)
    report(n_total, n_total, "")
    return " ".join([f"{n_new} new of {n_total} values.", *notes])


def latest_signatures(dataset: Dataset) -> dict[str, dict[str, str]]:
    """Per metric, {"corpus": ..., "segment": ...}: what the newest run of the dataset used."""
    found: dict[str, dict[str, str]] = {}
    runs = ScoringRun.objects.filter(dataset=dataset).order_by("pk")
    for environment in runs.values_list("environment", flat=True):
        found.update(environment.get("signatures", {}))
    return found


def _work(name: str, run: ScoringRun, segments: Any) -> Work:
    metric = build_metric(name, run.options.get(name, {}), segments=list(segments))
    pairs = [_pair(run.dataset, s, "") for s in segments if has_gold(metric, s)]
    if pairs:
        metric.check(pairs)  # notes how many references there are, for the signature
    return Work(metric, metric.signature(), metric.segment_signature())


def has_gold(metric: Metric, segment: Segment) -> bool:
    """Whether the segment has what the metric compares an output with."""
    return (
        not metric.needs_reference
        or bool(segment.references)
        or (hasattr(metric, "labels_of") and bool(segment.extra.get("label")))
    )


def _pair(dataset: Dataset, segment: Segment, text: str) -> Pair:
    return Pair(
        source=segment.source,
        hypothesis=text,
        references=tuple(segment.references),
        source_lang=dataset.source_lang,
        label=str(segment.extra.get("label", "")),
        target_lang=dataset.target_lang,
    )


def _systems(run: ScoringRun, segments: Mapping[int, Segment]) -> tuple[list[System], list[str]]:
    """Systems to score, and a sentence for each that is left out."""
    systems = System.objects.filter(outputs__segment__dataset=run.dataset)
    systems = systems.exclude(note=CARRIER).distinct()
    if run.campaign_id:
        systems = systems.filter(campaigns=run.campaign)
    kept, notes = [], []
    for system in systems.order_by("name"):
        if system.kind == System.Kind.HUMAN and _is_reference(system, run.dataset, segments):
            notes.append(f"{system} was left out: its outputs are the references.")
        else:
            kept.append(system)
    if not kept and not notes:
        raise BadInput(
            f"{run.campaign or run.dataset} has no outputs to score; load or generate some first"
        )
    return kept, notes


def _is_reference(system: System, dataset: Dataset, segments: Mapping[int, Segment]) -> bool:
    outputs = Output.objects.filter(system=system, segment__dataset=dataset)
    return all(
        text in segments[segment].references
        for segment, text in outputs.values_list("segment_id", "text")
    )


def _n_outputs(run: ScoringRun, systems: Sequence[System]) -> int:
    return Output.objects.filter(system__in=systems, segment__dataset=run.dataset).count()


def _remember(run: ScoringRun, works: Sequence[Work], notes: Sequence[str]) -> None:
    run.environment = {
        **run.environment,
        "signatures": {
            work.metric.name: {"corpus": work.signature, "segment": work.segment_signature}
            for work in works
        },
        "notes": list(notes),
    }
    run.save(update_fields=["environment"])


def _score_system(
    work: Work,
    run: ScoringRun,
    system: System,
    outputs: Sequence[tuple[int, int, str]],
    segments: Mapping[int, Segment],
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
        (pk, _pair(run.dataset, segments[segment], text))
        for pk, segment, text in outputs
        if pk not in known and has_gold(work.metric, segments[segment])
    ]
    for start in range(0, len(missing), CHUNK):
        chunk = missing[start : start + CHUNK]
        rows = work.metric.statistics([pair for _, pair in chunk])
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


def _summarise(work: Work, dataset: Dataset, system: System) -> None:
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
