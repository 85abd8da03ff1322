"""Items become an annotator's work for a time."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db.models import F
from django.utils import timezone

from annotation.models import Annotator, Assignment, Campaign, Item
from annotation.ordering import shown_order
from annotation.progress import last_position


def lease(items: Sequence[Item], campaign: Campaign, annotator: Annotator) -> int:
    """Lease the items in this order, after everything the annotator had before; how many."""
    if not items:
        return 0
    first = last_position(annotator.pk, campaign.pk) + 1
    until = lease_end(campaign)
    Assignment.objects.bulk_create(
        Assignment(
            item=item,
            annotator=annotator,
            position=first + place,
            order=_order(campaign, annotator, item),
            lease_until=until,
        )
        for place, item in enumerate(items)
    )
    Item.objects.filter(pk__in=[item.pk for item in items]).update(n_taken=F("n_taken") + 1)
    return len(items)


def renew(assignments: Sequence[Assignment], campaign: Campaign) -> int:
    """Lease again what expired; how many."""
    Assignment.objects.filter(pk__in=[a.pk for a in assignments]).update(
        state=Assignment.State.OPEN, lease_until=lease_end(campaign)
    )
    Item.objects.filter(pk__in=[a.item_id for a in assignments]).update(n_taken=F("n_taken") + 1)
    return len(assignments)


def lease_end(campaign: Campaign) -> datetime:
    return timezone.now() + timedelta(minutes=campaign.lease_minutes)


def _order(campaign: Campaign, annotator: Annotator, item: Item) -> list[int]:
    """A design balances the sides of what is judged; those of a control are drawn."""
    if item.purpose == Item.Purpose.JUDGE:
        return campaign.design_object.shown_order(campaign, annotator, item)
    return shown_order(campaign, annotator, item)
