"""One evaluation: what is judged, how, by how many, and the guideline they follow."""

from collections.abc import Collection
from typing import Self

from django.apps import apps
from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Exists, OuterRef, Q, Value
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.access import AUDITORS
from accounts.recorded import Recorded
from annotation.designs import DESIGNS
from annotation.designs.base import Design
from annotation.protocols import PROTOCOLS
from annotation.protocols.base import AnnotationProtocol
from models_app.models import Dataset, Segment, System
from models_app.models.dataset import language_validator, name_validator


class Guideline(models.Model):
    """What annotators are told, in one language; a changed text is a new version."""

    name = models.CharField(max_length=100, validators=[name_validator])
    version = models.PositiveIntegerField(default=1)
    language = models.CharField(max_length=35, validators=[language_validator])
    text = models.TextField(help_text=_("Markdown"))
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["name", "-version", "language"]
        constraints = [
            models.UniqueConstraint(
                fields=["name", "version", "language"], name="guideline_version_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} v{self.version} ({self.language})"


READING = ("researcher", "admin", "auditor")
CHANGING = ("researcher", "admin")


class CampaignQuerySet(models.QuerySet):
    """Every question is a subquery: no row comes twice, whatever roles a person has."""

    def visible_to(self, user) -> Self:
        """Campaigns whose results this person may read; site admins and site auditors read all."""
        if user.is_staff:
            return self
        groups = get_user_model().groups.through.objects
        audits = groups.filter(user_id=user.pk, group__name=AUDITORS)
        return self.filter(_has_role(user, READING) | Exists(audits))

    def manageable_by(self, user) -> Self:
        """Campaigns that this person may change; site admins change all."""
        return self if user.is_staff else self.filter(_has_role(user, CHANGING))

    def administered_by(self, user) -> Self:
        """Campaigns in which this person gives roles; its researchers, where it has no admin."""
        return self if user.is_staff else self.filter(_administers(user))

    def with_rights(self, user) -> Self:
        """Each with `may_change` and `may_give_roles`: what pages show controls for."""
        if user.is_staff:
            return self.annotate(may_change=Value(True), may_give_roles=Value(True))
        return self.annotate(
            may_change=_has_role(user, CHANGING), may_give_roles=_administers(user)
        )

    def annotatable_by(self, user) -> Self:
        return self.filter(_has_role(user, ["annotator"]))


def _memberships() -> models.QuerySet:
    return apps.get_model("annotation", "Membership").objects.filter(campaign=OuterRef("pk"))


def _has_role(user, roles: Collection[str]) -> Exists:
    return Exists(_memberships().filter(user_id=user.pk, role__in=roles))


def _administers(user) -> Q:
    without_admin = ~Exists(_memberships().filter(role="admin"))
    return Q(_has_role(user, ["admin"])) | Q(without_admin, _has_role(user, ["researcher"]))


class Campaign(Recorded):
    made_as = "campaign.make"
    removed_as = "campaign.remove"

    class State(models.TextChoices):
        DRAFT = "draft", _("draft")
        OPEN = "open", _("open")
        CLOSED = "closed", _("closed")

    class Origin(models.TextChoices):
        ANNOTATED = "annotated", _("annotated here")
        IMPORTED = "imported", _("imported ratings")
        SIMULATED = "simulated", _("simulated ratings")

    name = models.CharField(max_length=100, unique=True, validators=[name_validator])
    dataset = models.ForeignKey(Dataset, on_delete=models.PROTECT, related_name="campaigns")
    systems = models.ManyToManyField(System, related_name="campaigns")
    protocol = models.CharField(max_length=50, help_text=_("what is asked of an annotator"))
    options = models.JSONField(
        default=dict,
        blank=True,
        help_text=_("the protocol's own settings: scale, form, weights"),
    )
    design = models.CharField(max_length=50, default="uniform")
    raters_per_item = models.PositiveSmallIntegerField(
        default=1, validators=[MinValueValidator(1), MaxValueValidator(50)]
    )
    batch_size = models.PositiveSmallIntegerField(
        default=10,
        validators=[MinValueValidator(1), MaxValueValidator(200)],
        help_text=_("segments leased to an annotator at a time"),
    )
    lease_minutes = models.PositiveIntegerField(
        default=240, validators=[MinValueValidator(1), MaxValueValidator(60 * 24 * 30)]
    )
    seed = models.PositiveIntegerField(default=1)
    guideline = models.CharField(max_length=100, blank=True)
    guideline_version = models.PositiveIntegerField(default=1)
    origin = models.CharField(max_length=10, choices=Origin, default=Origin.ANNOTATED)
    state = models.CharField(max_length=10, choices=State, default=State.DRAFT)
    plan = models.JSONField(default=dict, help_text=_("frozen when the campaign opens"))
    plan_hash = models.CharField(max_length=64, blank=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
    )
    created_at = models.DateTimeField(default=timezone.now)
    opened_at = models.DateTimeField(null=True, blank=True)

    objects = CampaignQuerySet.as_manager()

    class Meta:
        ordering = ["-pk"]

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        if self.protocol not in PROTOCOLS.names():
            known = ", ".join(PROTOCOLS.names())
            raise ValidationError({"protocol": f"No protocol {self.protocol!r}; known: {known}."})
        if self.design not in DESIGNS.names():
            known = ", ".join(DESIGNS.names())
            raise ValidationError({"design": f"No design {self.design!r}; known: {known}."})

    @property
    def segments(self) -> models.QuerySet[Segment]:
        """The dataset's segments, or those whose keys `options["segments"]` lists."""
        segments = self.dataset.segments.all()
        keys = self.options.get("segments")
        return segments if keys is None else segments.filter(key__in=keys)

    @property
    def protocol_object(self) -> AnnotationProtocol:
        """The protocol with this campaign's options."""
        return PROTOCOLS.get(self.protocol)(self.options)

    @property
    def design_object(self) -> Design:
        """The design with this campaign's options."""
        return DESIGNS.get(self.design)(self.options.get("design"))
