"""Long work of every kind: how far it is, stop it, go on."""

from typing import Any

from django.shortcuts import get_object_or_404
from rest_framework.request import Request

from api.asking import Choice
from api.endpoints import Routes
from api.jobs import KINDS, AnyJobSerializer, rows_of
from api.people import Who
from api.rows import audited
from common.errors import Conflict
from models_app.models import Job

routes = Routes("Jobs")
STATES = Choice("state", "Only in this state.", "state", tuple(Job.State.values))


@routes.get("jobs/<slug:kind>/", Who.PERSON, gives=AnyJobSerializer, pages=True,
            parameters=(STATES,))  # fmt: skip
def list_jobs(request: Request, kind: str) -> Any:
    """Jobs of a kind: generation, training, sweep, benchmark, corpus-report, corpus-translation,
    scoring, judge, report, package, study or upload."""
    found = rows_of(request, kind)
    related = [
        field.name
        for field in found.model._meta.get_fields()
        if field.many_to_one and field.name not in ("created_by",)
    ]
    return found.select_related(*related) if related else found


@routes.get("jobs/<slug:kind>/<id:job>/", Who.PERSON, gives=AnyJobSerializer)
def read_job(request: Request, kind: str, job: int) -> Any:
    """How far a job is."""
    found = get_object_or_404(rows_of(request, kind), pk=job)
    return KINDS[kind].look(found)


@routes.post("jobs/<slug:kind>/<id:job>/cancel/", Who.PERSON, gives=AnyJobSerializer)
def cancel_job(request: Request, kind: str, job: int) -> Any:
    """Ask a job to stop; one that waits is cancelled at once, one that is over stays as it is."""
    found = get_object_or_404(rows_of(request, kind, to_change=True), pk=job)
    KINDS[kind].cancel(found)
    audited(request, "job.cancel", found, kind=kind)
    return rows_of(request, kind).get(pk=job)


@routes.post("jobs/<slug:kind>/<id:job>/resume/", Who.PERSON, gives=AnyJobSerializer)
def resume_job(request: Request, kind: str, job: int) -> Any:
    """Go on with a job that failed or was cancelled."""
    found = get_object_or_404(rows_of(request, kind, to_change=True), pk=job)
    if not KINDS[kind].resume(found):
        raise Conflict("only a failed or cancelled job can go on")
    audited(request, "job.resume", found, kind=kind)
    return rows_of(request, kind).get(pk=job)
