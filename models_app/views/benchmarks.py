"""Benchmarks: the tasks, starting runs, a run with its items, and its items as a file."""

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import F, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.access import admin_required, site_reader_required
from accounts.audit import record
from common.errors import NikashError
from common.tables import write_csv
from models_app import jobs
from models_app import tasks as _jobs  # noqa: F401 - makes the jobs known
from models_app.benchmarks.catalogue import task_called, tasks
from models_app.benchmarks.running import start_benchmarks
from models_app.benchmarks.tables import COLUMNS, item_rows
from models_app.forms_benchmarks import BenchmarkForm
from models_app.models import BenchmarkItem, BenchmarkRun
from models_app.views.runs import _flat

ITEMS_A_PAGE = 25


@site_reader_required
def benchmark_list(request: HttpRequest) -> HttpResponse:
    return _list(request, BenchmarkForm())


def _list(request: HttpRequest, form: BenchmarkForm, status: int = 200) -> HttpResponse:
    runs = BenchmarkRun.objects.select_related("system", "created_by")
    context = {
        "page": Paginator(runs, 50).get_page(request.GET.get("page")),
        "form": form,
        "tasks": tasks().values(),
        "labels": {name: task.label for name, task in tasks().items()},
    }
    return render(request, "models_app/benchmark_list.html", context, status=status)


@require_POST
@admin_required
def benchmark_start(request: HttpRequest) -> HttpResponse:
    form = BenchmarkForm(request.POST)
    if not form.is_valid():
        return _list(request, form, status=422)
    asked = form.cleaned_data
    try:
        started = start_benchmarks(
            asked["systems"], asked["tasks"], source=asked["source"], file=asked["file"],
            settings=form.settings(), user=request.user,
        )  # fmt: skip
    except NikashError as problem:
        form.add_error(None, problem.message)
        return _list(request, form, status=422)
    if started.done:
        told = _("%(n)s runs were done before under the same settings.")
        messages.info(request, told % {"n": len(started.done)})
    if len(started.runs) == 1:
        return redirect("models_app:benchmark", started.runs[0].pk)
    if started.runs:
        messages.success(request, _("%(n)s runs are queued.") % {"n": len(started.runs)})
    return redirect("models_app:benchmark_list")


@site_reader_required
def benchmark(request: HttpRequest, pk: int) -> HttpResponse:
    run = _run(pk)
    task = task_called(run.task)
    chosen = {name: request.GET.get(name, "") for name in ("show", "label")}
    items = _chosen(run, chosen, gives_labels=task.gives_labels)
    context = {
        "run": run,
        "task": task,
        "chosen": chosen,
        "page": Paginator(items, ITEMS_A_PAGE).get_page(request.GET.get("page")),
        "query": f"show={chosen['show']}&label={chosen['label']}&",
        "results": sorted(run.results.items()),
        "environment": list(_flat(run.environment)),
    }
    return render(request, "models_app/benchmark.html", context)


def _run(pk: int) -> BenchmarkRun:
    runs = BenchmarkRun.objects.select_related("system__adapter", "system__checkpoint")
    return get_object_or_404(runs, pk=pk)


def _chosen(
    run: BenchmarkRun, chosen: dict[str, Any], *, gives_labels: bool
) -> QuerySet[BenchmarkItem]:
    items = run.items.order_by("position")
    if gives_labels:
        if chosen["show"] == "right":
            items = items.filter(prediction=F("target"))
        elif chosen["show"] == "wrong":
            items = items.exclude(prediction=F("target"))
        if chosen["label"]:
            items = items.filter(target=chosen["label"])
    elif chosen["show"] == "empty":
        items = items.filter(response="")
    return items


@site_reader_required
def benchmark_export(request: HttpRequest, pk: int) -> HttpResponse:
    run = _run(pk)
    response = HttpResponse(content_type="text/csv; charset=utf-8")
    record(None, "benchmark.export", run)
    response["Content-Disposition"] = f'attachment; filename="benchmark-{run.task}-{run.pk}.csv"'
    write_csv(response, COLUMNS, item_rows(run))
    return response


@require_POST
@admin_required
def benchmark_cancel(request: HttpRequest, pk: int) -> HttpResponse:
    jobs.request_cancel(get_object_or_404(BenchmarkRun, pk=pk))
    return redirect("models_app:benchmark", pk)


@require_POST
@admin_required
def benchmark_resume(request: HttpRequest, pk: int) -> HttpResponse:
    if not jobs.resume(get_object_or_404(BenchmarkRun, pk=pk)):
        messages.info(request, _("Only a failed or cancelled run can be resumed."))
    return redirect("models_app:benchmark", pk)


benchmark_progress = site_reader_required(
    jobs.progress_view(BenchmarkRun, lambda request: BenchmarkRun.objects.all())
)
