"""Sweeps and their trials."""

from typing import Any

from django.shortcuts import get_object_or_404
from rest_framework import serializers
from rest_framework.request import Request

from api.endpoints import Routes
from api.people import Who
from api.rows import AnyObject, audited, body_of, job_serializer
from common.errors import Conflict
from models_app.forms_sweeps import DropForm, SweepForm
from models_app.models import Sweep
from models_app.sweeps.outcomes import trials
from models_app.sweeps.plan import drop_trials, plan_sweep

routes = Routes("Training and benchmarks")
SweepSerializer = job_serializer(
    Sweep, "name", "kind", "objective", "greater_is_better", "max_trials", "max_seconds",
    "n_seeds", space=AnyObject(help_text="Factors with their levels or ranges."),
    base=AnyObject(help_text="What all trials have in common."),
)  # fmt: skip


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


class DroppedSerializer(serializers.Serializer):
    n = serializers.IntegerField(help_text="Trials dropped.")


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
