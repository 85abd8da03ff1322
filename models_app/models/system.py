"""Whoever produced text: a model with its prompt and settings, an imported system, or a person."""

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.recorded import Recorded
from models_app.models.checkpoint import Adapter, Checkpoint
from models_app.models.dataset import model_name_validator, name_validator

# The note of a system that only carries the texts of quality control; it is no system to compare.
CARRIER = "carries training, qualification and control items; not to be compared"


class PromptTemplate(models.Model):
    """How a segment becomes a prompt; {source}, {context} and {domain} are filled in.

    With the name of a registered prompt (models_app/prompts), that one does it, and `text` is what
    it writes.
    """

    name = models.CharField(max_length=100, unique=True, validators=[name_validator])
    text = models.TextField()
    registered = models.CharField(max_length=50, blank=True)

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class System(Recorded):
    made_as = "system.make"
    removed_as = "system.remove"

    class Kind(models.TextChoices):
        MODEL = "model", _("model")
        IMPORTED = "imported", _("imported outputs")
        HUMAN = "human", _("human reference")

    name = models.CharField(max_length=100, unique=True, validators=[model_name_validator])
    kind = models.CharField(max_length=10, choices=Kind, default=Kind.IMPORTED)
    backend = models.CharField(max_length=50, blank=True, help_text=_("who generates"))
    checkpoint = models.ForeignKey(
        Checkpoint,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="systems",
    )
    adapter = models.ForeignKey(
        Adapter, null=True, blank=True, on_delete=models.PROTECT, related_name="systems"
    )
    template = models.ForeignKey(
        PromptTemplate,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="systems",
    )
    decoding = models.JSONField(
        default=dict,
        blank=True,
        help_text=_("max_new_tokens, temperature, seed and the like"),
    )
    note = models.TextField(blank=True)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["name"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(kind="model") | ~Q(backend=""),
                name="model_system_has_backend",
            ),
        ]

    def __str__(self) -> str:
        return self.name
