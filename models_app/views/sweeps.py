"""Sweeps: plan, watch, and see what each factor does."""

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db import transaction
from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.access import admin_required, site_reader_required
from accounts.audit import record
from common.errors import NikashError
from common.tables import write_csv
from models_app import jobs, tasks  # noqa: F401 - tasks makes the jobs known
from models_app.forms_sweeps import DropForm, SweepForm
from models_app.models import Job, Sweep
from models_app.sweeps import figures, tables
from models_app.sweeps.job import cancel_sweep, resume_sweep
from models_app.sweeps.outcomes import Trial, trials
from models_app.sweeps.plan import drop_trials, plan_sweep


@site_reader_required
def sweep_list(request: HttpRequest) -> HttpResponse:
    return _list(request, SweepForm())


def _list(request: HttpRequest, form: SweepForm, status: int = 200) -> HttpResponse:
    sweeps = (
        Sweep.objects.select_related("created_by")
        .annotate(
            n_runs=Count("runs"),
            n_finished=Count("runs", filter=Q(runs__state=Job.State.DONE)),
            n_failed=Count("runs", filter=Q(runs__state=Job.State.FAILED)),
            n_dropped=Count("runs", filter=~Q(runs__dropped_reason="")),
        )
        .order_by("-pk")
    )
    page = Paginator(sweeps, 50).get_page(request.GET.get("page"))
    context = {"page": page, "form": form}
    return render(request, "models_app/sweep_list.html", context, status=status)


@require_POST
@admin_required
def sweep_start(request: HttpRequest) -> HttpResponse:
    form = SweepForm(request.POST)
    if not form.is_valid():
        return _list(request, form, status=422)
    asked = form.cleaned_data
    try:
        sweep = plan_sweep(asked["name"], asked["description"], user=request.user)
    except NikashError as problem:
        form.add_error(None, problem.message)
        return _list(request, form, status=422)
    return redirect("models_app:sweep_detail", sweep.pk)


@site_reader_required
def sweep_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """Three queries, however many trials there are."""
    sweep = get_object_or_404(Sweep.objects.select_related("created_by"), pk=pk)
    found = trials(sweep)
    words = tables.words()
    context: dict[str, Any] = {
        "sweep": sweep,
        "trials": [
            {
                "trial": trial,
                "levels": [_shown(trial.condition.get(name)) for name in sweep.space],
                "state": words[trial.state],
                "value": tables.number(trial.value) if trial.value is not None else "–",
            }
            for trial in found
        ],
        "budget": _budget(sweep, found),
        "counts": [
            (words[state], n) for state in words if (n := sum(t.state == state for t in found))
        ],
        "drop_form": DropForm(),
        **(_findings(sweep, found) if tables.done(found) else {}),
    }
    return render(request, "models_app/sweep_detail.html", context)


def _shown(level: Any) -> str:
    return f"{level:.4g}" if isinstance(level, float) else str(level)


def _budget(sweep: Sweep, found: list[Trial]) -> dict[str, Any]:
    run = [trial for trial in found if trial.was_run]
    measured = [trial.kwh for trial in run if trial.kwh is not None]
    return {
        "n_run": len(run),
        "n_planned": sweep.max_trials or len(found),
        "seconds": sum(trial.seconds or 0.0 for trial in run),
        "watt_hours": 1000 * sum(measured) if measured else None,
        "n_measured": len(measured),
    }


def _findings(sweep: Sweep, found: list[Trial]) -> dict[str, Any]:
    effects = tables.effects_of(sweep, found)
    importance = sweep.environment.get("importance", {})
    finished = tables.done(found)
    best = (max if sweep.greater_is_better else min)(finished, key=lambda t: t.value or 0.0)
    return {
        "best": best,
        "n_done": len(finished),
        "progress_figure": figures.progress_figure(sweep, found),
        "spread": tables.spread_table(found),
        "best_of": tables.best_table(sweep, found),
        "seeds": tables.seed_table(sweep, found) if sweep.n_seeds > 1 else None,
        "effects": effects,
        "terms": tables.term_table(effects) if effects.terms else None,
        "levels": tables.level_table(effects) if effects.levels else None,
        "importance": importance,
        "importance_figure": figures.importance_figure(importance)
        if "fanova" in importance
        else None,
        "parallel_figure": figures.parallel_figure(sweep, found),
        "interactions": figures.interaction_figures(sweep, found),
        "paretos": figures.pareto_figures(sweep, found),
    }


@site_reader_required
def sweep_csv(request: HttpRequest, pk: int) -> HttpResponse:
    sweep = get_object_or_404(Sweep, pk=pk)
    response = HttpResponse(content_type="text/csv; charset=utf-8")
    record(None, "sweep.export", sweep)
    response["Content-Disposition"] = f'attachment; filename="sweep-{sweep.pk}.csv"'
    write_csv(response, tables.trial_columns(sweep), tables.trial_rows(sweep, trials(sweep)))
    return response


@require_POST
@admin_required
def sweep_cancel(request: HttpRequest, pk: int) -> HttpResponse:
    cancel_sweep(get_object_or_404(Sweep, pk=pk))
    return redirect("models_app:sweep_detail", pk)


@require_POST
@admin_required
def sweep_resume(request: HttpRequest, pk: int) -> HttpResponse:
    sweep = get_object_or_404(Sweep, pk=pk)
    if not resume_sweep(sweep, failed="failed" in request.POST):
        messages.info(request, _("There is nothing to resume."))
    return redirect("models_app:sweep_detail", pk)


@require_POST
@admin_required
def sweep_drop(request: HttpRequest, pk: int) -> HttpResponse:
    sweep = get_object_or_404(Sweep, pk=pk)
    form = DropForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("Write the trial's number and the reason."))
    elif not _drop(sweep, form.cleaned_data["trial"], form.cleaned_data["reason"]):
        messages.error(request, _("Only a trial that waits, failed or was cancelled is dropped."))
    return redirect("models_app:sweep_detail", pk)


@transaction.atomic
def _drop(sweep: Sweep, trial: int, reason: str) -> int:
    record(None, "sweep.drop", sweep, trial=trial)
    return drop_trials(sweep.runs.filter(trial=trial), reason)


sweep_progress = site_reader_required(
    jobs.progress_view(Sweep, lambda request: Sweep.objects.all())
)
