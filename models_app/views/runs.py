"""Generation runs: start, watch, cancel, resume."""

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.access import admin_required, site_reader_required
from common.errors import NikashError
from models_app import jobs, tasks  # noqa: F401 - tasks makes the jobs known
from models_app.forms import RunForm
from models_app.generation import start_generation
from models_app.models import GenerationRun

SHOWN_OUTPUTS = 5


@site_reader_required
def run_list(request: HttpRequest) -> HttpResponse:
    return _list(request, RunForm())


def _list(request: HttpRequest, form: RunForm, status: int = 200) -> HttpResponse:
    runs = GenerationRun.objects.select_related("system", "dataset", "created_by")
    page = Paginator(runs, 50).get_page(request.GET.get("page"))
    return render(request, "models_app/run_list.html", {"page": page, "form": form}, status=status)


@require_POST
@admin_required
def run_start(request: HttpRequest) -> HttpResponse:
    form = RunForm(request.POST)
    if not form.is_valid():
        return _list(request, form, status=422)
    try:
        runs = start_generation(
            form.cleaned_data["systems"], form.cleaned_data["dataset"], request.user
        )
    except NikashError as problem:
        form.add_error(None, problem.message)
        return _list(request, form, status=422)
    if not runs:
        messages.info(request, _("Every output is there already; nothing to do."))
        return redirect("models_app:run_list")
    if len(runs) == 1:
        return redirect("models_app:run_detail", runs[0].pk)
    messages.success(request, _("%(n)s runs are queued.") % {"n": len(runs)})
    return redirect("models_app:run_list")


@site_reader_required
def run_detail(request: HttpRequest, pk: int) -> HttpResponse:
    runs = GenerationRun.objects.select_related("system", "dataset", "created_by")
    run = get_object_or_404(runs, pk=pk)
    context = {
        "run": run,
        "environment": list(_flat(run.environment)),
        "outputs": run.outputs.select_related("segment").order_by("segment__position")[
            :SHOWN_OUTPUTS
        ],
    }
    return render(request, "models_app/run_detail.html", context)


def _flat(value: dict[str, Any], path: str = "") -> Any:
    for name, part in value.items():
        if isinstance(part, dict):
            yield from _flat(part, f"{path}{name} ")
        elif part not in (None, ""):
            yield f"{path}{name}", part


@require_POST
@admin_required
def run_cancel(request: HttpRequest, pk: int) -> HttpResponse:
    jobs.request_cancel(get_object_or_404(GenerationRun, pk=pk))
    return redirect("models_app:run_detail", pk)


@require_POST
@admin_required
def run_resume(request: HttpRequest, pk: int) -> HttpResponse:
    if not jobs.resume(get_object_or_404(GenerationRun, pk=pk)):
        messages.info(request, _("Only a failed or cancelled run can be resumed."))
    return redirect("models_app:run_detail", pk)


run_progress = site_reader_required(
    jobs.progress_view(GenerationRun, lambda request: GenerationRun.objects.all())
)
