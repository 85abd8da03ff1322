"""What pages show of a big campaign, counted once and kept."""

from django.db import models
from django.utils import timezone

from annotation.models.campaign import Campaign


class Summary(models.Model):
    """One kind of count of one campaign, as annotation.summaries made it; may be thrown away.

    Only big campaigns have any: those of small ones are counted whenever they are shown.
    """

    campaign = models.ForeignKey(Campaign, on_delete=models.CASCADE, related_name="summaries")
    name = models.CharField(max_length=40)
    payload = models.JSONField(default=dict)
    n_answers = models.PositiveIntegerField(default=0)
    n_judged = models.PositiveIntegerField(default=0)
    n_raters = models.PositiveIntegerField(default=0)
    made_at = models.DateTimeField(default=timezone.now)
    asked_at = models.DateTimeField(default=timezone.now)
    seconds = models.FloatField(default=0.0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["campaign", "name"], name="summary_once"),
        ]

    def __str__(self) -> str:
        return f"{self.name} of {self.campaign_id}"
