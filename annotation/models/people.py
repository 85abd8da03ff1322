"""Who rates, who reads, who runs a campaign."""

from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.recorded import Recorded
from annotation.models.campaign import Campaign


class AnnotatorQuerySet(models.QuerySet):
    def without_profile(self) -> Self:
        """People whose profile no report or file may have: no consent to it, or no longer."""
        kept = Q(consented_at=None) | Q(withholds_profile=True)
        return self.filter(kept, origin=Annotator.Origin.PERSON)


class Annotator(models.Model):
    """A person who rates: somebody with an account, a rater of an imported study, or a simulation.

    `code` is what researchers and exports see; `scope` is the campaign name for imported and
    simulated raters, and empty for people with an account.
    """

    class Origin(models.TextChoices):
        PERSON = "person", _("person")
        IMPORTED = "imported", _("imported")
        SIMULATED = "simulated", _("simulated")

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="annotator",
    )
    code = models.CharField(max_length=100)
    scope = models.CharField(max_length=100, blank=True)
    origin = models.CharField(max_length=10, choices=Origin, default=Origin.PERSON)
    native_languages = models.CharField(max_length=200, blank=True)
    dialect = models.CharField(max_length=100, blank=True)
    region = models.CharField(max_length=100, blank=True)
    education = models.CharField(max_length=100, blank=True)
    experience_years = models.PositiveSmallIntegerField(null=True, blank=True)
    relation_to_authors = models.CharField(max_length=200, blank=True)
    author_name = models.CharField(
        max_length=100,
        blank=True,
        help_text=_("the `author` under which this person wrote segments; never rates those"),
    )
    consented_at = models.DateTimeField(null=True, blank=True)
    withholds_answers = models.BooleanField(
        default=False,
        db_default=False,
        help_text=_("no file that leaves the site has their answers"),
    )
    withholds_notes = models.BooleanField(
        default=False,
        db_default=False,
        help_text=_("no file that leaves the site has what they wrote in notes"),
    )
    withholds_profile = models.BooleanField(
        default=False,
        db_default=False,
        help_text=_("no report or file has their profile"),
    )
    created_at = models.DateTimeField(default=timezone.now)

    objects = AnnotatorQuerySet.as_manager()

    class Meta:
        ordering = ["code"]
        constraints = [
            models.UniqueConstraint(fields=["scope", "code"], name="annotator_code_once"),
        ]

    def __str__(self) -> str:
        return self.code

    @property
    def is_without_profile(self) -> bool:
        return self.origin == self.Origin.PERSON and (
            self.consented_at is None or self.withholds_profile
        )


class MembershipQuerySet(models.QuerySet):
    def annotating(self) -> Self:
        return self.filter(role=Membership.Role.ANNOTATOR)


class Membership(Recorded):
    made_as = "member.add"
    removed_as = "member.remove"

    class Role(models.TextChoices):
        ANNOTATOR = "annotator", _("annotator")
        RESEARCHER = "researcher", _("researcher")
        ADMIN = "admin", _("campaign admin")
        AUDITOR = "auditor", _("auditor")

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="memberships"
    )
    campaign = models.ForeignKey(Campaign, on_delete=models.CASCADE, related_name="memberships")
    role = models.CharField(max_length=10, choices=Role)
    created_at = models.DateTimeField(default=timezone.now)

    objects = MembershipQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "campaign", "role"], name="one_role_each"),
        ]

    def __str__(self) -> str:
        return f"{self.user} is {self.role} in {self.campaign}"


class Place(models.Model):
    """Who fills which of the numbered places of a campaign's design; kept when they leave."""

    campaign = models.ForeignKey(Campaign, on_delete=models.CASCADE, related_name="places")
    annotator = models.ForeignKey(Annotator, on_delete=models.CASCADE, related_name="places")
    number = models.PositiveSmallIntegerField(help_text=_("from 0, in the order of joining"))

    class Meta:
        ordering = ["campaign", "number"]
        constraints = [
            models.UniqueConstraint(fields=["campaign", "annotator"], name="one_place_each"),
        ]

    def __str__(self) -> str:
        return f"{self.annotator} at {self.number} in {self.campaign}"


class Due(models.Model):
    """A block that a numbered place of a campaign's design should have.

    Made from the plan when the campaign opens, so that handing out reads no more of a large
    campaign than of a small one; may be thrown away and is then made again. HELD is only ever said
    of what somebody who filled the place holds or has judged.
    """

    class State(models.TextChoices):
        OPEN = "open", _("open")
        HELD = "held", _("held or judged")
        WRITTEN = "written", _("written by who fills the place")

    campaign = models.ForeignKey(Campaign, on_delete=models.CASCADE, related_name="due")
    number = models.PositiveSmallIntegerField(help_text=_("the place, from 0"))
    block = models.PositiveIntegerField()
    state = models.CharField(max_length=10, choices=State, default=State.OPEN)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["campaign", "block", "number"], name="due_once"),
        ]
        indexes = [
            models.Index(
                fields=["campaign", "number", "block"],
                condition=Q(state="open"),
                name="due_open",
            ),
            models.Index(
                fields=["campaign", "block"], condition=Q(state="written"), name="due_written"
            ),
        ]

    def __str__(self) -> str:
        return f"block {self.block} for {self.number} in {self.campaign_id}"
