"""Running long work: claim a row, keep its lease alive, say how far it is, and how it ended.

The row decides, whatever the broker does: a task that arrives twice finds the row taken; a row
whose worker is gone is queued again by `requeue_lost`.
"""

import logging
import os
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

from celery import shared_task
from django.conf import settings
from django.db import DatabaseError, connection, transaction
from django.db.models import QuerySet
from django.dispatch import Signal
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.audit import record
from accounts.outages import Outage, outage_in
from accounts.recorded import campaign_of
from common import bell
from common.errors import NikashError
from models_app.models import Job
from models_app.models.job import LONGEST_SILENCE, from_now

log = logging.getLogger(__name__)

job_ended = Signal()  # with `job`, in the transaction that stores how it ended

Work = Callable[[Any, "Progress"], None]
Report = Callable[[int, int], None]  # told how much is done, of how much
WRITE_EVERY = 0.5  # seconds between two writes of the progress

_tasks: dict[type[Job], Any] = {}
_works: dict[type[Job], Work] = {}


class Cancelled(Exception):
    """Somebody asked the job to stop."""


class LeaseLost(Exception):
    """Another worker has the job now; this one must not write any more."""


def _silent(n_done: int, n_total: int) -> None:
    pass


class Progress:
    """What a job says of itself while it works; every call may raise Cancelled or LeaseLost."""

    def __init__(self, job: Job, holder: str, report: Report = _silent) -> None:
        self._job, self._holder, self._report = job, holder, report
        self._rows = type(job).objects.filter(pk=job.pk, holder=holder, state=Job.State.RUNNING)
        self._written_at = 0.0
        self._beaten_at = time.monotonic()

    def total(self, n: int, done: int = 0) -> None:
        self._job.n_total, self._job.n_done = n, done
        self._write(force=True)

    def advance(self, n: int = 1) -> None:
        self._job.n_done += n
        self._report(self._job.n_done, self._job.n_total)
        self._write()

    def say(self, text: str) -> None:
        self._job.message = text[:300]
        self._write(force=True)

    def stop_if_cancelled(self) -> None:
        self._write(force=True)

    def _write(self, *, force: bool = False) -> None:
        now = time.monotonic()
        if not force and now - self._written_at < WRITE_EVERY:
            return
        self._written_at = now
        kept = self._rows.update(
            n_done=self._job.n_done,
            n_total=self._job.n_total,
            message=self._job.message,
            lease_until=_lease(),
        )
        if not kept:
            raise LeaseLost
        if self._rows.filter(cancel_requested=True).exists():
            raise Cancelled


def _lease() -> Any:
    return from_now(settings.JOB_LEASE_SECONDS)


class _Heartbeat(threading.Thread):
    """Renews the leases of these rows while the work is busy and says nothing."""

    def __init__(self, rows: QuerySet[Any]) -> None:
        super().__init__(daemon=True)
        self._rows = rows
        self._done = threading.Event()

    def run(self) -> None:
        try:
            while not self._done.wait(settings.JOB_LEASE_SECONDS / 3):
                try:
                    self._rows.all().update(lease_until=_lease())
                except Exception as problem:
                    log.warning("a heartbeat failed (%s); the next one follows", problem)
                    connection.close()  # a broken one would fail for ever
        finally:
            connection.close()

    def stop(self) -> None:
        self._done.set()
        self.join(timeout=10)


@contextmanager
def leases_kept(rows: QuerySet[Any], *, beat: bool = True) -> Iterator[None]:
    """Within, the leases of `rows` are renewed, however slow the work is.

    beat : renew from a thread of its own. Not within a transaction, which would have the thread
        wait for it on SQLite.
    """
    heartbeat = _Heartbeat(rows) if beat else None
    if heartbeat:
        heartbeat.start()
    try:
        yield
    finally:
        if heartbeat:
            heartbeat.stop()


def new_holder() -> str:
    """A name that no other worker has or had."""
    return f"{socket.gethostname()}/{os.getpid()}/{time.monotonic_ns()}"


def job_task(model: type[Job]) -> Callable[[Work], Any]:
    """Decorator: make `work(job, progress)` the Celery task that does the jobs of this model."""

    def register(work: Work) -> Any:
        name = f"{work.__module__}.{work.__name__}"

        @shared_task(name=name, acks_late=True)
        def task(pk: int) -> None:
            run(model, pk)

        _tasks[model], _works[model] = task, work
        return task

    return register


def run(model: type[Job], pk: int, *, beat: bool = True, report: Report = _silent) -> bool:
    """Do the job here, if nobody else has it; False when somebody has. Never raises for the work.

    beat : renew the lease from a thread; see leases_kept
    """
    holder = new_holder()
    if not model.objects.claim(pk, holder):
        return False
    beat = beat and not (model.in_one_transaction and connection.vendor == "sqlite")
    job = model.objects.get(pk=pk)
    mine = model.objects.filter(pk=pk, holder=holder, state=Job.State.RUNNING)
    with leases_kept(mine, beat=beat):
        state, error = _attempt(job, Progress(job, holder, report))
    if state is not None:
        _ended(job, mine, state, error)
    return True


def _ended(job: Job, mine: QuerySet[Any], state: str, error: str) -> None:
    """Where the database takes no word of how it ended, the job is queued again by its lease."""
    try:
        _end(job, mine, state, error)
    except DatabaseError as problem:
        if outage_in(problem) is None:
            raise
        _leave(job, problem)


def _leave(job: Job, problem: Exception) -> None:
    log.warning("%s %s stopped, to go on later: %s", type(job).__name__, job.pk, problem)
    if not connection.in_atomic_block:
        connection.close()


@transaction.atomic
def _end(job: Job, mine: QuerySet[Any], state: str, error: str) -> None:
    """Store how it ended, if it is still ours to say."""
    ended = mine.update(
        state=state,
        error=error,
        n_done=job.n_done,
        n_total=job.n_total,
        message=job.message,
        lease_until=None,
        finished_at=timezone.now(),
    )
    if ended:
        job.state, job.error = state, error
        job_ended.send(sender=type(job), job=job)


def _attempt(job: Job, progress: Progress) -> tuple[str | None, str]:
    """How the work ended, and why it failed."""
    if job.tries > Job.MAX_TRIES:
        return Job.State.FAILED, _(
            "Its worker was lost %(n)s times; look at the worker's log, then resume."
        ) % {"n": Job.MAX_TRIES}
    try:
        progress.stop_if_cancelled()
        _works[type(job)](job, progress)
    except Cancelled:
        return Job.State.CANCELLED, ""
    except LeaseLost:
        log.warning("%s %s is held by another worker now", type(job).__name__, job.pk)
        return None, ""
    except NikashError as problem:
        return Job.State.FAILED, problem.message
    except MemoryError:
        return Job.State.FAILED, _("Not enough memory; use a smaller batch or a larger machine.")
    except Exception as problem:
        if outage := outage_in(problem):
            return _held_up(job, problem, outage)
        log.exception("%s %s failed", type(job).__name__, job.pk)
        return Job.State.FAILED, _(
            "Something unexpected went wrong (%(what)s); the worker's log has the details."
        ) % {"what": f"{type(problem).__name__}: {problem}"[:300]}
    return Job.State.DONE, ""


def _held_up(job: Job, problem: Exception, outage: Outage) -> tuple[str | None, str]:
    """A full disk is told; a database that is away has the job done again when it is back."""
    if outage.code == "disk_full":
        log.warning("%s %s failed: %s", type(job).__name__, job.pk, problem)
        return Job.State.FAILED, _("The site's disk is full; free some space, then resume.")
    if outage.code == "read_only" and isinstance(problem, OSError):
        log.warning("%s %s failed: %s", type(job).__name__, job.pk, problem)
        return Job.State.FAILED, _("The data folder cannot be written to; mend it, then resume.")
    _leave(job, problem)
    return None, ""


def enqueue(job: Job) -> None:
    """Ring the worker's bell once the row is committed; never raises.

    Where the broker is away the row waits, and `requeue_lost` rings when it is back.
    """
    transaction.on_commit(partial(bell.ring, _tasks[type(job)], job.pk))


def run_inline(job: Job, report: Report = _silent) -> Job:
    """Do the job in this process, for commands that wait; the row as it is afterwards."""
    run(type(job), job.pk, beat=not connection.in_atomic_block, report=report)
    job.refresh_from_db()
    return job


@transaction.atomic
def request_cancel(job: Job) -> None:
    """A waiting job is cancelled at once, a running one at its next step."""
    record(None, "job.cancel", job, campaign_id=campaign_of(job))
    model = type(job)
    cancelled = model.objects.filter(pk=job.pk, state=Job.State.QUEUED).update(
        state=Job.State.CANCELLED, cancel_requested=True, finished_at=timezone.now()
    )
    if cancelled:
        job_ended.send(sender=model, job=model.objects.get(pk=job.pk))
    else:
        model.objects.filter(pk=job.pk, state=Job.State.RUNNING).update(cancel_requested=True)


@transaction.atomic
def resume(job: Job) -> bool:
    """Queue a failed or cancelled job again; False where it is neither."""
    again = (
        type(job)
        .objects.filter(pk=job.pk, state__in=[Job.State.FAILED, Job.State.CANCELLED])
        .update(
            state=Job.State.QUEUED,
            cancel_requested=False,
            error="",
            tries=0,
            queued_at=timezone.now(),
            lease_until=None,
            finished_at=None,
        )
    )
    if again:
        record(None, "job.resume", job, campaign_id=campaign_of(job))
        enqueue(job)
    return bool(again)


def requeue_lost() -> int:
    """Queue again what lost its worker, and ring again for what waited long; how many."""
    n_requeued = 0
    for model, task in _tasks.items():
        for job in model.objects.lost():
            again = _queued_again(job)
            n_requeued += again
            if again:
                transaction.on_commit(partial(_ring_again, task, job))
    return n_requeued


def _queued_again(job: Job) -> int:
    """The next ring is due after twice the wait, so that long queues fill no broker."""
    waited = (timezone.now() - job.queued_at).total_seconds()
    silence = min(max(waited, 4 * settings.JOB_LEASE_SECONDS), LONGEST_SILENCE)
    fields: dict[str, Any] = {"lease_until": from_now(silence)}
    if job.state == Job.State.RUNNING:
        fields |= {"state": Job.State.QUEUED, "queued_at": timezone.now()}
        fields["lease_until"] = from_now(4 * settings.JOB_LEASE_SECONDS)
    as_seen = type(job).objects.filter(
        pk=job.pk, state=job.state, holder=job.holder, lease_until=job.lease_until
    )
    try:
        again = as_seen.update(**fields)
    except DatabaseError as problem:  # on SQLite, whoever writes for long is at work, not gone
        if (outage := outage_in(problem)) is None or outage.code != "busy":
            raise
        return 0
    if again and job.state == Job.State.RUNNING:
        log.warning("%s %s lost its worker; it is queued again", type(job).__name__, job.pk)
    return again


def _ring_again(task: Any, job: Job) -> None:
    if not bell.ring(task, job.pk):
        waiting = type(job).objects.filter(pk=job.pk, state=Job.State.QUEUED)
        waiting.update(lease_until=from_now(0))


def progress_view(
    model: type[Job], visible: Callable[[HttpRequest], Any]
) -> Callable[..., HttpResponse]:
    """A view answering with a job's progress as JSON; `visible` gives the rows one may see."""

    def view(request: HttpRequest, pk: int) -> HttpResponse:
        job = get_object_or_404(visible(request), pk=pk)
        return JsonResponse(job.as_progress())

    view.__name__ = f"{model.__name__}_progress"
    return view
