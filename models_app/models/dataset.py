"""Datasets and their segments: what systems are asked."""

from django.core.validators import RegexValidator
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.recorded import Recorded

# Markup, control characters, and marks that turn the direction of a line.
_NOT = r"\\<>\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff"
name_validator = RegexValidator(
    rf"^(?!\.{{1,2}}\Z)[^\s/{_NOT}](?:[^/{_NOT}]{{0,98}}[^\s/{_NOT}])?\Z",
    _("Write 1 to 100 characters, without slashes, angle brackets or line breaks."),
)
# Models are called owner/name where they are published.
model_name_validator = RegexValidator(
    rf"^(?!\.)(?!.*(?://|/\.))[^\s/{_NOT}](?:[^{_NOT}]{{0,98}}[^\s/{_NOT}])?\Z",
    _("Write 1 to 100 characters, such as owner/name, without angle brackets or line breaks."),
)
language_validator = RegexValidator(
    r"^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*\Z",
    _("Write a BCP 47 language tag such as mr, hi, ga or en-IE."),
)


class DatasetQuerySet(models.QuerySet):
    def with_counts(self) -> "DatasetQuerySet":
        segments = models.Count("segments", distinct=True)
        return self.annotate(n_segments=segments)


class Dataset(Recorded):
    made_as = "dataset.make"
    removed_as = "dataset.remove"

    name = models.CharField(max_length=100, unique=True, validators=[name_validator])
    source_lang = models.CharField(max_length=35, validators=[language_validator])
    target_lang = models.CharField(max_length=35, validators=[language_validator])
    description = models.TextField(blank=True)
    licence = models.CharField(max_length=100, blank=True)
    origin = models.CharField(max_length=300, blank=True)
    created_at = models.DateTimeField(default=timezone.now)

    objects = DatasetQuerySet.as_manager()

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name

    @property
    def is_translation(self) -> bool:
        return self.source_lang != self.target_lang


class Segment(models.Model):
    """A source text with its references. Texts are stored as received, never normalised."""

    dataset = models.ForeignKey(Dataset, on_delete=models.CASCADE, related_name="segments")
    key = models.CharField(max_length=200)
    position = models.PositiveIntegerField(help_text=_("order in the dataset, from 0"))
    source = models.TextField()
    references = models.JSONField(default=list, help_text=_("reference texts, possibly none"))
    document = models.CharField(max_length=200, blank=True)
    domain = models.CharField(max_length=100, blank=True)
    context = models.TextField(blank=True)
    extra = models.JSONField(default=dict, help_text=_("further columns of the file, as received"))

    class Meta:
        ordering = ["dataset", "position"]
        constraints = [
            models.UniqueConstraint(fields=["dataset", "key"], name="segment_key_once"),
        ]
        indexes = [models.Index(fields=["dataset", "position"], name="segment_in_order")]

    def __str__(self) -> str:
        return self.key
