"""Writing the audit log; call it within the transaction of the act itself."""

from typing import Any

from django.db.models import Model

from accounts.acting import acting, recorded
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
    """One entry: `actor` did `action` to `subject`; the same act of one request counts once.

    actor : a user, or None for whoever is signed in, and outside of requests the site itself
    request_id : of the request or job that is being worked on, unless told otherwise
    details : plain values that JSON takes; never a secret, a password or an annotated text.
    """
    actor = acting() if actor is None else actor
    known = actor is not None and getattr(actor, "is_authenticated", False)
    kind = subject._meta.model_name or "" if subject is not None else ""
    act = (action, kind, str(subject.pk) if subject is not None else "")
    before = recorded().get(act) if subject is not None else None
    if before and (found := AuditEntry.objects.filter(pk=before).first()):
        return found  # none where it was rolled back
    entry = AuditEntry.objects.create(
        actor=actor if known else None,
        actor_name=actor.get_username() if known else "",
        action=action,
        subject_kind=kind,
        subject_id=act[2],
        subject_name=str(subject)[:200] if subject is not None else "",
        campaign_id=campaign_id,
        request_id=request_id or current(),
        details=details,
    )
    recorded()[act] = entry.pk
    return entry
