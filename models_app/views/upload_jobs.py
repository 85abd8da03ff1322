"""A big file on its way in: how far it is, its preview or its problems, and what became of it."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from common.errors import NikashError
from models_app import upload_jobs, uploads
from models_app.models import Upload
from models_app.upload_kinds import kind_called


def _found(request: HttpRequest, pk: int) -> Upload:
    """An upload of this person's, or any for an admin; 404 for all others."""
    return upload_jobs.latest(get_object_or_404(upload_jobs.uploads_of(request.user), pk=pk))


@require_safe
def upload(request: HttpRequest, pk: int) -> HttpResponse:
    job = _found(request, pk)
    page = kind_called(job.kind)
    is_kept = uploads.is_kept(job.file)
    context = {
        "job": job,
        "title": page.title,
        "crumbs": [*page.crumbs(job.options), (page.title, page.address(job.options))],
        "address": page.address(job.options),
        "preview": {"loaded": job.loaded, "file": job.shown_as, **job.loaded},
        "waits": job.waits and is_kept,
        "is_too_old": job.waits and not is_kept,
        "can_resume": upload_jobs.can_resume(job),
        "target": _target(page, job) if job.stored else None,
        "problems": [
            {"row": row, "column": column, "reason": reason} for row, column, reason in job.problems
        ],
        "n_problems": job.n_problems,
    }
    return render(request, "models_app/upload_job.html", context)


def _target(page: Any, job: Upload) -> str | None:
    """Where the rows are now; None where they were removed since."""
    try:
        return str(page.target(job.options))
    except Http404:
        return None


@require_POST
def upload_confirm(request: HttpRequest, pk: int) -> HttpResponse:
    try:
        upload_jobs.confirm_upload(_found(request, pk))
    except NikashError as problem:
        messages.error(request, problem.message)
    return redirect("models_app:upload", pk)


@require_POST
def upload_cancel(request: HttpRequest, pk: int) -> HttpResponse:
    upload_jobs.cancel_upload(_found(request, pk))
    return redirect("models_app:upload", pk)


@require_POST
def upload_resume(request: HttpRequest, pk: int) -> HttpResponse:
    if not upload_jobs.resume_upload(_found(request, pk)):
        messages.info(request, _("There is nothing to try again; send the file again."))
    return redirect("models_app:upload", pk)


@require_safe
def upload_progress(request: HttpRequest, pk: int) -> HttpResponse:
    return JsonResponse(_found(request, pk).as_progress())
