"""Metric values with their signatures, the jobs that compute them, ready reports and slices."""

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.recorded import Recorded
from annotation.models import Campaign
from metrics.models_judge import JudgeRun as JudgeRun
from metrics.models_judge import JudgeVerdict as JudgeVerdict
from models_app.models import Dataset, Job, JobQuerySet, Output, System
from models_app.models.dataset import name_validator

LONGEST_QUERY = 4000  # a server takes 4094 characters in a request's first line


class ScoringRun(Job):
    """Computes metrics on a dataset's outputs; with a campaign, on its systems only."""

    made_as = "scoring.start"

    dataset = models.ForeignKey(Dataset, on_delete=models.CASCADE, related_name="scoring_runs")
    campaign = models.ForeignKey(
        Campaign,
        null=True,
        blank=True,
        on_delete=models.CASCADE,
        related_name="scoring_runs",
    )
    metrics = models.JSONField(default=list, help_text=_("registry names, say bleu and chrf"))
    options = models.JSONField(
        default=dict, blank=True, help_text=_("per metric, say a checkpoint")
    )

    objects = JobQuerySet.as_manager()

    def __str__(self) -> str:
        return f"{', '.join(self.metrics)} on {self.campaign or self.dataset}"


class MetricScore(models.Model):
    """A system's value on a dataset under one signature."""

    dataset = models.ForeignKey(Dataset, on_delete=models.CASCADE, related_name="metric_scores")
    system = models.ForeignKey(System, on_delete=models.CASCADE, related_name="metric_scores")
    metric = models.CharField(max_length=50)
    signature = models.CharField(max_length=300)
    corpus = models.FloatField(null=True, help_text=_("the metric's own corpus score"))
    segment_mean = models.FloatField(null=True)
    n = models.PositiveIntegerField(help_text=_("segments scored"))
    computed_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["dataset", "system", "metric", "signature"],
                name="metric_score_once",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.metric} of {self.system} on {self.dataset}"


class SegmentScore(models.Model):
    """One output's value, with the sufficient statistics from which any subset can be scored."""

    output = models.ForeignKey(Output, on_delete=models.CASCADE, related_name="metric_values")
    metric = models.CharField(max_length=50)
    signature = models.CharField(max_length=300)
    value = models.FloatField(null=True)
    statistics = models.JSONField(default=list)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["output", "metric", "signature"], name="segment_score_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.metric} of output {self.output_id}"


class ReportRun(Job):
    """A campaign's report, computed by a worker and kept until the data changes."""

    made_as = "report.start"

    campaign = models.ForeignKey(Campaign, on_delete=models.CASCADE, related_name="reports")
    data_version = models.CharField(max_length=64, help_text=_("hash of what went in"))
    payload = models.JSONField(null=True, help_text=_("report.json"))

    objects = JobQuerySet.as_manager()

    def __str__(self) -> str:
        return f"report of {self.campaign}"


class Package(Job):
    """A file to take away, made of a finished report; it lies in the data folder under its key."""

    made_as = "package.start"

    campaign = models.ForeignKey(Campaign, on_delete=models.CASCADE, related_name="packages")
    kind = models.CharField(max_length=20, help_text=_("see metrics.packages.kinds"))
    language = models.CharField(max_length=20)
    with_excluded = models.BooleanField(default=False)
    version = models.CharField(max_length=100, help_text=_("of the data and of our code"))
    n_bytes = models.BigIntegerField(null=True)

    objects = JobQuerySet.as_manager()

    def __str__(self) -> str:
        return f"{self.kind} of {self.campaign}"

    @property
    def code_version(self) -> str:
        return self.version.partition("-")[0]

    @property
    def data_version(self) -> str:
        """The first characters; two states of the data share them by no chance that matters."""
        return self.version.partition("-")[2][:12]


class GapTable(models.Model):
    """A report's judged outputs as columns, from which the explorer filters."""

    report = models.OneToOneField(ReportRun, on_delete=models.CASCADE, related_name="gap_table")
    content = models.BinaryField(help_text=_("see metrics.explorer.Outputs"))
    made_at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return f"outputs of the {self.report}"


class Slice(Recorded):
    """Outputs that a researcher wants to find again: the explorer's filter under a name."""

    made_as = "slice.save"
    removed_as = "slice.delete"

    campaign = models.ForeignKey(Campaign, on_delete=models.CASCADE, related_name="slices")
    name = models.CharField(max_length=100, validators=[name_validator])
    query = models.CharField(
        max_length=LONGEST_QUERY, blank=True, help_text=_("as the address has it")
    )
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
    )
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(fields=["campaign", "name"], name="slice_name_once"),
        ]

    def __str__(self) -> str:
        return self.name


class Claim(Recorded):
    """A sentence of a paper and the cell of the report that it rests on, as the cell was then."""

    made_as = "claim.pin"
    removed_as = "claim.delete"

    campaign = models.ForeignKey(Campaign, on_delete=models.CASCADE, related_name="claims")
    sentence = models.CharField(max_length=500)
    path = models.CharField(max_length=500, help_text=_("see metrics.reports.cells"))
    value = models.JSONField(null=True)
    data_version = models.CharField(max_length=64)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
    )
    pinned_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["campaign", "sentence", "path"], name="claim_pinned_once"
            ),
        ]

    def __str__(self) -> str:
        return self.sentence
