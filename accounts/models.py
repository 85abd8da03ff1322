"""Who did what to whom: one row for each administrative act, never changed afterwards."""

from typing import Any

from django.conf import settings
from django.db import models
from django.utils import timezone

from accounts.models_signing_in import OpenSession, OutsideIdentity, SignInTry
from common.errors import Conflict

__all__ = ["AuditEntry", "OpenSession", "OutsideIdentity", "SignInTry"]


FINAL = "an entry of the audit log is never changed or removed; add another one"


class AppendOnly(models.QuerySet):
    """Entries are added one by one and read; see accounts.forgetting for what the law asks."""

    def update(self, **_kwargs: Any) -> int:
        raise Conflict(FINAL)

    def delete(self) -> tuple[int, dict[str, int]]:
        raise Conflict(FINAL)

    def bulk_update(self, *_args: Any, **_kwargs: Any) -> int:
        raise Conflict(FINAL)


class AuditEntry(models.Model):
    """Names are copied in, so that an entry still says who and what when both are gone."""

    at = models.DateTimeField(default=timezone.now, db_index=True)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
    )
    actor_name = models.CharField(max_length=150, blank=True)
    action = models.CharField(max_length=60, db_index=True, help_text="say campaign.open")
    subject_kind = models.CharField(max_length=60, blank=True)
    subject_id = models.CharField(max_length=60, blank=True)
    subject_name = models.CharField(max_length=200, blank=True)
    campaign_id = models.BigIntegerField(null=True, blank=True, db_index=True)
    details = models.JSONField(default=dict, blank=True)
    request_id = models.CharField(max_length=64, blank=True)

    objects = AppendOnly.as_manager()

    class Meta:
        ordering = ["-pk"]

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self._state.adding:
            raise Conflict(FINAL)
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        raise Conflict(FINAL)

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M} {self.actor_name or 'nobody'} {self.action}"
