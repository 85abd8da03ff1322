"""What an annotator does before judging: training with feedback, then a qualification test."""

from typing import NamedTuple

from django.db import transaction
from django.db.models import F, QuerySet
from django.utils import timezone

from annotation.control_settings import needs_qualification, setting
from annotation.expectations import given_by, is_right
from annotation.leasing import lease, renew
from annotation.models import Annotator, Assignment, Campaign, Item, Participation, Rating
from annotation.participation import participation_of

TRAINING, QUALIFICATION = Item.Purpose.TRAINING, Item.Purpose.QUALIFICATION


class Standing(NamedTuple):
    """How an annotator did in a campaign's qualification so far."""

    passed: bool
    n_right: int
    n_items: int
    threshold: int  # percent of the items
    n_attempts: int  # finished ones
    most_attempts: int

    @property
    def n_left(self) -> int:
        return 0 if self.passed else max(0, self.most_attempts - self.n_attempts)


def lessons_due(campaign: Campaign, annotator: Annotator) -> int | None:
    """Lease what has to be done before judging; how many items.

    None where nothing has to be done: the annotator judges. 0 where the annotator may not judge, or
    still holds lessons. Simulated raters need none. Run it in the transaction that hands out work.
    """
    if annotator.origin != Annotator.Origin.PERSON:
        return None
    purposes = set(
        campaign.items.filter(purpose__in=(TRAINING, QUALIFICATION))
        .order_by()
        .values_list("purpose", flat=True)
        .distinct()
    )
    if not purposes and not needs_qualification(campaign):
        return None
    participation = participation_of(campaign, annotator)
    if TRAINING in purposes and not participation.trained_at:
        if (n := _hand_out(campaign, annotator, TRAINING)) is not None:
            return n
        participation.trained_at = timezone.now()
        participation.save(update_fields=["trained_at"])
    if not needs_qualification(campaign):
        return None
    settle_attempt(campaign, annotator)
    standing = standing_of(campaign, annotator)
    if standing.passed:
        return None
    participation.refresh_from_db()
    if participation.qualification.get("is_open"):
        return _hand_out(campaign, annotator, QUALIFICATION) or 0
    return _begin_attempt(campaign, annotator, participation) if standing.n_left else 0


def standing_of(campaign: Campaign, annotator: Annotator) -> Standing:
    participation = participation_of(campaign, annotator)
    attempts = participation.qualification.get("attempts", [])
    last = attempts[-1] if attempts else {"right": 0, "n": 0}
    return Standing(
        participation.qualified_at is not None,
        last["right"],
        last["n"],
        setting(campaign, "threshold"),
        len(attempts),
        setting(campaign, "attempts"),
    )


def settle_attempt(campaign: Campaign, annotator: Annotator) -> bool:
    """Write down the result of an attempt whose items are all answered; whether that was done."""
    return needs_qualification(campaign) and _settled(campaign, annotator)


@transaction.atomic
def _settled(campaign: Campaign, annotator: Annotator) -> bool:
    participation = (
        Participation.objects.select_for_update()
        .filter(campaign=campaign, annotator=annotator, qualification__is_open=True)
        .first()
    )
    unanswered = _mine(campaign, annotator, QUALIFICATION).exclude(state=Assignment.State.DONE)
    if participation is None or unanswered.exists():
        return False
    n_right, n = _count_right(campaign, annotator)
    threshold = setting(campaign, "threshold")
    attempts = participation.qualification.get("attempts", [])
    now = timezone.now()
    attempt = {"right": n_right, "n": n, "at": now.isoformat(timespec="seconds")}
    participation.qualification = {
        "threshold": threshold,
        "attempts": [*attempts, attempt],
        "is_open": False,
    }
    if 100 * n_right >= threshold * n:
        participation.qualified_at = now
    participation.save(update_fields=["qualification", "qualified_at"])
    return True


def _count_right(campaign: Campaign, annotator: Annotator) -> tuple[int, int]:
    protocol = campaign.protocol_object
    ratings = Rating.objects.filter(
        item__campaign=campaign, item__purpose=QUALIFICATION, annotator=annotator, is_complete=True
    ).select_related("item")
    n_right = sum(
        is_right(rating.item.expected, given_by(protocol, rating.answer, rating.item.slots.count()))
        for rating in ratings
    )
    return n_right, campaign.items.filter(purpose=QUALIFICATION).count()


def _begin_attempt(campaign: Campaign, annotator: Annotator, participation: Participation) -> int:
    """Lease the qualification anew: the answers of an earlier attempt stay in the log alone."""
    before = _mine(campaign, annotator, QUALIFICATION)
    kept = (Assignment.State.OPEN, Assignment.State.DONE)
    Item.objects.filter(assignments__in=before.filter(state__in=kept)).update(
        n_taken=F("n_taken") - 1
    )
    before.delete()
    Rating.objects.filter(
        item__campaign=campaign, item__purpose=QUALIFICATION, annotator=annotator
    ).delete()
    participation.qualification = {**participation.qualification, "is_open": True}
    participation.save(update_fields=["qualification"])
    return _hand_out(campaign, annotator, QUALIFICATION) or 0


def _hand_out(campaign: Campaign, annotator: Annotator, purpose: str) -> int | None:
    """Lease the purpose's items that are not done, in the order loaded; None where all are done."""
    mine = list(_mine(campaign, annotator, purpose))
    expired = [a for a in mine if a.state == Assignment.State.EXPIRED]
    items = campaign.items.filter(purpose=purpose).exclude(pk__in=[a.item_id for a in mine])
    new = list(items.order_by("position").prefetch_related("slots"))
    if not expired and not new:
        is_done = all(a.state == Assignment.State.DONE for a in mine)
        return None if is_done else 0
    return renew(expired, campaign) + lease(new, campaign, annotator)


def _mine(campaign: Campaign, annotator: Annotator, purpose: str) -> QuerySet[Assignment]:
    return Assignment.objects.filter(
        annotator=annotator, item__campaign=campaign, item__purpose=purpose
    )
