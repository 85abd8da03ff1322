"""What several resources share: looking campaigns up, jobs as JSON, forms without a twist."""

import json
from collections.abc import Callable
from typing import Any

from django import forms
from django.core.serializers.json import DjangoJSONEncoder
from django.shortcuts import get_object_or_404
from rest_framework import serializers
from rest_framework.request import Request

from accounts.access import is_researcher
from accounts.audit import record
from accounts.recorded import campaign_of as campaign_id_of
from annotation.models import Campaign
from api.bodies import FormBody
from api.errors import request_id_of
from models_app.models import Job


def campaign_of(request: Request, campaign: int) -> Campaign:
    """A campaign that this person may read; others are not found."""
    found = Campaign.objects.visible_to(request.user).select_related("dataset", "created_by")
    return get_object_or_404(found, pk=campaign)


def changeable(request: Request, campaign: int) -> Campaign:
    """A campaign that this person may change; others are not found."""
    found = Campaign.objects.manageable_by(request.user).select_related("dataset", "created_by")
    return get_object_or_404(found, pk=campaign)


def audited(request: Request, action: str, subject: Any = None, **details: Any) -> None:
    """An administrative act in the audit log, with the request's id."""
    record(request.user, action, subject, request_id=request_id_of(request), **details)


def plain(value: Any) -> Any:
    """Nested values with lazy texts, times and tuples as JSON has them."""
    return json.loads(json.dumps(value, cls=DjangoJSONEncoder))


def body_of(form: type[forms.BaseForm], name: str, **options: Any) -> FormBody:
    """A form that needs nothing but what is posted."""
    return FormBody(lambda request, data, files: form(data, files), name, **options)


class PersonName(serializers.SlugRelatedField):
    """A user name, for those to whom the pages show it; null for others, as auditors."""

    def __init__(self, **options: Any) -> None:
        super().__init__(slug_field="username", read_only=True, allow_null=True, **options)

    def get_attribute(self, row: Any) -> Any:
        person = super().get_attribute(row)
        request = self.context.get("request")
        if person is None or request is None:
            return None
        return person if person == request.user or reads_names(request, row) else None


def reads_names(request: Request, row: Any) -> bool:
    """Of a campaign and what belongs to it, who may change it; else researchers and admins.

    The database is asked once a request for each of the two.
    """
    campaign = campaign_id_of(row)
    if campaign is None:
        return _kept(request, "_is_researcher", lambda: is_researcher(request.user))
    mine = Campaign.objects.manageable_by(request.user).values_list("pk", flat=True)
    return campaign in _kept(request, "_manages", lambda: set(mine))


def _kept(request: Request, name: str, ask: Callable[[], Any]) -> Any:
    if not hasattr(request, name):
        setattr(request, name, ask())
    return getattr(request, name)


JOB_FIELDS = (
    "id", "state", "n_done", "n_total", "message", "error", "cancel_requested", "tries",
    "created_by", "queued_at", "started_at", "finished_at",
)  # fmt: skip


class JobSerializer(serializers.ModelSerializer):
    """What every long piece of work says of itself."""

    state = serializers.ChoiceField(
        choices=Job.State.values, help_text="queued, running, then done, failed or cancelled."
    )
    n_done = serializers.IntegerField(help_text="Steps done, of n_total.")
    n_total = serializers.IntegerField(help_text="Steps in all; 0 until it is known.")
    created_by = PersonName(help_text="Who asked; null where names are not yours to read.")


def job_serializer(model: type[Job], *more: str, **declared: Any) -> type[JobSerializer]:
    """JobSerializer of a model with further fields."""
    names = (*JOB_FIELDS, *more, *declared)
    meta = type("Meta", (), {"model": model, "fields": names})
    return type(f"{model.__name__}Serializer", (JobSerializer,), {"Meta": meta, **declared})


def name_of(source: str, about: str, **options: Any) -> serializers.CharField:
    """The name of a related row."""
    return serializers.CharField(source=source, read_only=True, help_text=about, **options)


class AnyObject(serializers.JSONField):
    """Any JSON value."""
