"""Runs of a system over a dataset, and the texts that came out."""

from django.db import models
from django.utils import timezone

from models_app.models.dataset import Dataset, Segment
from models_app.models.job import Job, JobQuerySet
from models_app.models.system import System


class GenerationRun(Job):
    made_as = "generation.start"

    system = models.ForeignKey(System, on_delete=models.CASCADE, related_name="runs")
    dataset = models.ForeignKey(Dataset, on_delete=models.CASCADE, related_name="runs")

    objects = JobQuerySet.as_manager()

    class Meta(Job.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["system", "dataset"],
                condition=models.Q(state__in=["queued", "running"]),
                name="one_open_run_per_system_and_dataset",
            )
        ]

    def __str__(self) -> str:
        return f"{self.system} on {self.dataset}"


class Output(models.Model):
    """One system's text for one segment; never changed once stored."""

    system = models.ForeignKey(System, on_delete=models.CASCADE, related_name="outputs")
    segment = models.ForeignKey(Segment, on_delete=models.CASCADE, related_name="outputs")
    text = models.TextField(blank=True)
    text_hash = models.CharField(max_length=64, help_text="SHA-256 of the text in UTF-8")
    run = models.ForeignKey(
        GenerationRun,
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="outputs",
    )
    n_tokens = models.PositiveIntegerField(null=True, blank=True)
    finish_reason = models.CharField(max_length=20, blank=True, help_text="stop or length")
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["system", "segment"], name="one_output_per_segment"),
        ]

    def __str__(self) -> str:
        return f"{self.system} / {self.segment}"
