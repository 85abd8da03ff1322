"""Which stored scores should not stand in one column, and why."""

from collections.abc import Iterable

from django.db.models import Count, Max, Min, Sum

from metrics.automatic import METRICS
from metrics.automatic.comparability import Entry, why_not
from metrics.models import MetricScore, ScoringRun, SegmentScore


def column_warnings(scores: Iterable[MetricScore]) -> list[str]:
    """A sentence, which begins with the metric, for each reason not to compare; two queries.

    scores : of one dataset, with their systems, one for each metric and system
    """
    rows = list(scores)
    if not rows:
        return []
    segments = _segments(rows)
    columns: dict[str, list[Entry]] = {}
    for row in rows:
        entry = Entry(
            system=row.system.name,
            metric=row.metric,
            signature=row.signature,
            segments=segments.get(row.pk),
            n=row.n,
        )
        columns.setdefault(row.metric, []).append(entry)
    return [
        f"{METRICS.get(metric).label}: {reason}"
        for metric, entries in sorted(columns.items())
        for reason in why_not(entries)
    ]


def _segments(rows: list[MetricScore]) -> dict[int, tuple[int, ...]]:
    """By score, what the segments it is made of add up to."""
    dataset = rows[0].dataset_id
    stored = SegmentScore.objects.filter(
        metric__in={row.metric for row in rows},
        output__system__in={row.system_id for row in rows},
        output__segment__dataset=dataset,
    )
    sums = {
        (metric, signature, system): tuple(found)
        for metric, signature, system, *found in stored.values_list(
            "metric", "signature", "output__system"
        ).annotate(
            Count("pk"), Min("output__segment"), Max("output__segment"), Sum("output__segment")
        )
    }
    signatures = _segment_signatures(dataset)
    keys = {
        row.pk: (row.metric, signatures.get((row.metric, row.signature)), row.system_id)
        for row in rows
    }
    return {pk: sums[key] for pk, key in keys.items() if key in sums}


def _segment_signatures(dataset: int) -> dict[tuple[str, str], str]:
    """(metric, signature of its corpus score) to the signature of its segments' values."""
    found: dict[tuple[str, str], str] = {}
    runs = ScoringRun.objects.filter(dataset=dataset).order_by("pk")
    for environment in runs.values_list("environment", flat=True):
        for metric, signature in environment.get("signatures", {}).items():
            found[metric, signature["corpus"]] = signature["segment"]
    return found
