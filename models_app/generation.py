"""Generate a system's outputs on a dataset: what is missing, in batches, each stored at once."""

import hashlib
import re
from collections.abc import Callable, Iterable, Sequence
from itertools import islice
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.db.models import F, QuerySet
from django.utils import timezone

from common.errors import BadInput, NikashError
from common.text import storable, text_hash
from models_app.backends import BACKENDS
from models_app.backends.base import Backend, Producer, Request, Weights
from models_app.checkpoints import place_of
from models_app.energy.tracker import measured
from models_app.jobs import Progress, enqueue, leases_kept, new_holder
from models_app.models import (
    Adapter,
    Checkpoint,
    Dataset,
    GenerationRun,
    Job,
    Output,
    Segment,
    System,
)
from models_app.models.job import from_now
from models_app.prompting import rendered_segment
from models_app.remote_code import trusts

BLANK = re.compile(r"\{(source|context|domain)\}")


@transaction.atomic
def start_generation(
    systems: Iterable[System], dataset: Dataset, user: Any = None, *, queue: bool = True
) -> list[GenerationRun]:
    """A run for each system that lacks outputs; an open run is given back, not doubled.

    Raises BadInput for a system that does not generate here and for an empty dataset.
    """
    runs = []
    n_segments = dataset.segments.count()
    if not n_segments:
        raise BadInput(f"the dataset {dataset.name!r} has no segments; load some first")
    for system in systems:
        if system.kind != System.Kind.MODEL:
            raise BadInput(
                f"{system.name!r} does not generate here; its outputs are loaded from a file"
            )
        n_done = Output.objects.filter(system=system, segment__dataset=dataset).count()
        if n_done == n_segments:
            continue
        open_run = GenerationRun.objects.unfinished().filter(system=system, dataset=dataset)
        if found := open_run.first():
            runs.append(found)
            continue
        run = GenerationRun.objects.create(
            system=system, dataset=dataset, created_by=user, n_total=n_segments, n_done=n_done
        )
        runs.append(run)
        if queue:
            enqueue(run)
    return runs


def producer_of(system: System) -> Producer:
    checkpoint, adapter = system.checkpoint, system.adapter
    if adapter and checkpoint and adapter.checkpoint_id != checkpoint.pk:
        raise BadInput(
            f"the adapter {adapter.name!r} belongs to {adapter.checkpoint}, not to {checkpoint}"
        )
    return Producer(
        name=system.name,
        base=_weights(checkpoint),
        architecture=checkpoint.architecture if checkpoint else "causal",
        adapter=_weights(adapter),
        decoding=system.decoding,
        trust_remote_code=trusts(checkpoint),
    )


def _weights(row: Checkpoint | Adapter | None) -> Weights | None:
    if row is None:
        return None
    return Weights(place_of(row.location), row.revision, row.content_hash)


def backend_for(systems: Sequence[System]) -> Backend:
    try:
        backend = BACKENDS.get(systems[0].backend)
    except LookupError as problem:
        raise BadInput(str(problem)) from problem
    return backend([producer_of(system) for system in systems])


def prompt_for(system: System, segment: Segment) -> str:
    """The template with the segment's texts in place; the bare source without a template."""
    if system.template is None:
        return segment.source
    if system.template.registered:
        return rendered_segment(system, segment)
    return BLANK.sub(lambda blank: str(getattr(segment, blank[1])), system.template.text)


def generate_outputs(run: GenerationRun, progress: Progress) -> None:
    """The job: outputs for the segments that have none. Run twice, it does nothing twice."""
    segments = list(run.dataset.segments.exclude(outputs__system=run.system))
    n_total = run.dataset.segments.count()
    progress.total(n_total, done=n_total - len(segments))
    if not segments:
        return
    progress.say("loading the model")
    backend = backend_for([run.system])
    _record(run, backend, 0)
    progress.say("generating")
    for chunk in _chunks(segments, backend.chunk):
        progress.stop_if_cancelled()
        requests = [Request(0, prompt_for(run.system, segment)) for segment in chunk]
        _store(run, chunk, backend.generate(requests))
        progress.advance(len(chunk))
    progress.say("")


def generate_together(
    runs: Sequence[GenerationRun], report: Callable[[int, int], None] = lambda n, total: None
) -> None:
    """Several systems on one base in mixed batches, from one copy of its weights, in this process.

    Raises NikashError; the runs then say why they failed.
    """
    holder = new_holder()
    taken = [run for run in runs if GenerationRun.objects.claim(run.pk, holder)]
    if not taken:
        return
    mine = GenerationRun.objects.filter(
        pk__in=[run.pk for run in taken], holder=holder, state=Job.State.RUNNING
    )
    subject = f"{', '.join(run.system.name for run in taken)} on {taken[0].dataset}"
    try:
        beat = not connection.in_atomic_block
        with leases_kept(mine, beat=beat), measured("generation", subject=subject):
            _mixed(taken, mine, report)
    except BaseException as problem:
        sentence = problem.message if isinstance(problem, NikashError) else repr(problem)
        mine.update(state=Job.State.FAILED, error=sentence, finished_at=timezone.now())
        raise
    ended = {"lease_until": None, "finished_at": timezone.now()}
    mine.filter(cancel_requested=True).update(state=Job.State.CANCELLED, **ended)
    mine.update(state=Job.State.DONE, n_done=F("n_total"), **ended)


def _mixed(
    runs: Sequence[GenerationRun], rows: QuerySet[GenerationRun], report: Callable[[int, int], None]
) -> None:
    systems = [run.system for run in runs]
    backend = backend_for(systems)
    wanted: list[tuple[int, Segment]] = []
    for place, run in enumerate(runs):
        _record(run, backend, place)
        missing = run.dataset.segments.exclude(outputs__system=run.system)
        wanted += [(place, segment) for segment in missing]
    wanted.sort(key=lambda pair: (len(pair[1].source), pair[1].pk, pair[0]))
    done = 0
    for part in _chunks(wanted, backend.chunk * 2):
        going = set(rows.filter(cancel_requested=False).values_list("pk", flat=True))
        chunk = [(place, segment) for place, segment in part if runs[place].pk in going]
        requests = [Request(place, prompt_for(systems[place], s)) for place, s in chunk]
        answers = backend.generate(requests) if requests else []
        lease_until = from_now(settings.JOB_LEASE_SECONDS)
        for place, run in enumerate(runs):
            mine = [n for n, (whose, _) in enumerate(chunk) if whose == place]
            _store(run, [chunk[n][1] for n in mine], [answers[n] for n in mine])
            rows.filter(pk=run.pk).update(n_done=F("n_done") + len(mine), lease_until=lease_until)
        done += len(part)
        report(done, len(wanted))


def _record(run: GenerationRun, backend: Backend, place: int) -> None:
    template = run.system.template
    run.environment = {
        **backend.describe(place),
        "backend": run.system.backend,
        "template": template.name if template else None,
        "template_sha256": hashlib.sha256(template.text.encode()).hexdigest() if template else None,
    }
    GenerationRun.objects.filter(pk=run.pk).update(environment=run.environment)


def _store(run: GenerationRun, segments: Sequence[Segment], answers: Sequence[Any]) -> None:
    """One transaction; a text that is there already stays, whoever stored it."""
    with transaction.atomic():
        Output.objects.bulk_create(
            [
                Output(
                    system=run.system,
                    segment=segment,
                    run=run,
                    text=storable(answer.text),
                    text_hash=text_hash(storable(answer.text)),
                    n_tokens=answer.n_tokens,
                    finish_reason=answer.finish_reason,
                )
                for segment, answer in zip(segments, answers, strict=True)
            ],
            ignore_conflicts=True,
        )


def _chunks(things: Iterable[Any], size: int) -> Iterable[list[Any]]:
    rest = iter(things)
    while chunk := list(islice(rest, size)):
        yield chunk
