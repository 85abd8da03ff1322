"""The green report: what was measured, summed by kind, by sweep and by run, and what was not."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db.models import QuerySet

from models_app.models import EnergyRecord, GenerationRun, Job, TrainingRun

COLUMNS = (
    "kind", "what", "sweep", "started_at", "host", "seconds", "device", "label", "how", "by",
    "kwh", "mean_watts", "unread_seconds", "pue", "co2_grams", "grid_country", "grid_g_per_kwh",
    "grid_year", "grid_source", "library", "complete",
)  # fmt: skip

Row = dict[str, Any]


def records() -> QuerySet[EnergyRecord]:
    """Without the traces, which are long; one query."""
    return EnergyRecord.objects.select_related(
        "training_run__sweep", "generation_run__system", "generation_run__dataset"
    ).defer("trace")


def total(found: Iterable[EnergyRecord]) -> Row:
    """Sums over records: n, seconds, kWh, and g CO₂e where every record has a grid."""
    rows = list(found)
    grams = [row.co2_grams for row in rows]
    known = [gram for gram in grams if gram is not None]
    parts = [device for row in rows for device in row.devices]
    estimated = sum(device["kwh"] for device in parts if device["how"] == "estimated")
    kwh = sum(row.kwh for row in rows)
    return {
        "n": len(rows),
        "seconds": sum(row.seconds for row in rows),
        "kwh": kwh,
        "building_kwh": sum(row.kwh * row.pue for row in rows),
        "co2_grams": sum(known) if known and len(known) == len(grams) else None,
        "n_without_grid": len(grams) - len(known),
        "estimated_share": estimated / kwh if kwh else None,
        "n_incomplete": sum(not row.is_complete for row in rows),
    }


def grouped(found: Iterable[EnergyRecord], key: Callable[[EnergyRecord], str | None]) -> list[Row]:
    """Totals by what `key` says of a record, most energy first; records it says None of are out."""
    groups: dict[str, list[EnergyRecord]] = defaultdict(list)
    for record in found:
        if (name := key(record)) is not None:
            groups[name].append(record)
    rows = [{"name": name, **total(part)} for name, part in groups.items()]
    return sorted(rows, key=lambda row: -row["kwh"])


def sweep_of(record: EnergyRecord) -> str | None:
    run = record.training_run
    return run.sweep.name if run and run.sweep else None


def dataset_of(record: EnergyRecord) -> str | None:
    return record.generation_run.dataset.name if record.generation_run else None


def unmeasured() -> dict[str, tuple[int, int]]:
    """Kind → (finished runs without any record, finished runs). Evaluation is not one table."""
    kinds: tuple[tuple[str, type[Job]], ...] = (
        (EnergyRecord.Kind.TRAINING, TrainingRun),
        (EnergyRecord.Kind.GENERATION, GenerationRun),
    )
    counts = {}
    for kind, model in kinds:
        done = model.objects.filter(state=Job.State.DONE)
        counts[str(kind)] = (done.filter(energy_records=None).count(), done.count())
    return counts


def overlap_seconds(found: Iterable[EnergyRecord]) -> float:
    """Seconds that records of one machine share: its power then counts more than once."""
    by_host: dict[str, list[tuple[datetime, datetime]]] = defaultdict(list)
    for record in found:
        end = record.started_at + timedelta(seconds=record.seconds)
        by_host[record.host].append((record.started_at, end))
    return sum(_shared(sorted(times)) for times in by_host.values())


def _shared(times: Sequence[tuple[datetime, datetime]]) -> float:
    summed = sum((end - start).total_seconds() for start, end in times)
    covered, until = 0.0, None
    for start, end in times:
        begins = start if until is None else max(start, until)
        covered += max(0.0, (end - begins).total_seconds())
        until = end if until is None else max(until, end)
    return max(0.0, summed - covered)


def rows(found: Iterable[EnergyRecord]) -> Iterator[Sequence[Any]]:
    """A line for each device of each record, as COLUMNS has them; PUE is in the grams only."""
    for record in found:
        grid = record.grid or {}
        for device in record.devices:
            grams = device["kwh"] * record.pue * grid["g_per_kwh"] if grid else None
            yield (
                record.kind, record.what, sweep_of(record), record.started_at.isoformat(),
                record.host, record.seconds, device["name"], device["label"], device["how"],
                device["by"], device["kwh"], device["watts"], device["unread_seconds"],
                record.pue, grams, grid.get("country"), grid.get("g_per_kwh"), grid.get("year"),
                grid.get("source"), record.library, "yes" if record.is_complete else "no",
            )  # fmt: skip
