"""The two changes that the audit log allows: a person's name goes, and old entries do."""

from datetime import datetime
from typing import Any

from django.db.models import QuerySet

from accounts.models import AuditEntry


def forget(user: Any, name: str) -> None:
    """Put `name` where entries name this person, as who acted or as whom it was done to."""
    entries: QuerySet[AuditEntry] = QuerySet(AuditEntry)
    entries.filter(actor=user).update(actor_name=name)
    about = entries.filter(subject_kind=user._meta.model_name, subject_id=str(user.pk))
    about.update(subject_name=name)


def forget_before(moment: datetime) -> int:
    """Delete entries older than that; how many."""
    entries: QuerySet[AuditEntry] = QuerySet(AuditEntry)
    return entries.filter(at__lt=moment).delete()[0]
