"""Everything that writes on the annotators' side: open, hand out, take answers, give back."""

import uuid
from datetime import datetime
from typing import Any

from django.db import IntegrityError, connection, transaction
from django.db.models import F, QuerySet
from django.utils import timezone
from django.utils.translation import gettext

from accounts.audit import record
from accounts.prepared import Prepared
from annotation.authorship import own_blocks
from annotation.controls import make_controls
from annotation.designs.base import items_to_hand_out
from annotation.guesses import Given, beside
from annotation.happenings import campaign_closed, campaign_opened
from annotation.leak_gate import pass_gate
from annotation.leasing import lease, renew
from annotation.lessons import lessons_due
from annotation.mixing import controls_among, mixed_in
from annotation.models import (
    Annotator,
    Assignment,
    Campaign,
    Item,
    Participation,
    RatingEvent,
)
from annotation.norming import check_still_blind
from annotation.numerals import digits
from annotation.participation import may_work, participation_of
from annotation.places import give_back
from annotation.planner import plan_of
from annotation.planning import freeze_plan, make_items
from annotation.projection import (
    Saved,
    delivered_before,
    finished_before,
    locked_rating,
    project,
)
from annotation.protocols.base import Answer, Texts
from annotation.turns import writing
from common.errors import BadInput

LONGEST_ACTIVE = 3600.0  # seconds; a larger figure is a clock that stood still
LONGEST_NOTE = 2000


@transaction.atomic
def open_campaign(campaign: Campaign, *, despite_leaks_by: Any = None) -> None:
    """Make the items, freeze the plan, let annotators in. Raises BadInput when it cannot be.

    despite_leaks_by : the account that takes leaking outputs; without one they raise LeaksFound
    """
    campaign = Campaign.objects.select_for_update().get(pk=campaign.pk)
    if campaign.state == Campaign.State.OPEN:
        return
    if campaign.origin == Campaign.Origin.IMPORTED:
        raise BadInput("the ratings of this campaign were imported; it cannot be opened")
    if campaign.state == Campaign.State.DRAFT:
        expected = plan_of(campaign).frozen()
        expected["leaks"] = pass_gate(campaign, despite_by=despite_leaks_by)
        n_items = make_items(campaign)
        campaign.design_object.prepare(campaign)
        freeze_plan(campaign, n_items, {**expected, "controls": make_controls(campaign)})
        campaign.opened_at = timezone.now()
    campaign.state = Campaign.State.OPEN
    campaign.save()
    taken = campaign.plan.get("leaks", {}).get("errors", 0) if despite_leaks_by else 0
    record(despite_leaks_by, "campaign.open", campaign, campaign_id=campaign.pk, leaks_taken=taken)
    campaign_opened.send(sender=Campaign, campaign=campaign)


@transaction.atomic
def close_campaign(campaign: Campaign) -> None:
    """Hand out nothing more; what is still sent in is kept."""
    closed = Campaign.objects.filter(pk=campaign.pk, state=Campaign.State.OPEN).update(
        state=Campaign.State.CLOSED
    )
    if not closed:
        raise BadInput("only an open campaign can be closed")
    record(None, "campaign.close", campaign, campaign_id=campaign.pk)
    campaign.refresh_from_db(fields=["state"])
    campaign_closed.send(sender=Campaign, campaign=campaign)


def expire_leases(campaign: Campaign | None = None) -> int:
    """Give overdue work back, so that others may have it; how much."""
    overdue = Assignment.objects.overdue()
    if campaign is not None:
        overdue = overdue.filter(item__campaign=campaign)
    n_expired = 0
    for pk, item in list(overdue.values_list("pk", "item_id")[:5000]):
        with transaction.atomic():
            expired = Assignment.objects.filter(pk=pk, state=Assignment.State.OPEN).update(
                state=Assignment.State.EXPIRED
            )
            if expired:
                Item.objects.filter(pk=item).update(n_taken=F("n_taken") - 1)
                give_back(pk)
        n_expired += expired
    return n_expired


_NEXT = Prepared(
    lambda annotator, campaign: (
        Assignment.objects.filter(
            annotator=annotator, item__campaign=campaign, state=Assignment.State.OPEN
        )
        .select_related("item__segment")
        .order_by("position")[:1]
    ),
    2,
)


def next_assignment(annotator: Annotator, campaign: Campaign) -> Assignment | None:
    """The first open assignment of this person, handing out new work where there is none."""
    found = _NEXT.first(annotator.pk, campaign.pk)
    if found is None and campaign.state == Campaign.State.OPEN and may_work(campaign, annotator):
        expire_leases(campaign)
        if not take_back(annotator, campaign):
            claim_work(annotator, campaign)
        found = _NEXT.first(annotator.pk, campaign.pk)
    if found is not None:
        found.annotator, found.item.campaign = annotator, campaign
    return found


def take_back(annotator: Annotator, campaign: Campaign) -> int:
    """Lease again what this annotator let expire and nobody else took; how many items."""
    lapsed = Assignment.objects.filter(
        annotator=annotator, item__campaign=campaign, state=Assignment.State.EXPIRED
    )
    if not lapsed.exists():
        return 0
    with writing():
        return _take_back(lapsed.select_for_update(of=("self",)), annotator, campaign)


def _take_back(lapsed: QuerySet[Assignment], annotator: Annotator, campaign: Campaign) -> int:
    found = list(lapsed.filter(item__in=campaign.items.wanting()).select_related("item"))
    own = own_blocks(campaign, annotator, among={held.item.block for held in found})
    found = [held for held in found if held.item.block not in own]
    return renew([*found, *controls_among(lapsed, found)], campaign)


def claim_work(annotator: Annotator, campaign: Campaign) -> int:
    """Lease a batch of blocks to an annotator; how many items. 0 when nothing is left for them."""
    with writing():
        return _claim_work(annotator, campaign)


def _claim_work(annotator: Annotator, campaign: Campaign) -> int:
    if connection.features.has_select_for_update:
        Campaign.objects.select_for_update().get(pk=campaign.pk)  # one hand-out at a time
    if participation_of(campaign, annotator).state != Participation.State.ACTIVE:
        return 0
    if (n_lessons := lessons_due(campaign, annotator)) is not None:
        return n_lessons
    design = campaign.design_object
    items = items_to_hand_out(campaign, design.next_blocks(campaign, annotator))
    if not items:
        return 0
    sequence = design.sequence(items, campaign, annotator)
    return lease(mixed_in(sequence, campaign, annotator), campaign, annotator)


def submit_rating(
    *,
    assignment: Assignment,
    key: uuid.UUID,
    sequence: int,
    answer: Answer,
    note: str = "",
    flagged: bool = False,
    guess: Given | None = None,
    finish: bool = True,
    active_seconds: float | None = None,
    client_time: datetime | None = None,
    guideline: str = "",
) -> Saved:
    """Log one answer and bring the current rating up to date with it.

    key : made by the client; the same answer delivered again is acknowledged and not stored twice
    sequence : the client's count on this item; an older answer is logged but does not override
    guess : which output is taken for the tuned model's, as annotation.guesses reads it
    finish : whether the annotator is done with the item, or only pausing (a draft); once an item
        was finished, every whole answer to it counts

    Raises BadInput for an answer that the protocol does not allow, Conflict where the key was
    used for something else or the item's answers are compared already.
    """
    item = assignment.item
    slots = item.shown_slots
    protocol = item.campaign.protocol_object
    checked = protocol.check_answer(answer, len(slots))
    check_still_blind(assignment, key)
    texts = Texts(item.segment.source, [slot.text for slot in slots])
    places = protocol.check_places(checked.answer, texts)
    if len(note) > LONGEST_NOTE:
        raise BadInput(
            gettext("the note has %(n)s characters; %(most)s is the most")
            % {"n": digits(len(note)), "most": digits(LONGEST_NOTE)}
        )
    if active_seconds is not None:
        active_seconds = min(max(active_seconds, 0.0), LONGEST_ACTIVE)
    event = RatingEvent(
        key=key,
        item=item,
        annotator=assignment.annotator,
        sequence=sequence,
        answer={**places, "note": note, "flagged": flagged, **beside(guess)},
        after_lease=assignment.state == Assignment.State.EXPIRED
        or assignment.lease_until < timezone.now(),
        active_seconds=active_seconds,
        client_time=client_time,
        guideline=guideline,
    )
    try:
        with writing():
            rating = locked_rating(assignment)
            is_finished = finish or finished_before(assignment)
            event.is_complete = checked.is_complete and is_finished
            event.save(force_insert=True)
            return project(event, rating, assignment)
    except IntegrityError:
        return delivered_before(event)
