"""The two changes that the audit log allows: a person's name goes, and old entries do."""

import re
from datetime import datetime
from typing import Any

from django.db.models import QuerySet

from accounts.models import AuditEntry

OF_PEOPLE = ("user", "membership")  # kinds of subjects that are called by a person's name
CALLED_BY_THEM = ("token",)  # kinds that a person has for themselves, under names of their own
CHUNK = 1000


def forget(user: Any, name: str) -> None:
    """Put `name` where entries name this person, as who acted or as whom it was done to."""
    entries: QuerySet[AuditEntry] = QuerySet(AuditEntry)
    entries.filter(actor=user).update(actor_name=name)
    entries.filter(actor=user, subject_kind__in=CALLED_BY_THEM).update(subject_name="")
    known = user.get_username()
    whole = re.compile(rf"(?<!\w){re.escape(known)}(?!\w)")
    about = entries.filter(subject_kind__in=OF_PEOPLE, subject_name__contains=known)
    for entry in about.iterator(CHUNK):
        changed = whole.sub(name, entry.subject_name)[:200]
        entries.filter(pk=entry.pk).update(subject_name=changed)


def forget_before(moment: datetime) -> int:
    """Delete entries older than that; how many."""
    entries: QuerySet[AuditEntry] = QuerySet(AuditEntry)
    return entries.filter(at__lt=moment).delete()[0]
