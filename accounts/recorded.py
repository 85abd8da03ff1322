"""Rows whose making, or removal one by one, is an administrative act."""

from typing import Any, ClassVar

from django.db import models, transaction

from accounts.acting import acting
from accounts.audit import record


class Recorded(models.Model):
    """Writes the audit log in the transaction of the row; an empty name records nothing."""

    made_as: ClassVar[str] = ""  # say campaign.make
    removed_as: ClassVar[str] = ""

    class Meta:
        abstract = True

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not (self._state.adding and self.made_as):
            return super().save(*args, **kwargs)
        with transaction.atomic():
            super().save(*args, **kwargs)
            self._record(self.made_as)
        return None

    def delete(self, *args: Any, **kwargs: Any) -> Any:
        if not self.removed_as:
            return super().delete(*args, **kwargs)
        with transaction.atomic():
            self._record(self.removed_as)
            return super().delete(*args, **kwargs)

    def _record(self, action: str) -> None:
        known = {"role": self.role} if hasattr(self, "role") else {}
        by = acting() or getattr(self, "created_by", None)
        record(by, action, self, campaign_id=campaign_of(self), **known)


def campaign_of(row: models.Model) -> int | None:
    """The id of the campaign that a row is, or belongs to."""
    if row._meta.model_name == "campaign":
        return row.pk
    return getattr(row, "campaign_id", None)
