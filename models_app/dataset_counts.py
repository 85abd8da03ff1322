"""How much a dataset holds, by domain and system: counted once while nothing comes in."""

from typing import Any, NamedTuple

from django.core.cache import cache
from django.db.models import Count, OuterRef, Subquery

from models_app.models import Dataset, Output, Segment, System

BIG = 2000  # segments from which counts are kept
KEPT = 600  # seconds: after that long they are counted anew, for something may have been removed


class Counts(NamedTuple):
    """domains : (name, segments) by name; systems : (key, name, outputs) by name"""

    n_segments: int
    domains: list[tuple[str, int]]
    systems: list[tuple[int, str, int]]


def counts_of(dataset: Dataset) -> Counts:
    """As many queries for a large dataset as for a small one, or fewer."""
    newest, where = _newest(dataset), f"dataset-counts-{dataset.pk}"
    kept = cache.get(where)
    if kept and kept[0] == newest:
        return Counts(*kept[1])
    counts = _count(dataset)
    if counts.n_segments >= BIG:
        cache.set(where, (newest, tuple(counts)), KEPT)
    return counts


def _newest(dataset: Dataset) -> Any:
    """Other than before where a segment or an output was added: rows are never changed."""
    segments = Segment.objects.filter(dataset=OuterRef("pk")).order_by("-position", "-pk")
    outputs = Output.objects.order_by("-pk")
    newest = [Subquery(rows.values("pk")[:1]) for rows in (segments, outputs)]
    return Dataset.objects.filter(pk=dataset.pk).values_list("created_at", *newest).get()


def _count(dataset: Dataset) -> Counts:
    segments = dataset.segments.order_by("domain").values_list("domain")
    domains = list(segments.annotate(n=Count("pk")))
    outputs = Output.objects.filter(segment__dataset=dataset).order_by().values_list("system")
    n_outputs = dict(outputs.annotate(n=Count("pk")))
    names = System.objects.filter(pk__in=n_outputs).order_by("name").values_list("pk", "name")
    return Counts(
        sum(n for _, n in domains),
        [(domain, n) for domain, n in domains if domain],
        [(pk, name, n_outputs[pk]) for pk, name in names],
    )
