"""Base models and the adapters trained on them."""

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.recorded import Recorded
from models_app.models.dataset import model_name_validator


class Checkpoint(Recorded):
    """A base model: a hub id at a pinned revision, or a local folder."""

    made_as = "checkpoint.make"
    removed_as = "checkpoint.remove"

    class Architecture(models.TextChoices):
        CAUSAL = "causal", _("causal")
        SEQ2SEQ = "seq2seq", _("sequence to sequence")
        CLASSIFIER = "classifier", _("sequence classifier")

    name = models.CharField(max_length=100, unique=True, validators=[model_name_validator])
    location = models.CharField(max_length=500, help_text=_("hub id (owner/name) or folder"))
    revision = models.CharField(
        max_length=64,
        blank=True,
        help_text=_("commit of the hub repository; empty for a folder"),
    )
    architecture = models.CharField(max_length=10, choices=Architecture)
    content_hash = models.CharField(
        max_length=64, blank=True, help_text=_("SHA-256 of the weights")
    )
    licence = models.CharField(max_length=100, blank=True)
    card = models.TextField(blank=True)
    trust_remote_code = models.BooleanField(default=False)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class Adapter(Recorded):
    """LoRA weights on a checkpoint."""

    made_as = "adapter.make"
    removed_as = "adapter.remove"

    name = models.CharField(max_length=100, unique=True, validators=[model_name_validator])
    checkpoint = models.ForeignKey(Checkpoint, on_delete=models.PROTECT, related_name="adapters")
    location = models.CharField(max_length=500, help_text=_("hub id (owner/name) or folder"))
    revision = models.CharField(max_length=64, blank=True)
    content_hash = models.CharField(
        max_length=64, blank=True, help_text=_("SHA-256 of the weights")
    )
    config = models.JSONField(default=dict, help_text=_("adapter_config.json as loaded"))
    licence = models.CharField(max_length=100, blank=True)
    card = models.TextField(blank=True)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name
