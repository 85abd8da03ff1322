"""The work of a big file's job: check it, or load it, in one transaction; all of it or nothing."""

import time
from typing import Any, BinaryIO

from django.conf import settings
from django.db import connection, transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from accounts.acting import acting_as
from common.errors import BadInput, NikashError
from common.problems import BadTable
from common.text import visible
from models_app import jobs, uploads
from models_app.loading.common import Loaded
from models_app.models import Upload
from models_app.models.job import from_now
from models_app.upload_kinds import kind_called

SHOWN_PROBLEMS = 200
SHOWN_CELL = 200  # characters of a cell that a preview keeps
SHOWN_COLUMNS = 50
LEASES = 3.5  # of usual length, for a transaction that nobody can renew one in
NOTE_EVERY = 0.5  # seconds between two notes of how far it is


def do_upload(job: Upload, progress: jobs.Progress) -> None:
    """The work of the job: check the file, or load it. Raises what is wrong with it."""
    if job.stored:  # a worker died between storing the rows and saying so
        return
    progress.total(_total(job))
    if not uploads.is_kept(job.file):
        raise BadInput(_("The file is no longer kept; send it again."))
    if connection.vendor == "sqlite":
        _mine(job).update(lease_until=from_now(LEASES * settings.JOB_LEASE_SECONDS))
    with acting_as(job.created_by), transaction.atomic():
        refusal = _try(job)
    if refusal:
        raise refusal


def _try(job: Upload) -> NikashError | None:
    """Read the file and keep what came of it; the refusal where it cannot be used."""
    is_check = job.step == Upload.Step.CHECK
    try:
        with transaction.atomic():
            loaded = _read(job, dry_run=is_check)
    except NikashError as problem:
        job.problems, job.n_problems = _problems(problem)
        _keep(job, problems=job.problems, n_problems=job.n_problems)
        return problem
    job.message = "" if is_check else str(loaded)[:300]
    job.n_done = job.n_total
    told = {"message": job.message, "n_done": job.n_done}
    _keep(job, loaded=_as_json(loaded, sample=is_check), stored=not is_check, **told)
    return None


def _read(job: Upload, *, dry_run: bool) -> Loaded:
    kind = kind_called(job.kind)
    with (uploads.folder() / job.file).open("rb") as file:
        source = kind.open(file, job.shown_as, job.options)
        loaded: Loaded = kind.load(source, job.options, dry_run=dry_run, progress=_Watch(job, file))
    return loaded


def _total(job: Upload) -> int:
    return job.loaded["n_rows"] if job.counts_rows else 1 + job.n_bytes // 1024


class _Watch:
    """Notes beside the transaction how far the loader is, and stops it where somebody asked."""

    def __init__(self, job: Upload, file: BinaryIO) -> None:
        self._job, self._file = job, file
        self._in_rows = job.counts_rows
        self._noted_at = 0.0

    def __call__(self, n_rows: int) -> None:
        now = time.monotonic()
        if now - self._noted_at < NOTE_EVERY:
            return
        self._noted_at = now
        n_done = n_rows if self._in_rows else self._n_kilobytes()
        n_total = self._job.n_total
        uploads.tell(self._job.file, n_done=min(n_done, n_total), n_total=n_total, n_rows=n_rows)
        if uploads.is_to_stop(self._job.file):
            raise jobs.Cancelled

    def _n_kilobytes(self) -> int:
        return self._job.n_total if self._file.closed else self._file.tell() // 1024


def _mine(job: Upload) -> QuerySet[Upload]:
    return Upload.objects.filter(pk=job.pk, holder=job.holder, state=Upload.State.RUNNING)


def _keep(job: Upload, **fields: Any) -> None:
    """Store the end of the step in its own transaction; who has no right to it loses it all."""
    if uploads.is_to_stop(job.file):
        raise jobs.Cancelled
    lease = from_now(settings.JOB_LEASE_SECONDS)
    kept = _mine(job).filter(cancel_requested=False).update(lease_until=lease, **fields)
    if not kept:
        raise jobs.Cancelled if _mine(job).exists() else jobs.LeaseLost


def _problems(problem: NikashError) -> tuple[list[list[Any]], int]:
    if isinstance(problem, BadTable):
        found = problem.problems[:SHOWN_PROBLEMS]
        return [[one.row, _cell(one.column), one.reason] for one in found], problem.n_problems
    if isinstance(problem, BadInput):
        return [[problem.row, _cell(problem.column), problem.reason]], 1
    return [], 1


def _as_json(loaded: Loaded, *, sample: bool) -> dict[str, Any]:
    """What a page shows of it. sample : with the first rows, as texts"""
    columns = list(loaded.sample[0])[:SHOWN_COLUMNS] if sample and loaded.sample else []
    return {
        "n_rows": loaded.n_rows,
        "n_new": loaded.n_new,
        "n_unchanged": loaded.n_unchanged,
        "notes": [str(note) for note in loaded.notes],
        "columns": [_cell(column) for column in columns],
        "rows": [[_cell(row.get(column)) for column in columns] for row in loaded.sample]
        if sample
        else [],
    }


def _cell(value: Any) -> str:
    return "" if value is None else visible(str(value)[:SHOWN_CELL])
