"""A small campaign with controls, answered through the door that people use."""

import uuid
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from django.utils import timezone

from annotation.models import Annotator, Assignment, Campaign, Item, ItemOutput
from annotation.services import claim_work, open_campaign, submit_rating
from tests import people


def watched(protocol: str = "sqm", *, n_segments: int = 6, **fields: Any) -> Campaign:
    """Open, with two systems; whoever claims work gets everything."""
    campaign = people.small_campaign(
        "watched", protocol, n_segments=n_segments, raters_per_item=3, batch_size=100, **fields
    )
    open_campaign(campaign)
    campaign.refresh_from_db()
    return campaign


def judge(campaign: Campaign, code: str, answers: Sequence[Any], guideline: str = "") -> list[Item]:
    """The annotator's answers in their own order of work; the items, in that order."""
    annotator = Annotator.objects.get_or_create(code=code)[0]
    claim_work(annotator, campaign)
    mine = Assignment.objects.filter(annotator=annotator, item__campaign=campaign)
    done = []
    for held, given in zip(mine.order_by("position"), answers, strict=False):
        submit(held, given, guideline)
        done.append(held.item)
    return done


def submit(assignment: Assignment, given: Any, guideline: str = "") -> None:
    answer = given if isinstance(given, Mapping) else {"score": given}
    submit_rating(
        assignment=assignment,
        key=uuid.uuid4(),
        sequence=1,
        answer=answer,
        guideline=guideline,
    )


def check(
    origin: Item, code: str, purpose: str, given: Any, expected: Mapping[str, Any] | None = None
) -> None:
    """A control made from an item, answered by this annotator."""
    campaign = origin.campaign
    item = Item.objects.create(
        campaign=campaign,
        segment=origin.segment,
        position=1000 + campaign.items.count(),
        block=origin.block,
        purpose=purpose,
        origin=origin,
        expected=dict(expected or {}),
    )
    slots = list(origin.slots.order_by("slot"))
    for slot in slots:
        ItemOutput.objects.create(item=item, output=slot.output, slot=slot.slot)
    held = Assignment.objects.create(
        item=item,
        annotator=Annotator.objects.get(code=code),
        position=item.position,
        order=list(range(len(slots))),
        lease_until=timezone.now() + timedelta(hours=1),
    )
    submit(held, given)
