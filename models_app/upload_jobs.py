"""Big files as jobs: a worker checks, a person confirms, a worker loads; each in a transaction."""

import time
from functools import partial
from typing import Any, BinaryIO

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.db import connection, transaction
from django.db.models import Q, QuerySet
from django.dispatch import receiver
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.access import is_admin
from accounts.acting import acting_as
from accounts.audit import record
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
SHOWN_OPEN = 20  # uploads of one person that a page lists
LEASES = 3.5  # of usual length, for a transaction that nobody can renew one in
NOTE_EVERY = 0.5  # seconds between two notes of how far it is


def start_upload(
    *,
    user: Any,
    kind: str,
    file: UploadedFile,
    name: str,
    options: dict[str, Any],
    confirmed: bool = False,
) -> Upload:
    """Queue a kept file. name : in the upload folder; confirmed : load it without a preview"""
    upload = Upload.objects.create(
        kind=kind,
        step=Upload.Step.LOAD if confirmed else Upload.Step.CHECK,
        file=name,
        shown_as=str(file.name)[:300],
        n_bytes=file.size or 0,
        options=options,
        created_by=user,
    )
    jobs.enqueue(upload)
    return upload


def uploads_of(user: Any) -> QuerySet[Upload]:
    """Those that this person sent and may still load; all of them for an admin."""
    if is_admin(user):
        return Upload.objects.all()
    mine = Upload.objects.filter(created_by=user.pk).only("kind", "options")
    return Upload.objects.filter(pk__in=[one.pk for one in mine if is_for(one, user)])


def open_uploads_of(user: Any, kind: str) -> list[Upload]:
    """A person's uploads that are at work or wait for their word; newest first."""
    asks = Q(state__in=[Upload.State.QUEUED, Upload.State.RUNNING])
    asks |= Q(state=Upload.State.DONE, step=Upload.Step.CHECK)
    found = Upload.objects.filter(asks, created_by=user.pk, kind=kind).order_by("-pk")[:SHOWN_OPEN]
    return [one for one in found if uploads.is_kept(one.file)]


def is_for(upload: Upload, user: Any) -> bool:
    return bool(kind_called(upload.kind).is_for(user, upload.options))


@transaction.atomic
def confirm_upload(upload: Upload) -> bool:
    """Queue the loading of what was checked; False where that is done already."""
    if upload.waits and not uploads.is_kept(upload.file):
        raise BadInput(_("This preview is too old; send the file again."))
    confirmed = Upload.objects.filter(
        pk=upload.pk, step=Upload.Step.CHECK, state=Upload.State.DONE
    ).update(
        step=Upload.Step.LOAD,
        state=Upload.State.QUEUED,
        n_done=0,
        tries=0,
        cancel_requested=False,
        queued_at=timezone.now(),
        lease_until=None,
        finished_at=None,
    )
    if confirmed:
        uploads.remove_notes(upload.file)
        record(None, "upload.confirm", upload)
        jobs.enqueue(upload)
    return bool(confirmed)


def cancel_upload(upload: Upload) -> None:
    """Stop it, whatever it does now; nothing of it stays."""
    if not upload.is_finished:
        uploads.ask_to_stop(upload.file)
    with transaction.atomic():
        thrown_away = Upload.objects.filter(
            pk=upload.pk, step=Upload.Step.CHECK, state=Upload.State.DONE
        ).update(state=Upload.State.CANCELLED)
        jobs.request_cancel(upload)
        if thrown_away:
            transaction.on_commit(partial(uploads.forget, upload.file))


def can_resume(upload: Upload) -> bool:
    """Whether what failed was no fault of the file's, and the file is still there."""
    failed = upload.state == Upload.State.FAILED and not upload.n_problems
    return failed and uploads.is_kept(upload.file)


def resume_upload(upload: Upload) -> bool:
    return can_resume(upload) and jobs.resume(upload)


def latest(upload: Upload) -> Upload:
    """The same row, saying how far its worker is now."""
    if upload.state == Upload.State.RUNNING and (said := uploads.told(upload.file)):
        upload.n_done, upload.n_total = said["n_done"], said["n_total"]
        upload.message = _message(upload) % {"n": f"{said['n_rows']:,}"}
    return upload


def _message(upload: Upload) -> str:
    if _counts_rows(upload):
        return _("%(n)s rows are in; they count once all are.")
    return _("%(n)s rows are read; the bar counts kilobytes.")


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


def _counts_rows(job: Upload) -> bool:
    """Whether a check has told how many rows there are; until then progress is in kilobytes."""
    return job.step == Upload.Step.LOAD and bool(job.loaded.get("n_rows"))


def _total(job: Upload) -> int:
    return job.loaded["n_rows"] if _counts_rows(job) else 1 + job.n_bytes // 1024


class _Watch:
    """Notes beside the transaction how far the loader is, and stops it where somebody asked."""

    def __init__(self, job: Upload, file: BinaryIO) -> None:
        self._job, self._file = job, file
        self._in_rows = _counts_rows(job)
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


@receiver(jobs.job_ended, sender=Upload)
def _tidy(*, job: Upload, **_: Any) -> None:
    """The file goes unless somebody may still confirm it or have it tried again."""
    is_needed = job.waits or (job.state == Upload.State.FAILED and not job.n_problems)
    forget = uploads.remove_notes if is_needed else uploads.forget
    transaction.on_commit(partial(forget, job.file))
