"""Training runs: started, followed, tried, published."""

from typing import Any

from django.db import transaction
from django.shortcuts import get_object_or_404
from rest_framework import serializers
from rest_framework.request import Request

from api.asking import Number, Text
from api.bodies import PlainBody
from api.endpoints import Routes
from api.people import Who
from api.resources.models import SystemSerializer
from api.rows import AnyObject, audited, body_of, job_serializer, plain
from common import bell
from common.errors import Conflict
from models_app import tasks
from models_app.forms_training import TrainingForm
from models_app.models import TrainingRun
from models_app.models.training import TrainingPoint
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


class CardSerializer(serializers.Serializer):
    card = AnyObject(help_text="The run card: data, settings, machine, results, energy.")


class PointSerializer(serializers.ModelSerializer):
    class Meta:
        model = TrainingPoint
        fields = ("id", "step", "epoch", "name", "value")


class PublishSerializer(serializers.Serializer):
    hub = serializers.CharField(
        allow_blank=True, default="", max_length=200, help_text="owner/name; empty: a folder."
    )


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
