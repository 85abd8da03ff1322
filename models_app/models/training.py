"""Training runs and the curves they leave, and sweeps, which are runs planned together."""

from typing import Self

from django.db import models
from django.utils.translation import gettext_lazy as _

from models_app.models.checkpoint import Adapter, Checkpoint
from models_app.models.corpus import Corpus, Subset
from models_app.models.dataset import model_name_validator, name_validator
from models_app.models.factors import FactorsField
from models_app.models.job import Job, JobQuerySet


class Sweep(Job):
    """Runs that differ in planned conditions: every cell of a grid, or a search with a budget."""

    made_as = "sweep.start"

    class Kind(models.TextChoices):
        GRID = "grid", _("every combination")
        SEARCH = "search", _("search")

    name = models.CharField(max_length=100, unique=True, validators=[name_validator])
    kind = models.CharField(max_length=6, choices=Kind)
    base = models.JSONField(default=dict, help_text=_("what all runs have in common"))
    space = FactorsField(default=dict, help_text=_("factor → its levels, or its range"))
    objective = models.CharField(max_length=50, default="eval_loss")
    greater_is_better = models.BooleanField(default=False)
    max_trials = models.PositiveIntegerField(null=True, blank=True)
    max_seconds = models.PositiveIntegerField(null=True, blank=True)
    n_seeds = models.PositiveSmallIntegerField(default=1)

    objects = JobQuerySet.as_manager()

    def __str__(self) -> str:
        return self.name


class TrainingRunQuerySet(JobQuerySet):
    def lost(self) -> Self:
        """Trials wait for their sweep, which is itself queued again where its worker is gone."""
        return super().lost().filter(sweep=None)


class TrainingRun(Job):
    """A checkpoint tuned on a corpus or a subset of it, into an adapter or a checkpoint.

    `name` is that of what is made. A planned run that will not be done has a `dropped_reason`.
    """

    made_as = "training.start"

    class Method(models.TextChoices):
        LORA = "lora", _("LoRA")
        FULL = "full", _("full fine-tuning")
        ATTENTION = "attention", _("attention only")

    name = models.CharField(max_length=100, unique=True, validators=[model_name_validator])
    method = models.CharField(max_length=10, choices=Method, default=Method.LORA)
    checkpoint = models.ForeignKey(
        Checkpoint, on_delete=models.PROTECT, related_name="training_runs"
    )
    start_adapter = models.ForeignKey(
        Adapter,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="continued_by",
        help_text=_("training goes on from this adapter"),
    )
    corpus = models.ForeignKey(Corpus, on_delete=models.PROTECT, related_name="training_runs")
    subset = models.ForeignKey(
        Subset,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="training_runs",
        help_text=_("empty: the whole training split"),
    )
    prompt = models.CharField(max_length=50, help_text=_("a registered prompt"))
    settings = models.JSONField(
        default=dict, help_text=_("as models_app/training/settings.py has them")
    )
    card = models.JSONField(default=dict, help_text=_("the run card, written from the run"))
    best_step = models.PositiveIntegerField(null=True, blank=True)
    adapter = models.OneToOneField(
        Adapter, null=True, blank=True, on_delete=models.SET_NULL, related_name="trained_by"
    )
    tuned = models.OneToOneField(
        Checkpoint, null=True, blank=True, on_delete=models.SET_NULL, related_name="trained_by"
    )
    sweep = models.ForeignKey(
        Sweep, null=True, blank=True, on_delete=models.CASCADE, related_name="runs"
    )
    trial = models.PositiveIntegerField(null=True, blank=True)
    condition = FactorsField(default=dict, help_text=_("factor → level in its sweep"))
    dropped_reason = models.CharField(max_length=300, blank=True)

    objects = TrainingRunQuerySet.as_manager()

    class Meta(Job.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["sweep", "trial"],
                condition=models.Q(sweep__isnull=False),
                name="trial_once_in_a_sweep",
            )
        ]

    def __str__(self) -> str:
        return self.name


class TrainingPoint(models.Model):
    """One value on a curve. A run that resumes writes the steps it does again over the old ones."""

    run = models.ForeignKey(TrainingRun, on_delete=models.CASCADE, related_name="points")
    step = models.PositiveIntegerField()
    epoch = models.FloatField(null=True)
    name = models.CharField(max_length=50, help_text=_("loss, eval_loss, eval_chrf and the like"))
    value = models.FloatField()

    class Meta:
        ordering = ["run", "name", "step"]
        constraints = [models.UniqueConstraint(fields=["run", "name", "step"], name="point_once")]

    def __str__(self) -> str:
        return f"{self.run} {self.name} {self.step}"
