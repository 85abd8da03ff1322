"""Everything stored about one person, as they may take it away."""

from collections.abc import Iterator
from typing import Any

from accounts.models import AuditEntry
from annotation.models import Annotator, Remark
from annotation.participation import PROFILE
from models_app.models import PlaygroundRequest

ACCOUNT = ("username", "email", "first_name", "last_name", "date_joined", "last_login")


def everything_about(user: Any) -> Iterator[tuple[str, Any]]:
    """(section, content) pairs of plain values, in a fixed order.

    Answers stand by the outputs' places as this person saw them: which model wrote which is no part
    of what is stored about them, and would end their blinding.
    """
    yield "account", {name: getattr(user, name) for name in ACCOUNT}
    yield "groups", sorted(user.groups.values_list("name", flat=True))
    yield (
        "roles",
        [
            {"campaign": m.campaign.name, "role": m.role, "since": m.created_at}
            for m in user.memberships.select_related("campaign").order_by("pk")
        ],
    )
    yield from _as_annotator(Annotator.objects.filter(user=user).first())
    yield (
        "remarks",
        list(
            Remark.objects.filter(author=user).order_by("pk").values("item", "text", "created_at")
        ),
    )
    yield (
        "playground",
        list(
            PlaygroundRequest.objects.of(user)
            .order_by("pk")
            .values("queued_at", "mode", "text", "vote__verdict", "vote__note")
        ),
    )
    yield (
        "acts",
        list(
            AuditEntry.objects.filter(actor=user)
            .order_by("pk")
            .values("at", "action", "subject_kind", "subject_name")
        ),
    )


def _as_annotator(annotator: Annotator | None) -> Iterator[tuple[str, Any]]:
    if annotator is None:
        return
    profile = {name: getattr(annotator, name) for name in PROFILE}
    yield (
        "annotator",
        {
            "code": annotator.code,
            "author_name": annotator.author_name,
            "consented_at": annotator.consented_at,
            **profile,
        },
    )
    yield (
        "standings",
        [
            {
                "campaign": p.campaign.name,
                "since": p.created_at,
                "state": p.state,
                "reason": p.reason,
                "profile": p.profile,
                "qualification": p.qualification,
            }
            for p in annotator.participations.select_related("campaign").order_by("pk")
        ],
    )
    yield (
        "answers",
        [
            {
                "campaign": event.item.campaign.name,
                "item": event.item_id,
                "received_at": event.received_at,
                "client_time": event.client_time,
                "active_seconds": event.active_seconds,
                "is_complete": event.is_complete,
                "answer": event.answer,
            }
            for event in annotator.events.select_related("item__campaign").order_by("pk")
        ],
    )
    yield (
        "second_thoughts",
        [
            {"item": thought.rating.item_id, "answer": thought.answer, "reason": thought.reason}
            for rating in annotator.ratings.select_related("second_thought")
            if (thought := getattr(rating, "second_thought", None))
        ],
    )
