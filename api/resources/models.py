"""Checkpoints, adapters, systems, and generating outputs with them."""

from typing import Any

from django.db import transaction
from django.shortcuts import get_object_or_404
from rest_framework import serializers
from rest_framework.request import Request

from api.asking import Choice, Number, Text
from api.endpoints import Routes
from api.people import Who
from api.rows import AnyObject, audited, body_of, job_serializer, name_of
from models_app.checkpoints import register_adapter, register_checkpoint, register_system
from models_app.forms import AdapterForm, CheckpointForm, RunForm, SystemForm
from models_app.generation import start_generation
from models_app.models import Adapter, Checkpoint, GenerationRun, System

routes = Routes("Models and systems")
NAME = (Text("name", "Only the one of this name.", "name"),)
OF_MODEL = ("id", "name", "location", "revision", "content_hash", "licence", "created_at")


class CheckpointSerializer(serializers.ModelSerializer):
    class Meta:
        model = Checkpoint
        fields = (*OF_MODEL, "architecture", "trust_remote_code")


class AdapterSerializer(serializers.ModelSerializer):
    class Meta:
        model = Adapter
        fields = (*OF_MODEL, "checkpoint")


class SystemSerializer(serializers.ModelSerializer):
    decoding = AnyObject(help_text="max_new_tokens, temperature, seed and the like.")
    prompt = serializers.CharField(
        source="template.text", default=None, allow_null=True, help_text="Its prompt, if any."
    )

    class Meta:
        model = System
        fields = (
            "id", "name", "kind", "backend", "checkpoint", "adapter", "prompt", "decoding",
            "note", "created_at",
        )  # fmt: skip


GenerationSerializer = job_serializer(
    GenerationRun, "dataset", "system", system_name=name_of("system.name", "Who answers.")
)


class StartedSerializer(serializers.Serializer):
    results = GenerationSerializer(many=True, help_text="The runs queued; none: all was there.")


def _made(request: Request, row: Checkpoint | Adapter | System) -> Any:
    audited(request, f"{row._meta.model_name}.make", row)
    return row


@routes.get("checkpoints/", Who.SITE_READER, gives=CheckpointSerializer, pages=True,
            parameters=NAME)  # fmt: skip
def list_checkpoints(request: Request) -> Any:
    """Base models."""
    return Checkpoint.objects.all()


@routes.post("checkpoints/", Who.ADMIN, gives=CheckpointSerializer, status=201,
             takes=body_of(CheckpointForm, "CheckpointAsked"))  # fmt: skip
def make_checkpoint(request: Request, form: Any) -> Any:
    """Register a base model: a hub id at a pinned revision, or a folder."""
    return _made(request, register_checkpoint(**form.cleaned_data))


@routes.get(
    "adapters/",
    Who.SITE_READER,
    gives=AdapterSerializer,
    pages=True,
    parameters=(*NAME, Number("checkpoint", "Only on this checkpoint.", "checkpoint")),
)
def list_adapters(request: Request) -> Any:
    """LoRA weights on checkpoints."""
    return Adapter.objects.all()


@routes.post("adapters/", Who.ADMIN, gives=AdapterSerializer, status=201,
             takes=body_of(AdapterForm, "AdapterAsked"))  # fmt: skip
def make_adapter(request: Request, form: Any) -> Any:
    """Register an adapter."""
    return _made(request, register_adapter(**form.cleaned_data))


@routes.get(
    "systems/",
    Who.SITE_READER,
    gives=SystemSerializer,
    pages=True,
    parameters=(*NAME, Choice("kind", "Only of this kind.", "kind", tuple(System.Kind.values))),
)
def list_systems(request: Request) -> Any:
    """Whoever produces text."""
    return System.objects.select_related("template")


@routes.post("systems/", Who.ADMIN, gives=SystemSerializer, status=201,
             takes=body_of(SystemForm, "SystemAsked"))  # fmt: skip
@transaction.atomic
def make_system(request: Request, form: Any) -> Any:
    """Register a system: a model with its prompt and decoding."""
    prompts = {"prompt", "prompt_format"}
    fields = {name: form.cleaned_data[name] for name in form.cleaned_data.keys() - prompts}
    return _made(request, register_system(template=form.template(), **fields))


@routes.get("systems/<id:system>/", Who.SITE_READER, gives=SystemSerializer)
def read_system(request: Request, system: int) -> Any:
    """One system."""
    return get_object_or_404(System.objects.select_related("template"), pk=system)


def _runs() -> Any:
    return GenerationRun.objects.select_related("system", "created_by").defer("environment")


@routes.get("generation-runs/", Who.SITE_READER, gives=GenerationSerializer, pages=True,
            parameters=(Number("dataset", "Only on this dataset.", "dataset"),
                        Number("system", "Only of this system.", "system")))  # fmt: skip
def list_generation_runs(request: Request) -> Any:
    """Systems answering datasets; stop and resume them under jobs/generation/."""
    return _runs()


@routes.post("generation-runs/", Who.ADMIN, gives=StartedSerializer, status=201,
             takes=body_of(RunForm, "GenerationAsked"))  # fmt: skip
def start_generation_runs(request: Request, form: Any) -> dict[str, Any]:
    """Have systems answer a dataset; outputs that are there are not made again."""
    asked = form.cleaned_data
    runs = start_generation(asked["systems"], asked["dataset"], request.user)
    for run in runs:
        audited(request, "generation.start", run)
    return {"results": runs}


@routes.get("generation-runs/<id:run>/", Who.SITE_READER, gives=GenerationSerializer)
def read_generation_run(request: Request, run: int) -> Any:
    """One run."""
    return get_object_or_404(_runs(), pk=run)
