"""How much datasets and systems hold: counted once while nothing comes in."""

from collections.abc import Iterable
from typing import Any, NamedTuple

from django.core.cache import cache
from django.db.models import Count, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce

from models_app.models import Dataset, Output, Segment, System

BIG = 2000  # segments from which counts are kept
MANY = 20_000  # outputs of the systems shown from which theirs are
OF_SYSTEMS = "outputs-by-system"
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


def with_n_outputs(systems: QuerySet[System]) -> QuerySet[System]:
    """Each with n_outputs; or, where counts are kept, with what `outputs_kept` asks for."""
    newest = Output.objects.order_by("-pk").values("pk")[:1]
    systems = systems.annotate(newest=Subquery(newest))
    return systems if cache.get(OF_SYSTEMS) else systems.annotate(n_outputs=_n_outputs())


def tell_n_outputs(systems: Iterable[System]) -> None:
    """Set n_outputs of those that `with_n_outputs` left without it; keep the counts of many."""
    shown = list(systems)
    if not shown or (hasattr(shown[0], "n_outputs") and sum(s.n_outputs for s in shown) < MANY):
        return
    kept = cache.get(OF_SYSTEMS)
    if kept is None or kept[0] != shown[0].newest:
        counted = Output.objects.order_by().values_list("system").annotate(n=Count("pk"))
        kept = (shown[0].newest, dict(counted))
        cache.set(OF_SYSTEMS, kept, KEPT)
    for one in shown:
        one.n_outputs = kept[1].get(one.pk, 0)


def _n_outputs() -> Coalesce:
    """Counted in an index alone, where a join would read every output."""
    outputs = Output.objects.filter(system=OuterRef("pk")).order_by().values("system")
    return Coalesce(Subquery(outputs.annotate(n=Count("pk")).values("n")), 0)


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
