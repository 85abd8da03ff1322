"""An annotator's standing in a campaign, and how people come into one."""

from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.recorded import Recorded
from annotation.models.campaign import Campaign
from annotation.models.people import Annotator


class ParticipationQuerySet(models.QuerySet):
    def excluded(self) -> Self:
        return self.filter(state=Participation.State.EXCLUDED)


class Participation(models.Model):
    """One annotator in one campaign; made with their first work there.

    Paused: gets no new work. Excluded: the ratings stay, marked, and analyses leave them out unless
    they are asked to take them in. `profile` is the annotator's profile as it was at the start.
    """

    class State(models.TextChoices):
        ACTIVE = "active", _("active")
        PAUSED = "paused", _("paused")
        EXCLUDED = "excluded", _("excluded")

    campaign = models.ForeignKey(Campaign, on_delete=models.CASCADE, related_name="participations")
    annotator = models.ForeignKey(
        Annotator, on_delete=models.CASCADE, related_name="participations"
    )
    state = models.CharField(max_length=10, choices=State, default=State.ACTIVE)
    reason = models.CharField(max_length=500, blank=True, help_text=_("why paused or excluded"))
    changed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
    )
    changed_at = models.DateTimeField(null=True, blank=True)
    profile = models.JSONField(default=dict, blank=True)
    trained_at = models.DateTimeField(null=True, blank=True)
    qualified_at = models.DateTimeField(null=True, blank=True)
    qualification = models.JSONField(
        default=dict, blank=True, help_text=_("score, threshold, attempts")
    )
    mixed = models.JSONField(
        null=True,
        blank=True,
        help_text=_("items given up to a position, by purpose; counted again where it is empty"),
    )
    created_at = models.DateTimeField(default=timezone.now)

    objects = ParticipationQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["campaign", "annotator"], name="participation_once"),
        ]

    def __str__(self) -> str:
        return f"{self.annotator} in {self.campaign}"


class Invitation(Recorded):
    """A link with which somebody becomes an annotator of a campaign; only its hash is stored."""

    made_as = "invitation.make"

    campaign = models.ForeignKey(Campaign, on_delete=models.CASCADE, related_name="invitations")
    token_hash = models.CharField(max_length=64, unique=True)
    note = models.CharField(max_length=200, blank=True, help_text=_("whom it is for"))
    most_uses = models.PositiveSmallIntegerField(default=1)
    n_used = models.PositiveSmallIntegerField(default=0)
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True, blank=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(n_used__lte=models.F("most_uses")), name="invitation_uses"
            ),
        ]

    def __str__(self) -> str:
        return f"invitation {self.pk}"
