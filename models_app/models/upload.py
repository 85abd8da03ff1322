"""Files too big for one request: a worker checks them, a person confirms, a worker loads them."""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from models_app.models.job import Job, JobQuerySet


class Upload(Job):
    """One file on its way in. The check ends with a preview or with problems; both stay here.

    `stored` is set in the transaction that stores the file's rows: who finds it set has nothing
    left to do, however often the message comes.
    """

    made_as = "upload.start"
    in_one_transaction: ClassVar[bool] = True

    class Step(models.TextChoices):
        CHECK = "check", _("check")
        LOAD = "load", _("load")

    kind = models.CharField(max_length=20, help_text=_("what the file holds"))
    step = models.CharField(max_length=5, choices=Step, default=Step.CHECK)
    file = models.CharField(max_length=60, help_text=_("its name in the upload folder"))
    shown_as = models.CharField(max_length=300, help_text=_("as its sender calls it"))
    n_bytes = models.PositiveBigIntegerField(default=0)
    options = models.JSONField(default=dict, help_text=_("what the form asks beside the file"))
    loaded = models.JSONField(default=dict, help_text=_("rows counted, notes, the first rows"))
    problems = models.JSONField(default=list, help_text=_("row, column and reason of the first"))
    n_problems = models.PositiveIntegerField(default=0)
    stored = models.BooleanField(default=False)

    objects = JobQuerySet.as_manager()

    class Meta(Job.Meta):
        indexes = [models.Index(fields=["created_by", "kind"], name="upload_of_person")]

    def __str__(self) -> str:
        return f"{self.shown_as} ({self.kind}: {self.get_step_display()})"

    @property
    def waits(self) -> bool:
        """Whether it was checked and nobody has confirmed it yet."""
        return self.step == self.Step.CHECK and self.state == self.State.DONE

    @property
    def counts_rows(self) -> bool:
        """Whether a check has told how many rows there are; until then progress is in kilobytes."""
        return self.step == self.Step.LOAD and bool(self.loaded.get("n_rows"))
