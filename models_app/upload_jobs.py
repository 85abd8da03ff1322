"""Big files as jobs: a worker checks them, a person confirms, a worker loads them."""

from datetime import timedelta
from functools import partial
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.db.models import Q, QuerySet
from django.dispatch import receiver
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.access import is_admin
from accounts.audit import record
from common.errors import BadInput
from models_app import jobs, uploads
from models_app.models import Upload
from models_app.upload_kinds import kind_called

SHOWN_OPEN = 20  # uploads of one person that a page lists
KEPT_DAYS = 30  # for so long one that is over is told of


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
    mine: dict[str, dict[int, dict[str, Any]]] = {}
    sent = Upload.objects.filter(created_by=user.pk).order_by("pk")
    for pk, kind, options in sent.values_list("pk", "kind", "options"):
        mine.setdefault(kind, {})[pk] = options
    allowed = [pk for kind, sent in mine.items() for pk in kind_called(kind).those_for(user, sent)]
    return Upload.objects.filter(pk__in=allowed)


def over_long_ago() -> QuerySet[Upload]:
    """Those that ended, or wait in vain for a word, since KEPT_DAYS: their files are gone."""
    before = timezone.now() - timedelta(days=KEPT_DAYS)
    over = [Upload.State.DONE, Upload.State.FAILED, Upload.State.CANCELLED]
    return Upload.objects.filter(state__in=over, queued_at__lt=before)


def open_uploads_of(user: Any, kind: str) -> list[Upload]:
    """A person's uploads that are at work or wait for their word; newest first."""
    asks = Q(state__in=[Upload.State.QUEUED, Upload.State.RUNNING])
    asks |= Q(state=Upload.State.DONE, step=Upload.Step.CHECK)
    found = Upload.objects.filter(asks, created_by=user.pk, kind=kind).order_by("-pk")[:SHOWN_OPEN]
    return [one for one in found if uploads.is_kept(one.file)]


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
    if upload.counts_rows:
        return _("%(n)s rows are in; they count once all are.")
    return _("%(n)s rows are read; the bar counts kilobytes.")


@receiver(jobs.job_ended, sender=Upload)
def _tidy(*, job: Upload, **_: Any) -> None:
    """The file goes unless somebody may still confirm it or have it tried again."""
    is_needed = job.waits or (job.state == Upload.State.FAILED and not job.n_problems)
    forget = uploads.remove_notes if is_needed else uploads.forget
    transaction.on_commit(partial(forget, job.file))
