"""Start benchmarks and run them as jobs: a finished one is not done twice."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from django.db import transaction

from common.errors import BadInput
from models_app.benchmarks.answers import KeptAnswers
from models_app.benchmarks.catalogue import Task, task_called
from models_app.benchmarks.importing import hash_of, item_of
from models_app.benchmarks.sources import data_of, read_rows, rows_hash
from models_app.generation import producer_of
from models_app.jobs import Progress, enqueue, resume
from models_app.models import BenchmarkItem, BenchmarkRun, Job, System

BACKEND = "huggingface"
DEFAULTS = {"shots": 0, "limit": 0, "seed": 1234, "batch_size": 8, "chat": False}
MOST = {"shots": 64, "limit": 10**7, "seed": 2**31 - 1, "batch_size": 1024}


class Started(NamedTuple):
    runs: list[BenchmarkRun]  # wait for a worker now
    done: list[BenchmarkRun]  # were done before under the same setting


@transaction.atomic
def start_benchmarks(
    systems: Iterable[System],
    names: Iterable[str],
    *,
    source: str = BenchmarkRun.Source.SAMPLE,
    file: str = "",
    settings: Mapping[str, Any] | None = None,
    user: Any = None,
    queue: bool = True,
) -> Started:
    """A run for each system and task; one that stopped is resumed, one that is done given back.

    Raises BadInput for an unknown task, a setting out of range, a file that cannot be read, and a
    system that gives no log-likelihoods.
    """
    chosen = _checked(settings or {})
    file_hash = _file_hash(source, file)
    asked = list(systems)
    started = Started([], [])
    for task in [task_called(name) for name in dict.fromkeys(names)]:
        for system in asked:
            _check_system(system, task)
            wanted = {
                "system": system,
                "task": task.name,
                "language": task.language,
                "source": source,
                "file": file if source == BenchmarkRun.Source.FILE else "",
                "settings": chosen,
            }
            mark = _fingerprint(task, system, [source, file_hash, chosen])
            run, is_new = BenchmarkRun.objects.get_or_create(
                fingerprint=mark, defaults={**wanted, "created_by": user}
            )
            _put(run, started, is_new=is_new, queue=queue)
    return started


def _put(run: BenchmarkRun, started: Started, *, is_new: bool, queue: bool) -> None:
    if run.state == Job.State.DONE:
        started.done.append(run)
        return
    started.runs.append(run)
    if is_new and queue:
        enqueue(run)
    elif run.is_finished:
        resume(run)


def _checked(given: Mapping[str, Any]) -> dict[str, Any]:
    if unknown := sorted(set(given) - set(DEFAULTS)):
        known = ", ".join(DEFAULTS)
        raise BadInput(f"no benchmark setting {', '.join(unknown)}; known: {known}")
    chosen = {**DEFAULTS, **given}
    for name, most in MOST.items():
        low = 1 if name == "batch_size" else 0
        value = chosen[name]
        if type(value) is not int or not low <= value <= most:
            raise BadInput(f"{name} is {value!r}; write a whole number from {low} to {most}")
    return chosen | {"chat": bool(chosen["chat"])}


def _check_system(system: System, task: Task) -> None:
    if system.kind != System.Kind.MODEL or system.backend != BACKEND:
        raise BadInput(
            f"{system.name!r} is no local model: a benchmark compares the probabilities that a "
            f"model gives to answers; choose a system of the backend {BACKEND}"
        )
    architecture = system.checkpoint.architecture if system.checkpoint else ""
    if architecture == "seq2seq" and not task.bare:
        raise BadInput(
            f"{system.name!r} only turns one text into another; {task.label} asks with "
            "instructions: choose a translation or summarisation task for it"
        )


def _file_hash(source: str, file: str) -> str:
    if source not in BenchmarkRun.Source.values:
        known = ", ".join(BenchmarkRun.Source.values)
        raise BadInput(f"no source {source!r}; known: {known}")
    if source != BenchmarkRun.Source.FILE:
        return ""
    if not file:
        raise BadInput("name the file with the items, in JSON Lines")
    return rows_hash(read_rows(Path(file)))


def _fingerprint(task: Task, system: System, chosen: list[Any]) -> str:
    weights = [
        [row.location, row.revision, row.content_hash]
        for row in (system.checkpoint, system.adapter)
        if row is not None
    ]
    what = [task.name, task.content_hash(), system.pk, weights, system.decoding, *chosen]
    return hashlib.sha256(json.dumps(what, sort_keys=True).encode()).hexdigest()


def run_benchmark(run: BenchmarkRun, progress: Progress) -> None:
    """The job. Answers are kept as they come; stopped and resumed, it goes on from there."""
    from models_app.benchmarks import harness

    task = task_called(run.task)
    progress.say("reading the data")
    data = data_of(task, run.source, run.file)
    progress.say("loading the model")
    kept = KeptAnswers(run.fingerprint)

    def step(done: int, total: int) -> None:
        run.message = "asking the model"
        progress.total(total, done)

    found = harness.evaluate(task, data.rows, producer_of(run.system), run.settings, kept, step)
    delimiter = found.config.get("target_delimiter", " ")
    items = [item_of(run, task, sample, delimiter) for sample in found.samples]
    environment = _environment(run, task, found) | {
        "data": {"sha256": data.content_hash, "revision": data.revision, "n": len(data.rows)},
        "prompts": {"sha256": hash_of(items)},
    }
    _store(run, items, _results(found.results), data.content_hash, environment)
    kept.forget()
    progress.say("")


@transaction.atomic
def _store(
    run: BenchmarkRun,
    items: list[BenchmarkItem],
    results: dict[str, Any],
    data_hash: str,
    environment: dict[str, Any],
) -> None:
    run.items.all().delete()
    BenchmarkItem.objects.bulk_create(items, batch_size=500)
    BenchmarkRun.objects.filter(pk=run.pk).update(
        results=results, data_hash=data_hash, environment=environment
    )


def _results(found: Mapping[str, Any]) -> dict[str, float]:
    """The harness's own numbers, without the standard errors that were not asked for."""
    return {
        name: float(value)
        for name, value in found.items()
        if isinstance(value, int | float) and "stderr" not in name
    }


def _environment(run: BenchmarkRun, task: Task, found: Any) -> dict[str, Any]:
    from models_app.benchmarks import harness

    system = run.system
    return {
        "versions": harness.versions(),
        "device": found.device,
        "dtype": found.dtype,
        "task": {"name": task.name, "sha256": task.content_hash()},
        **{
            kind: {"location": row.location, "revision": row.revision, "sha256": row.content_hash}
            for kind, row in (("checkpoint", system.checkpoint), ("adapter", system.adapter))
            if row is not None
        },
        "settings": dict(run.settings),
    }
