"""A study: its configuration, as given, and what came out of it."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from models_app.models import Job, JobQuerySet
from models_app.models.dataset import model_name_validator


class Study(Job):
    """All that a study makes has its name before it, so that studies never share a row."""

    made_as = "study.start"

    name = models.CharField(max_length=60, unique=True, validators=[model_name_validator])
    configuration = models.JSONField(help_text=_("as studies/configuration.py reads it"))
    folder = models.CharField(max_length=500, help_text=_("where its files are looked for"))
    stage = models.CharField(max_length=30, blank=True)
    results = models.JSONField(default=list, help_text=_("its tables, in order"))

    objects = JobQuerySet.as_manager()

    class Meta(Job.Meta):
        verbose_name_plural = "studies"

    def __str__(self) -> str:
        return self.name

    def full_name(self, part: str) -> str:
        """What a part of the study is called in the database."""
        return f"{self.name}: {part}"
