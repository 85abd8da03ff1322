"""Everything stored about one person, as they may take it away."""

from collections.abc import Iterator, Sequence
from typing import Any

from accounts.models import AuditEntry
from annotation.models import Annotator, Assignment, Item, Remark
from annotation.participation import PROFILE
from models_app.models import PlaygroundRequest

ACCOUNT = ("username", "email", "first_name", "last_name", "date_joined", "last_login")


def everything_about(user: Any) -> Iterator[tuple[str, Any]]:
    """(section, content) pairs of plain values, in a fixed order.

    Answers stand by the outputs' places as this person saw them, and items by the numbers that
    they had on their pages. Which model wrote what, the places that are the same for everybody,
    and the items' own ids, which follow the order of the models, would end their blinding.
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
    annotator = Annotator.objects.filter(user=user).first()
    held = _held(annotator)
    yield from _as_annotator(annotator, held)
    yield (
        "remarks",
        [
            {
                "campaign": remark.item.campaign.name,
                "item": _number(held, remark.item_id),
                "text": remark.text,
                "created_at": remark.created_at,
            }
            for remark in Remark.objects.filter(author=user)
            .select_related("item__campaign")
            .order_by("pk")
        ],
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


Held = dict[int, tuple[int, Sequence[int]]]
NEVER_HELD = (-1, range(8))  # of an answer that was brought from elsewhere


def _held(annotator: Annotator | None) -> Held:
    """By item: its position among this person's, and the slots in the order that they saw."""
    rows = Assignment.objects.filter(annotator=annotator)
    return {item: seen for item, *seen in rows.values_list("item", "position", "order")}


def _number(held: Held, item: int) -> int:
    """As the item's page called it; 0 for one that this person never held."""
    return held.get(item, NEVER_HELD)[0] + 1


def _as_seen(held: Held, item: Item, answer: dict[str, Any]) -> dict[str, Any]:
    """Fields of the form with their values, outputs numbered as they were shown."""
    order = held.get(item.pk, NEVER_HELD)[1]
    seen = item.campaign.protocol_object.fill_form(answer, order)
    beside = {name: answer[name] for name in ("note", "flagged", "guess") if name in answer}
    if type(beside.get("guess")) is int:
        beside["guess"] = order.index(beside["guess"])
    return {**seen, **beside}


def _as_annotator(annotator: Annotator | None, held: Held) -> Iterator[tuple[str, Any]]:
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
                "item": _number(held, event.item_id),
                "received_at": event.received_at,
                "client_time": event.client_time,
                "active_seconds": event.active_seconds,
                "is_complete": event.is_complete,
                "answer": _as_seen(held, event.item, event.answer),
            }
            for event in annotator.events.select_related("item__campaign").order_by("pk")
        ],
    )
    ratings = annotator.ratings.select_related("second_thought", "item__campaign")
    yield (
        "second_thoughts",
        [
            {
                "campaign": rating.item.campaign.name,
                "item": _number(held, rating.item_id),
                "answer": _as_seen(held, rating.item, thought.answer),
                "reason": thought.reason,
            }
            for rating in ratings
            if (thought := getattr(rating, "second_thought", None))
        ],
    )
