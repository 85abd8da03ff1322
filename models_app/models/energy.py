"""The energy that a piece of work took, device by device, and the trace it was integrated from."""

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from models_app.models.generation import GenerationRun
from models_app.models.training import TrainingRun


class EnergyRecord(models.Model):
    """`kwh` is the sum over `devices`, and the integral of `trace`; PUE is not in it.

    A run that was resumed has a record for each attempt. What lives in another room is named by
    `subject`. A record that is not complete was cut off; it holds what was read until then.
    """

    class Kind(models.TextChoices):
        TRAINING = "training", _("training")
        GENERATION = "generation", _("generation")
        EVALUATION = "evaluation", _("evaluation")

    kind = models.CharField(max_length=10, choices=Kind)
    training_run = models.ForeignKey(
        TrainingRun, null=True, blank=True, on_delete=models.CASCADE, related_name="energy_records"
    )
    generation_run = models.ForeignKey(
        GenerationRun,
        null=True,
        blank=True,
        on_delete=models.CASCADE,
        related_name="energy_records",
    )
    subject = models.CharField(max_length=300, blank=True)
    host = models.CharField(max_length=200)
    started_at = models.DateTimeField(default=timezone.now)
    seconds = models.FloatField(default=0)
    kwh = models.FloatField(default=0)
    devices = models.JSONField(
        default=list, help_text=_("name, label, how, by, kwh and mean watts of each device")
    )
    trace = models.JSONField(default=dict, help_text=_("see models_app/energy/trace.py"))
    pue = models.FloatField(
        default=1, help_text=_("energy of the building for that of the machine")
    )
    grid = models.JSONField(
        null=True, blank=True, help_text=_("country, name, g_per_kwh, year, source")
    )
    library = models.CharField(max_length=50)
    is_complete = models.BooleanField(default=False)

    class Meta:
        ordering = ["-started_at", "-pk"]
        indexes = [
            models.Index(fields=["-started_at"], name="energy_newest"),
            models.Index(fields=["kind"], name="energy_by_kind"),
        ]

    def __str__(self) -> str:
        return f"{self.kind}: {self.what}"

    @property
    def what(self) -> str:
        """The work; a run brings its own name."""
        return self.subject or str(self.training_run or self.generation_run or "–")

    @property
    def co2_grams(self) -> float | None:
        """g CO₂e, the building's share included; None where no grid was named."""
        return None if self.grid is None else self.kwh * self.pue * self.grid["g_per_kwh"]

    @property
    def watt_hours(self) -> float:
        return 1000 * self.kwh

    @property
    def is_estimated(self) -> bool:
        return any(device["how"] == "estimated" for device in self.devices)

    @property
    def is_measured(self) -> bool:
        return any(device["how"] == "measured" for device in self.devices)
