"""Training runs, sweeps, benchmarks, studies and energy: what admins start and researchers read."""

from typing import Any

from django.db import transaction
from django.shortcuts import get_object_or_404
from rest_framework import serializers
from rest_framework.request import Request

from api.asking import Choice, Number, Text
from api.bodies import PlainBody
from api.endpoints import Routes
from api.people import Who
from api.resources.models import SystemSerializer
from api.rows import AnyObject, audited, body_of, job_serializer, name_of, plain
from common import bell
from common.errors import Conflict
from models_app import tasks
from models_app.benchmarks.running import start_benchmarks
from models_app.forms_benchmarks import BenchmarkForm
from models_app.forms_sweeps import DropForm, SweepForm
from models_app.forms_training import TrainingForm
from models_app.models import BenchmarkItem, BenchmarkRun, EnergyRecord, Sweep, TrainingRun
from models_app.models.training import TrainingPoint
from models_app.sweeps.outcomes import trials
from models_app.sweeps.plan import drop_trials, plan_sweep
from models_app.training.card import full_card
from models_app.training.publish import publishable_card
from models_app.training.start import start_training
from models_app.training.trying import system_to_try

routes = Routes("Training and benchmarks")

TrainingSerializer = job_serializer(
    TrainingRun, "name", "method", "checkpoint", "start_adapter", "corpus", "subset", "prompt",
    "best_step", "adapter", "tuned", "sweep", "trial", "dropped_reason",
    settings=AnyObject(help_text="Every setting."),
)  # fmt: skip
SweepSerializer = job_serializer(
    Sweep, "name", "kind", "objective", "greater_is_better", "max_trials", "max_seconds",
    "n_seeds", space=AnyObject(help_text="Factors with their levels or ranges."),
    base=AnyObject(help_text="What all trials have in common."),
)  # fmt: skip
BenchmarkSerializer = job_serializer(
    BenchmarkRun, "system", "task", "language", "source", "file", "data_hash",
    system_name=name_of("system.name", "Who was asked."),
    settings=AnyObject(help_text="Shots, limit, seed, batch size, chat."),
    results=AnyObject(help_text="The harness's own numbers."),
)  # fmt: skip


class CardSerializer(serializers.Serializer):
    card = AnyObject(help_text="The run card: data, settings, machine, results, energy.")


class PointSerializer(serializers.ModelSerializer):
    class Meta:
        model = TrainingPoint
        fields = ("id", "step", "epoch", "name", "value")


class TrialSerializer(serializers.Serializer):
    number = serializers.IntegerField(allow_null=True, help_text="Its number in the sweep.")
    run = serializers.IntegerField(source="run.pk", help_text="The training run's id.")
    condition = AnyObject(help_text="Factor to level.")
    state = serializers.CharField(help_text="waiting, running, done, failed, dropped ...")
    reason = serializers.CharField(allow_blank=True, help_text="Why it was not done.")
    value = serializers.FloatField(allow_null=True, help_text="On the objective.")
    seconds = serializers.FloatField(allow_null=True, help_text="How long it took.")
    kwh = serializers.FloatField(allow_null=True, help_text="Energy; null: not measured.")


class TrialsSerializer(serializers.Serializer):
    results = TrialSerializer(many=True)


class PublishSerializer(serializers.Serializer):
    hub = serializers.CharField(
        allow_blank=True, default="", max_length=200, help_text="owner/name; empty: a folder."
    )


class DroppedSerializer(serializers.Serializer):
    n = serializers.IntegerField(help_text="Trials dropped.")


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


class EnergySerializer(serializers.ModelSerializer):
    devices = AnyObject(help_text="Of each device: how, by what, kWh, mean watts.")
    grid = AnyObject(help_text="Country, grams of CO2 a kWh, source.", allow_null=True)

    class Meta:
        model = EnergyRecord
        fields = (
            "id", "kind", "training_run", "generation_run", "subject", "host", "started_at",
            "seconds", "kwh", "pue", "library", "is_complete", "devices", "grid",
        )  # fmt: skip


def _trainings() -> Any:
    return TrainingRun.objects.select_related("created_by").defer("card", "environment")


@routes.get("trainings/", Who.SITE_READER, gives=TrainingSerializer, pages=True, parameters=(
    Number("corpus", "Only on this corpus.", "corpus"),
    Number("sweep", "Only of this sweep.", "sweep"),
    Text("name", "Only the one of this name.", "name"),
))  # fmt: skip
def list_trainings(request: Request) -> Any:
    """Training runs; stop and resume them under jobs/training/."""
    return _trainings()


@routes.post("trainings/", Who.ADMIN, gives=TrainingSerializer, status=201,
             takes=body_of(TrainingForm, "TrainingAsked", open_choices=("prompt",)))  # fmt: skip
def make_training(request: Request, form: Any) -> Any:
    """Train an adapter, or a whole checkpoint."""
    run = start_training(user=request.user, **form.asked())
    audited(request, "training.start", run)
    return run


def _training(request: Request, training: int) -> TrainingRun:
    return get_object_or_404(TrainingRun, pk=training)


@routes.get("trainings/<id:training>/", Who.SITE_READER, gives=TrainingSerializer)
def read_training(request: Request, training: int) -> Any:
    """One training run."""
    return get_object_or_404(_trainings(), pk=training)


@routes.get("trainings/<id:training>/card/", Who.SITE_READER, gives=CardSerializer)
def read_card(request: Request, training: int) -> dict[str, Any]:
    """The run card, as far as the run is."""
    return {"card": plain(full_card(_training(request, training)))}


@routes.get("trainings/<id:training>/points/", Who.SITE_READER, gives=PointSerializer, pages=True,
            parameters=(Text("curve", "Only of this curve, say eval_loss.", "name"),))  # fmt: skip
def list_points(request: Request, training: int) -> Any:
    """The values on a run's curves."""
    return _training(request, training).points.all()


@routes.post("trainings/<id:training>/try/", Who.ADMIN, gives=SystemSerializer, status=201)
@transaction.atomic
def try_training(request: Request, training: int) -> Any:
    """Register a system that uses what the run made."""
    system = system_to_try(_training(request, training))
    audited(request, "training.try", system)
    return system


@routes.post("trainings/<id:training>/publish/", Who.ADMIN, status=202, gives=TrainingSerializer,
             takes=PlainBody(PublishSerializer), before=_training)  # fmt: skip
def publish_training(request: Request, given: dict[str, Any], training: int) -> Any:
    """Publish what the run made; where, or why not, will stand in its card."""
    run = _training(request, training)
    made = run.adapter or run.tuned
    if made is None:
        raise Conflict("there is nothing to publish yet")
    publishable_card(made)
    if not bell.ring(tasks.publish_training, run.pk, given["hub"].strip()):
        raise Conflict("the workers cannot be reached; try again in a minute")
    audited(request, "training.publish", run, hub=given["hub"])
    return run


@routes.get("sweeps/", Who.SITE_READER, gives=SweepSerializer, pages=True)
def list_sweeps(request: Request) -> Any:
    """Sweeps; stop and resume them under jobs/sweep/."""
    return Sweep.objects.select_related("created_by").defer("environment")


@routes.post("sweeps/", Who.ADMIN, gives=SweepSerializer, status=201,
             takes=body_of(SweepForm, "SweepAsked"))  # fmt: skip
def make_sweep(request: Request, form: Any) -> Any:
    """Plan and start a sweep from its description."""
    asked = form.cleaned_data
    made = plan_sweep(asked["name"], asked["description"], user=request.user)
    audited(request, "sweep.start", made)
    return made


def _sweep(request: Request, sweep: int) -> Sweep:
    return get_object_or_404(Sweep.objects.select_related("created_by"), pk=sweep)


@routes.get("sweeps/<id:sweep>/", Who.SITE_READER, gives=SweepSerializer)
def read_sweep(request: Request, sweep: int) -> Any:
    """One sweep."""
    return _sweep(request, sweep)


@routes.get("sweeps/<id:sweep>/trials/", Who.SITE_READER, gives=TrialsSerializer)
def list_trials(request: Request, sweep: int) -> dict[str, Any]:
    """Every planned trial, whatever became of it."""
    return {"results": trials(_sweep(request, sweep))}


@routes.post("sweeps/<id:sweep>/drop/", Who.ADMIN, gives=DroppedSerializer,
             takes=body_of(DropForm, "Drop"), before=_sweep)  # fmt: skip
def drop_trial(request: Request, form: Any, sweep: int) -> dict[str, int]:
    """Drop a trial that waits, failed or was cancelled, with the reason."""
    found = _sweep(request, sweep)
    runs = found.runs.filter(trial=form.cleaned_data["trial"])
    n = drop_trials(runs, form.cleaned_data["reason"])
    if not n:
        raise Conflict("only a trial that waits, failed or was cancelled is dropped")
    audited(request, "sweep.drop", found, trial=form.cleaned_data["trial"])
    return {"n": int(n)}


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


@routes.get("energy-records/", Who.SITE_READER, gives=EnergySerializer, pages=True, parameters=(
    Choice("kind", "Only of this kind of work.", "kind", tuple(EnergyRecord.Kind.values)),
))  # fmt: skip
def list_energy(request: Request) -> Any:
    """Energy and CO2 of the machine's work."""
    return EnergyRecord.objects.defer("trace")
