"""Webhooks: who is told when jobs and campaigns end."""

from typing import Any

from django.shortcuts import get_object_or_404
from rest_framework import serializers
from rest_framework.request import Request

from api.bodies import FormBody
from api.endpoints import Routes
from api.people import Who
from api.webhooks.forms import WebhookForm
from api.webhooks.managing import delete_webhook, make_webhook, try_webhook
from api.webhooks.models import Delivery, Webhook

routes = Routes("Webhooks")


class WebhookSerializer(serializers.ModelSerializer):
    events = serializers.ListField(
        child=serializers.CharField(), help_text="What it is told of, say job.done."
    )

    class Meta:
        model = Webhook
        fields = ("id", "campaign", "url", "events", "is_active", "stopped_why", "created_at")


class NewWebhookSerializer(serializers.Serializer):
    webhook = WebhookSerializer()
    secret = serializers.CharField(help_text="Signs what is sent; it is shown once.")


class DeliverySerializer(serializers.ModelSerializer):
    payload = serializers.JSONField(help_text="What is sent, beside its id.")

    class Meta:
        model = Delivery
        fields = (
            "id", "key", "event", "payload", "state", "n_tries", "next_try_at", "status", "error",
            "created_at", "ended_at",
        )  # fmt: skip


def _mine(request: Request, webhook: int) -> Webhook:
    return get_object_or_404(Webhook.objects.manageable_by(request.user), pk=webhook)


@routes.get("webhooks/", Who.PERSON, gives=WebhookSerializer, pages=True)
def list_webhooks(request: Request) -> Any:
    """Webhooks of the campaigns that you may change; admins see the site's own, too."""
    return Webhook.objects.manageable_by(request.user)


@routes.post(
    "webhooks/", Who.PERSON, status=201, gives=NewWebhookSerializer, has_secret=True,
    takes=FormBody(
        lambda request, data, files: WebhookForm(data, user=_user(request)),
        "Webhook", open_choices=("campaign",),
    ),
)  # fmt: skip
def make_a_webhook(request: Request, form: WebhookForm) -> Any:
    """Have an address told of events; without a campaign, of the whole site's (admins)."""
    made, secret = make_webhook(user=request.user, **form.cleaned_data)
    return {"webhook": made, "secret": secret}


class _Nobody:
    is_staff = True  # the schema speaks of all that a form may take
    pk = None


def _user(request: Request | None) -> Any:
    return request.user if request is not None else _Nobody()


@routes.get("webhooks/<id:webhook>/", Who.PERSON, gives=WebhookSerializer)
def read_webhook(request: Request, webhook: int) -> Any:
    """One webhook."""
    return _mine(request, webhook)


@routes.delete("webhooks/<id:webhook>/", Who.PERSON)
def delete_a_webhook(request: Request, webhook: int) -> None:
    """Tell this address nothing more."""
    delete_webhook(_mine(request, webhook), request.user)


@routes.post("webhooks/<id:webhook>/try/", Who.PERSON, status=201, gives=DeliverySerializer)
def try_a_webhook(request: Request, webhook: int) -> Any:
    """Send an event that says only that somebody tries it; one that was stopped starts again."""
    return try_webhook(_mine(request, webhook), request.user)


@routes.get("webhooks/<id:webhook>/deliveries/", Who.PERSON, gives=DeliverySerializer, pages=True)
def list_deliveries(request: Request, webhook: int) -> Any:
    """What was sent, and how it went."""
    return _mine(request, webhook).deliveries.all()
