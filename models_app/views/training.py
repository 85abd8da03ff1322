"""Training runs: ask for one, watch its curves, read its card, use and publish what it made."""

from collections.abc import Iterator
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts.access import admin_required, site_reader_required
from accounts.audit import record
from common import bell
from common.errors import NikashError
from models_app import jobs, tasks
from models_app.forms_training import TrainingForm
from models_app.models import Job, TrainingRun
from models_app.training import curves
from models_app.training.card import full_card, missing_fields
from models_app.training.publish import publishable_card
from models_app.training.start import start_training
from models_app.training.trying import system_to_try

SEEN = ("publications", "results")  # of a card: what the page shows elsewhere


@site_reader_required
def training_list(request: HttpRequest) -> HttpResponse:
    runs = TrainingRun.objects.select_related("checkpoint", "corpus", "subset", "sweep")
    runs = runs.select_related("subset__corpus", "created_by").defer("card", "settings")
    page = Paginator(runs, 50).get_page(request.GET.get("page"))
    return render(request, "models_app/training_list.html", {"page": page})


@require_http_methods(["GET", "HEAD", "POST"])
@admin_required
def training_new(request: HttpRequest) -> HttpResponse:
    form = TrainingForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            run = start_training(user=request.user, **form.asked())
        except NikashError as problem:
            form.add_error(None, problem.message)
        else:
            return redirect("models_app:training", run.pk)
    status = 422 if form.errors else 200
    return render(request, "models_app/training_new.html", {"form": form}, status=status)


@site_reader_required
def training_detail(request: HttpRequest, pk: int) -> HttpResponse:
    runs = TrainingRun.objects.select_related(
        "checkpoint", "corpus", "subset__corpus", "start_adapter", "adapter", "tuned", "sweep"
    ).prefetch_related("energy_records")
    run = get_object_or_404(runs, pk=pk)
    card = full_card(run)
    context = {
        "run": run,
        "facts": list(_flat({k: v for k, v in card.items() if not isinstance(v, dict)})),
        "parts": [
            (name, list(_flat(part)))
            for name, part in card.items()
            if isinstance(part, dict) and name not in SEEN
        ],
        "results": card.get("results", {}),
        "choice": card.get("choice"),
        "publications": card.get("publications", []),
        "missing": missing_fields(card) if run.state == Job.State.DONE else [],
        **_drawn(run),
    }
    return render(request, "models_app/training_detail.html", context)


@site_reader_required
def training_curves(request: HttpRequest, pk: int) -> HttpResponse:
    """The charts and their table alone, for a page that follows them."""
    run = get_object_or_404(TrainingRun, pk=pk)
    return render(request, "models_app/partials/training_curves.html", _drawn(run))


def _drawn(run: TrainingRun) -> dict[str, Any]:
    found = curves.curves_of(run)
    return {
        "charts": curves.charts(found, run.best_step),
        "table": curves.table(found),
        "size": (curves.WIDTH, curves.HEIGHT),
        "frame": (curves.LEFT, curves.TOP, curves.WIDTH - curves.RIGHT),
        "floor": curves.HEIGHT - curves.BOTTOM,
    }


def _flat(value: dict[str, Any], path: str = "") -> Iterator[tuple[str, Any]]:
    for name, part in value.items():
        if isinstance(part, dict):
            yield from _flat(part, f"{path}{name} ")
        elif part not in (None, "", []) and f"{path}{name}" not in SEEN:
            yield f"{path}{name}", ", ".join(map(str, part)) if isinstance(part, list) else part


@require_POST
@admin_required
def training_cancel(request: HttpRequest, pk: int) -> HttpResponse:
    jobs.request_cancel(get_object_or_404(TrainingRun, pk=pk))
    return redirect("models_app:training", pk)


@require_POST
@admin_required
def training_resume(request: HttpRequest, pk: int) -> HttpResponse:
    if not jobs.resume(get_object_or_404(TrainingRun, pk=pk)):
        messages.info(request, _("Only a failed or cancelled run can be resumed."))
    return redirect("models_app:training", pk)


@require_POST
@admin_required
def training_try(request: HttpRequest, pk: int) -> HttpResponse:
    run = get_object_or_404(TrainingRun, pk=pk)
    try:
        with transaction.atomic():
            system = system_to_try(run)
            record(None, "training.try", run)
    except NikashError as problem:
        messages.error(request, problem.message)
        return redirect("models_app:training", pk)
    messages.success(request, _("%(name)s is registered.") % {"name": system})
    return redirect("models_app:system_detail", system.pk)


@require_POST
@admin_required
def training_publish(request: HttpRequest, pk: int) -> HttpResponse:
    """Left to the worker: weights may be large, and a hub slow."""
    run = get_object_or_404(TrainingRun, pk=pk)
    made = run.adapter or run.tuned
    try:
        if made is None:
            raise NikashError(_("There is nothing to publish yet."))
        publishable_card(made)
    except NikashError as problem:
        messages.error(request, problem.message)
    else:
        hub = request.POST.get("hub", "").strip()[:200]
        record(None, "training.publish", run, hub=hub)
        if bell.ring(tasks.publish_training, run.pk, hub):
            said = _("It is being published; where, or why not, will stand here.")
            messages.success(request, said)
        else:
            messages.error(request, _("The workers cannot be reached; try again in a minute."))
    return redirect("models_app:training", pk)


training_progress = site_reader_required(
    jobs.progress_view(TrainingRun, lambda request: TrainingRun.objects.all())
)
