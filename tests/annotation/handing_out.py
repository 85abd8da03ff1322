"""Campaigns that are open, and people who work through them."""

import uuid
from collections.abc import Callable
from typing import Any

from annotation.accounts import add_member
from annotation.models import Annotator, Assignment, Campaign, Item
from annotation.services import claim_work, open_campaign, submit_rating
from tests import people


def opened(
    design: str = "uniform",
    *,
    systems: int = 2,
    design_options: dict[str, int] | None = None,
    adjudicate: Any = None,
    quality: Any = None,
    **fields: Any,
) -> Campaign:
    """An open campaign of its own with so many systems, and nobody in it."""
    name = str(uuid.uuid4())
    options = {"design": design_options or {}, "quality": quality or {}}
    if adjudicate:
        options["adjudicate"] = adjudicate
    campaign = people.small_campaign(name, design=design, options=options, **fields)
    for number in range(2, systems):
        text = f"तो {number} वेळा धावला {{number}}."
        campaign.systems.add(people.small_system(f"s{number} of {name}", campaign.dataset, text))
    campaign.memberships.annotating().delete()
    open_campaign(campaign)
    campaign.refresh_from_db()
    return campaign


def raters(n: int) -> list[Annotator]:
    return [Annotator.objects.create(code=str(uuid.uuid4())) for _ in range(n)]


def members(campaign: Campaign, n: int) -> list[Annotator]:
    found = []
    for number in range(n):
        user = people.person(f"rater{number}", "annotator")
        add_member(campaign=campaign, user=user, role="annotator")
        found.append(user.annotator)
    return found


def work_through(campaign: Campaign, annotators: list[Annotator]) -> None:
    """Everybody takes batches in turn until nothing is left for anybody."""
    while sum(claim_work(annotator, campaign) for annotator in annotators):
        continue


def sequence(annotator: Annotator, campaign: Campaign) -> list[tuple[int, int, tuple[str, ...]]]:
    """What one annotator judges, in order: (block, segment position, system names)."""
    mine = Assignment.objects.filter(annotator=annotator, item__campaign=campaign)
    mine = mine.select_related("item__segment").prefetch_related("item__slots__output__system")
    return [
        (
            a.item.block,
            a.item.segment.position,
            tuple(slot.output.system.name for slot in a.item.slots.all()),
        )
        for a in mine.order_by("position")
    ]


def answered(campaign: Campaign, annotator: Annotator, score: Callable[[Item], int]) -> None:
    """The annotator scores everything they hold and can get."""
    while True:
        held = Assignment.objects.filter(
            annotator=annotator, item__campaign=campaign, state=Assignment.State.OPEN
        )
        for assignment in held:
            answer = {"score": score(assignment.item)}
            submit_rating(assignment=assignment, key=uuid.uuid4(), sequence=1, answer=answer)
        if not claim_work(annotator, campaign):
            return
