"""What people answered: an append-only log of events and the current rating projected from it."""

from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from annotation.models.item import Item
from annotation.models.people import Annotator
from models_app.models import Output


class RatingEvent(models.Model):
    """One action of one annotator on one item. Rows are only ever added.

    `key` is made by the client: the same event delivered twice is stored once. `sequence` is the
    client's own count per item: an event that arrives late never overrides a newer one.
    """

    key = models.UUIDField(unique=True)
    item = models.ForeignKey(Item, on_delete=models.PROTECT, related_name="events")
    annotator = models.ForeignKey(Annotator, on_delete=models.PROTECT, related_name="events")
    sequence = models.PositiveIntegerField()
    answer = models.JSONField(help_text=_("the whole answer after this action, in slots"))
    is_complete = models.BooleanField(default=False)
    after_lease = models.BooleanField(default=False, help_text=_("arrived after its lease ran out"))
    active_seconds = models.FloatField(null=True, blank=True)
    guideline = models.CharField(max_length=120, blank=True, help_text=_("name, version, language"))
    client_time = models.DateTimeField(null=True, blank=True)
    received_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["pk"]
        indexes = [models.Index(fields=["item", "annotator"], name="event_by_item")]


class Rating(models.Model):
    """One annotator's current answer on one item."""

    item = models.ForeignKey(Item, on_delete=models.PROTECT, related_name="ratings")
    annotator = models.ForeignKey(Annotator, on_delete=models.PROTECT, related_name="ratings")
    answer = models.JSONField(default=dict)
    sequence = models.PositiveIntegerField(default=0)
    is_complete = models.BooleanField(default=False)
    active_seconds = models.FloatField(null=True, blank=True)
    guideline = models.CharField(max_length=120, blank=True)
    note = models.TextField(blank=True)
    flagged = models.BooleanField(default=False)
    updated_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["item", "annotator"], name="one_rating_each"),
        ]
        indexes = [
            models.Index(fields=["-updated_at"], condition=Q(flagged=True), name="rating_flagged"),
        ]


class RatingScore(models.Model):
    """A number a rating gives to one output, in the protocol's own unit.

    An output has one score per criterion and rating; "not applicable" and "cannot judge" have none.
    """

    rating = models.ForeignKey(Rating, on_delete=models.CASCADE, related_name="scores")
    output = models.ForeignKey(Output, on_delete=models.PROTECT, related_name="scores")
    criterion = models.CharField(max_length=60)
    value = models.FloatField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["rating", "output", "criterion"], name="one_score_per_criterion"
            ),
        ]


class ErrorSpan(models.Model):
    """A marked error: code points [start, end) of the source or the output, with the quoted text.

    A span without place (start and end null) concerns the whole segment.
    """

    class Side(models.TextChoices):
        SOURCE = "source", _("source")
        TARGET = "target", _("output")

    rating = models.ForeignKey(Rating, on_delete=models.CASCADE, related_name="spans")
    output = models.ForeignKey(Output, on_delete=models.PROTECT, related_name="spans")
    side = models.CharField(max_length=6, choices=Side, default=Side.TARGET)
    start = models.PositiveIntegerField(null=True, blank=True)
    end = models.PositiveIntegerField(null=True, blank=True)
    quoted = models.TextField(blank=True)
    text_hash = models.CharField(max_length=64, blank=True)
    category = models.CharField(max_length=120, blank=True)
    severity = models.CharField(max_length=20)
    note = models.TextField(blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(start__isnull=True, end__isnull=True) | Q(start__lte=F("end")),
                name="span_starts_before_it_ends",
            ),
        ]
