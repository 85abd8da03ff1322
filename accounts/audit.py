"""Writing the audit log; call it within the transaction of the act itself."""

from typing import Any

from django.db.models import Model

from accounts.models import AuditEntry
from common.request_id import current


def record(
    actor: Any,
    action: str,
    subject: Model | None = None,
    *,
    campaign_id: int | None = None,
    request_id: str = "",
    **details: Any,
) -> AuditEntry:
    """One entry: `actor` (a user, or None for the site itself) did `action` to `subject`.

    request_id : of the request or job that is being worked on, unless told otherwise
    details : plain values that JSON takes; never a secret, a password or an annotated text.
    """
    known = actor is not None and getattr(actor, "is_authenticated", False)
    return AuditEntry.objects.create(
        actor=actor if known else None,
        actor_name=actor.get_username() if known else "",
        action=action,
        subject_kind=subject._meta.model_name if subject is not None else "",
        subject_id=str(subject.pk) if subject is not None else "",
        subject_name=str(subject)[:200] if subject is not None else "",
        campaign_id=campaign_id,
        request_id=request_id or current(),
        details=details,
    )
