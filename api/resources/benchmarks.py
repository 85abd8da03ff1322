"""Systems on benchmark tasks."""

from typing import Any

from django.shortcuts import get_object_or_404
from rest_framework import serializers
from rest_framework.request import Request

from api.asking import Number, Text
from api.endpoints import Routes
from api.people import Who
from api.rows import AnyObject, audited, body_of, job_serializer, name_of
from models_app.benchmarks.running import start_benchmarks
from models_app.forms_benchmarks import BenchmarkForm
from models_app.models import BenchmarkItem, BenchmarkRun

routes = Routes("Training and benchmarks")
BenchmarkSerializer = job_serializer(
    BenchmarkRun, "system", "task", "language", "source", "file", "data_hash",
    system_name=name_of("system.name", "Who was asked."),
    settings=AnyObject(help_text="Shots, limit, seed, batch size, chat."),
    results=AnyObject(help_text="The harness's own numbers."),
)  # fmt: skip


class BenchmarkItemSerializer(serializers.ModelSerializer):
    references = AnyObject(help_text="Right texts; none for labels.")
    metrics = AnyObject(help_text="Per item.")

    class Meta:
        model = BenchmarkItem
        fields = (
            "id", "position", "key", "language", "prompt", "target", "references", "prediction",
            "response", "metrics",
        )  # fmt: skip


class BenchmarksStartedSerializer(serializers.Serializer):
    results = BenchmarkSerializer(many=True, help_text="The runs queued.")
    n_done_before = serializers.IntegerField(help_text="Done before under the same settings.")


def _benchmarks() -> Any:
    return BenchmarkRun.objects.select_related("system", "created_by").defer("environment")


@routes.get("benchmark-runs/", Who.SITE_READER, gives=BenchmarkSerializer, pages=True, parameters=(
    Text("task", "Only on this task.", "task"), Number("system", "Only of this system.", "system"),
))  # fmt: skip
def list_benchmark_runs(request: Request) -> Any:
    """Systems on benchmark tasks; stop and resume them under jobs/benchmark/."""
    return _benchmarks()


@routes.post("benchmark-runs/", Who.ADMIN, gives=BenchmarksStartedSerializer, status=201,
             takes=body_of(BenchmarkForm, "BenchmarksAsked"))  # fmt: skip
def make_benchmark_runs(request: Request, form: Any) -> dict[str, Any]:
    """Run systems on tasks; what was done under the same settings is not done again."""
    asked = form.cleaned_data
    started = start_benchmarks(
        asked["systems"], asked["tasks"], source=asked["source"], file=asked["file"],
        settings=form.settings(), user=request.user,
    )  # fmt: skip
    for run in started.runs:
        audited(request, "benchmark.start", run)
    return {"results": started.runs, "n_done_before": len(started.done)}


@routes.get("benchmark-runs/<id:run>/", Who.SITE_READER, gives=BenchmarkSerializer)
def read_benchmark_run(request: Request, run: int) -> Any:
    """One run with its results."""
    return get_object_or_404(_benchmarks(), pk=run)


@routes.get("benchmark-runs/<id:run>/items/", Who.SITE_READER, gives=BenchmarkItemSerializer,
            pages=True)  # fmt: skip
def list_benchmark_items(request: Request, run: int) -> Any:
    """What was asked, what would be right, and what came."""
    return get_object_or_404(BenchmarkRun, pk=run).items.all()
