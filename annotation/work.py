"""The campaigns somebody annotates and how far they are, at a cost that does not grow with them."""

from collections.abc import Sequence
from typing import Any

from django.db.models import Count, OuterRef, Subquery

from annotation.control_settings import needs_qualification
from annotation.mixing import n_expected
from annotation.models import Assignment, Campaign, Item, Participation

Purpose, State = Item.Purpose, Assignment.State
Counts = dict[tuple[int, str], int]
LEFT = (State.OPEN, State.EXPIRED)


def campaigns_of(user: Any) -> list[Campaign]:
    """The campaigns one annotates, with n_done and n_open of one's own and n_items in all."""
    mine = Campaign.objects.annotatable_by(user).exclude(state=Campaign.State.DRAFT)
    tops = {f"top_{state}": _top(user, state) for state in State.values}
    found = list(mine.annotate(**tops).order_by("-state", "name"))
    items, left, gone = _items_of(found), _left_of(found, user), _gone_of(found, user)
    for campaign in found:
        campaign.n_judged = items.get((campaign.pk, Purpose.JUDGE), 0)
        campaign.n_training = items.get((campaign.pk, Purpose.TRAINING), 0)
        campaign.n_qualification = items.get((campaign.pk, Purpose.QUALIFICATION), 0)
        positions = [getattr(campaign, name) for name in tops]
        n_given = max((top for top in positions if top is not None), default=-1) + 1
        n_given -= gone.get(campaign.pk, 0)
        campaign.n_open = left.get((campaign.pk, State.OPEN), 0)
        campaign.n_done = n_given - campaign.n_open - left.get((campaign.pk, State.EXPIRED), 0)
        n_items = campaign.n_judged + n_expected(campaign, campaign.n_judged) + campaign.n_training
        n_items += campaign.n_qualification if needs_qualification(campaign) else 0
        campaign.n_items = max(n_items, campaign.n_done + campaign.n_open)
    return found


def _top(user: Any, state: str) -> Subquery:
    """The last position in this state; one's items in a campaign are numbered from 0."""
    rows = Assignment.objects.filter(
        annotator__user=user, state=state, item__campaign=OuterRef("pk")
    )
    return Subquery(rows.order_by("-position").values("position")[:1])


def _items_of(campaigns: Sequence[Campaign]) -> Counts:
    """Items that somebody has to answer, by campaign and purpose.

    Of an open campaign the plan says how many are judged; those that need nobody are counted.
    """
    planned = {one.pk: one.plan["n_items"] for one in campaigns if "n_items" in one.plan}
    judged = Item.objects.filter(campaign__in=campaigns, purpose=Purpose.JUDGE)
    needless = judged.filter(campaign__in=planned, needs_rating__in=[False])  # `in` takes the index
    n_needless = dict(_counted(needless, "campaign"))
    lessons = Item.objects.filter(
        campaign__in=campaigns, purpose__in=(Purpose.TRAINING, Purpose.QUALIFICATION)
    )
    found = {(pk, purpose): n for pk, purpose, n in _counted(lessons, "campaign", "purpose")}
    found |= {(pk, Purpose.JUDGE): n - n_needless.get(pk, 0) for pk, n in planned.items()}
    if others := [one for one in campaigns if one.pk not in planned]:
        rated = judged.filter(campaign__in=others, needs_rating=True)
        found |= {(pk, Purpose.JUDGE): n for pk, n in _counted(rated, "campaign")}
    return found


def _left_of(campaigns: Sequence[Campaign], user: Any) -> Counts:
    """One's own that are not done, by campaign and state."""
    rows = Assignment.objects.filter(
        annotator__user=user, state__in=LEFT, item__campaign__in=campaigns
    )
    return {(pk, state): n for pk, state, n in _counted(rows, "item__campaign", "state")}


def _gone_of(campaigns: Sequence[Campaign], user: Any) -> dict[int, int]:
    """Items of tests that one repeated: their positions were given, the items are gone."""
    rows = Participation.objects.filter(campaign__in=campaigns, annotator__user=user)
    found = {}
    for campaign, test in rows.values_list("campaign", "qualification"):
        attempts = test.get("attempts", [])
        over = attempts if test.get("is_open") else attempts[:-1]
        found[campaign] = sum(attempt["n"] for attempt in over)
    return found


def _counted(rows: Any, *names: str) -> Any:
    return rows.order_by().values_list(*names).annotate(n=Count("pk"))
