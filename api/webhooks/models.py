"""Who is told, of what, and each telling with how it went."""

import uuid
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from annotation.models import Campaign


class Event(models.TextChoices):
    JOB_DONE = "job.done", _("a job is done")
    JOB_FAILED = "job.failed", _("a job has failed")
    JOB_CANCELLED = "job.cancelled", _("a job was cancelled")
    CAMPAIGN_OPENED = "campaign.opened", _("a campaign was opened")
    CAMPAIGN_COMPLETE = "campaign.complete", _("every item of a campaign is judged")
    CAMPAIGN_CLOSED = "campaign.closed", _("a campaign was closed")
    TEST = "test", _("somebody tries whether it works")


TOLD = tuple(event for event in Event if event is not Event.TEST)


class WebhookQuerySet(models.QuerySet):
    def manageable_by(self, user) -> Self:
        """Those of campaigns that this person may change; admins have the site's own, too."""
        if user.is_staff:
            return self
        return self.filter(campaign__in=Campaign.objects.manageable_by(user))


class Webhook(models.Model):
    """An address that is told of events: of one campaign's, or of the whole site's."""

    campaign = models.ForeignKey(
        Campaign, null=True, blank=True, on_delete=models.CASCADE, related_name="webhooks"
    )
    url = models.CharField(max_length=2000)
    events = models.JSONField(default=list)
    salt = models.CharField(max_length=43, help_text=_("with the site's key it makes the secret"))
    is_active = models.BooleanField(default=True)
    stopped_why = models.CharField(max_length=300, blank=True)
    n_failed = models.PositiveIntegerField(default=0, help_text=_("tellings given up in a row"))
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    created_at = models.DateTimeField(default=timezone.now)

    objects = WebhookQuerySet.as_manager()

    class Meta:
        ordering = ["-pk"]

    def __str__(self) -> str:
        return f"webhook {self.pk}"


class DeliveryQuerySet(models.QuerySet):
    def due(self) -> Self:
        return self.filter(state=Delivery.State.WAITING, next_try_at__lte=timezone.now())


class Delivery(models.Model):
    """One event for one webhook; `key` is the same at every try, so that a receiver can tell."""

    class State(models.TextChoices):
        WAITING = "waiting", _("waiting")
        DELIVERED = "delivered", _("delivered")
        FAILED = "failed", _("given up")

    webhook = models.ForeignKey(Webhook, on_delete=models.CASCADE, related_name="deliveries")
    key = models.UUIDField(default=uuid.uuid4, unique=True)
    event = models.CharField(max_length=20, choices=Event)
    payload = models.JSONField()
    state = models.CharField(max_length=10, choices=State, default=State.WAITING)
    n_tries = models.PositiveSmallIntegerField(default=0)
    next_try_at = models.DateTimeField(default=timezone.now)
    status = models.PositiveSmallIntegerField(null=True, help_text=_("of the last answer"))
    error = models.CharField(max_length=300, blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    ended_at = models.DateTimeField(null=True, blank=True)

    objects = DeliveryQuerySet.as_manager()

    class Meta:
        ordering = ["-pk"]
        indexes = [
            models.Index(fields=["next_try_at"], condition=Q(state="waiting"), name="delivery_due")
        ]

    def __str__(self) -> str:
        return f"{self.event} to {self.webhook}"
