"""After the ratings: a guess at who wrote what, and what people said when they compared notes."""

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from annotation.models.item import Item
from annotation.models.rating import Rating
from models_app.models import Output


class Guess(models.Model):
    """Which output an annotator took, or did not take, for the tuned model's.

    Could they not tell, `is_tuned` is empty, and so is `output`.
    """

    rating = models.OneToOneField(Rating, on_delete=models.CASCADE, related_name="guess")
    output = models.ForeignKey(
        Output, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    is_tuned = models.BooleanField(
        null=True, blank=True, help_text=_("whether they took the output for the tuned model's")
    )
    created_at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return f"guess on {self.rating_id}"


class Remark(models.Model):
    """What somebody said of an item in the norming room."""

    item = models.ForeignKey(Item, on_delete=models.CASCADE, related_name="remarks")
    author = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL)
    text = models.TextField()
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"remark {self.pk}"


class SecondThought(models.Model):
    """An answer changed after discussion; the blind one stays as it was, in Rating."""

    rating = models.OneToOneField(Rating, on_delete=models.CASCADE, related_name="second_thought")
    answer = models.JSONField()
    reason = models.TextField(blank=True, help_text=_("what changed the mind"))
    created_at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return f"second thought on {self.rating_id}"
