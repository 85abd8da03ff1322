"""What happened becomes rows, in the transaction in which it happened: nothing is told too early,
and nothing is forgotten."""

from typing import Any

from django.db import transaction
from django.utils import timezone

from annotation.models import Assignment, Campaign
from api.webhooks.models import Delivery, Event, Webhook
from common import bell
from models_app.models import Job

JOB_EVENTS = {
    Job.State.DONE: Event.JOB_DONE,
    Job.State.FAILED: Event.JOB_FAILED,
    Job.State.CANCELLED: Event.JOB_CANCELLED,
}
OF_PEOPLE = ("playgroundrequest",)  # jobs that answer somebody at once are nobody else's affair


def on_job_ended(*, job: Job, **_: Any) -> None:
    kind = job._meta.model_name
    event = JOB_EVENTS.get(Job.State(job.state))
    if event is None or kind in OF_PEOPLE:
        return
    campaign = getattr(job, "campaign", None)
    told = {
        "kind": kind,
        "id": job.pk,
        "name": str(job)[:200],
        "state": job.state,
        "error": job.error,
    }
    note(event, campaign, job=told)


def on_campaign_opened(*, campaign: Campaign, **_: Any) -> None:
    note(Event.CAMPAIGN_OPENED, campaign)


def on_campaign_closed(*, campaign: Campaign, **_: Any) -> None:
    note(Event.CAMPAIGN_CLOSED, campaign)


def note(event: Event, campaign: Campaign | None, **told: Any) -> int:
    """A waiting delivery for every webhook that wants this event; how many."""
    wanting = [
        webhook
        for webhook in Webhook.objects.filter(is_active=True).order_by("pk")
        if event in webhook.events
        and (webhook.campaign_id is None or (campaign and webhook.campaign_id == campaign.pk))
    ]
    if wanting:
        Delivery.objects.bulk_create(
            Delivery(webhook=webhook, event=event, payload=_payload(event, campaign, told))
            for webhook in wanting
        )
        transaction.on_commit(_ring)
    return len(wanting)


def _ring() -> None:
    from api.webhooks.tasks import send_due

    bell.ring(send_due)


def _payload(event: str, campaign: Campaign | None, told: dict[str, Any]) -> dict[str, Any]:
    payload = {"event": event, "at": timezone.now().isoformat(timespec="seconds"), **told}
    if campaign is not None:
        payload["campaign"] = {"id": campaign.pk, "name": campaign.name, "state": campaign.state}
    return payload


def announce_complete() -> int:
    """Tell once of each open campaign in which nothing is left to judge; how many campaigns."""
    asked = [one for one in Webhook.objects.filter(is_active=True)
             if Event.CAMPAIGN_COMPLETE in one.events]  # fmt: skip
    campaigns = Campaign.objects.filter(state=Campaign.State.OPEN)
    if all(webhook.campaign_id is not None for webhook in asked):
        campaigns = campaigns.filter(pk__in=[webhook.campaign_id for webhook in asked])
    n = 0
    for campaign in campaigns if asked else ():
        with transaction.atomic():
            held = Campaign.objects.select_for_update().get(pk=campaign.pk)
            told = Delivery.objects.filter(
                event=Event.CAMPAIGN_COMPLETE, payload__campaign__id=held.pk
            )
            if not told.exists() and is_complete(held):
                n += bool(note(Event.CAMPAIGN_COMPLETE, held))
    return n


def is_complete(campaign: Campaign) -> bool:
    """Whether every item has the annotators it should have, and none of them still works on it."""
    open_work = Assignment.objects.filter(
        item__in=campaign.items.judged(), state=Assignment.State.OPEN
    )
    return (
        campaign.items.judged().exists()
        and not campaign.items.wanting().exists()
        and not open_work.exists()
    )
