"""Benchmarks: a system on a task, and every item's answer."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from models_app.models.dataset import language_validator
from models_app.models.job import Job, JobQuerySet
from models_app.models.system import System


class BenchmarkRun(Job):
    """A system on a benchmark task under one setting; a finished one is not done again."""

    made_as = "benchmark.start"

    class Source(models.TextChoices):
        SAMPLE = "sample", _("look-alike (for trials)")
        HUB = "hub", _("hub")
        FILE = "file", _("a file")

    system = models.ForeignKey(System, on_delete=models.CASCADE, related_name="benchmark_runs")
    task = models.CharField(max_length=100, help_text=_("name in the catalogue of tasks"))
    language = models.CharField(max_length=35, validators=[language_validator])
    source = models.CharField(max_length=10, choices=Source, default=Source.SAMPLE)
    file = models.CharField(max_length=500, blank=True)
    settings = models.JSONField(default=dict, help_text=_("shots, limit, seed, batch size, chat"))
    fingerprint = models.CharField(
        max_length=64, help_text=_("SHA-256 of all that decides the answers")
    )
    data_hash = models.CharField(max_length=64, blank=True, help_text=_("of the items"))
    results = models.JSONField(default=dict, help_text=_("the harness's own numbers"))

    objects = JobQuerySet.as_manager()

    class Meta(Job.Meta):
        constraints = [
            models.UniqueConstraint(fields=["fingerprint"], name="benchmark_run_once"),
        ]
        indexes = [models.Index(fields=["task", "system"], name="benchmark_of_system")]

    def __str__(self) -> str:
        return f"{self.system} on {self.task}"


class BenchmarkItem(models.Model):
    """One item of a run: what was asked, what would be right, and what came."""

    run = models.ForeignKey(BenchmarkRun, on_delete=models.CASCADE, related_name="items")
    position = models.PositiveIntegerField(help_text=_("place in the data, from 0"))
    key = models.CharField(max_length=200, help_text=_("the item's own id, or its place"))
    language = models.CharField(max_length=35)
    doc_hash = models.CharField(max_length=64)
    prompt_hash = models.CharField(max_length=64)
    prompt = models.TextField(blank=True)
    target = models.TextField(blank=True, help_text=_("the right label, or the first reference"))
    references = models.JSONField(default=list, help_text=_("right texts; none for labels"))
    prediction = models.TextField(blank=True, help_text=_("the chosen label"))
    response = models.TextField(blank=True, help_text=_("the text after the task's filters"))
    metrics = models.JSONField(default=dict, help_text=_("per item, with log-likelihoods"))

    class Meta:
        ordering = ["run", "position"]
        constraints = [
            models.UniqueConstraint(fields=["run", "position"], name="benchmark_item_once")
        ]

    def __str__(self) -> str:
        return f"{self.run_id}: {self.key}"
