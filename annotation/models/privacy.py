"""What is left when somebody's answers were erased: that there were some, and how many."""

from django.conf import settings
from django.db import models
from django.utils import timezone

from annotation.models.campaign import Campaign


class Erasure(models.Model):
    """Answers that a campaign had once; a report made before may still have counted them."""

    campaign = models.ForeignKey(Campaign, on_delete=models.CASCADE, related_name="erasures")
    n_ratings = models.PositiveIntegerField()
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["-pk"]

    def __str__(self) -> str:
        return f"{self.n_ratings} ratings erased from {self.campaign}"


class ErasureRequest(models.Model):
    """Somebody asks for their account and their answers to be erased; gone with the account."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="erasure_request"
    )
    at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return f"{self.user} asks to be erased"
