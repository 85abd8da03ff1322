"""Everything that writes on the annotators' side: open, hand out, take answers, give back."""

import uuid
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from django.db import IntegrityError, connection, transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext

from annotation.adjudication import call_another
from annotation.designs.base import items_to_hand_out
from annotation.models import (
    Annotator,
    Assignment,
    Campaign,
    ErrorSpan,
    Item,
    ItemOutput,
    Participation,
    Rating,
    RatingEvent,
    RatingScore,
)
from annotation.numerals import digits
from annotation.participation import participation_of
from annotation.planner import plan_of
from annotation.planning import freeze_plan, make_items
from annotation.protocols.base import Answer, Texts
from common.errors import BadInput, Conflict
from common.text import text_hash

LONGEST_ACTIVE = 3600.0  # seconds; a larger figure is a clock that stood still
LONGEST_NOTE = 2000


@transaction.atomic
def open_campaign(campaign: Campaign) -> None:
    """Make the items, freeze the plan, let annotators in. Raises BadInput when it cannot be."""
    campaign = Campaign.objects.select_for_update().get(pk=campaign.pk)
    if campaign.state == Campaign.State.OPEN:
        return
    if campaign.origin == Campaign.Origin.IMPORTED:
        raise BadInput("the ratings of this campaign were imported; it cannot be opened")
    if campaign.state == Campaign.State.DRAFT:
        expected = plan_of(campaign).frozen()
        freeze_plan(campaign, make_items(campaign), expected)
        campaign.opened_at = timezone.now()
    campaign.state = Campaign.State.OPEN
    campaign.save()


def close_campaign(campaign: Campaign) -> None:
    """Hand out nothing more; what is still sent in is kept."""
    closed = Campaign.objects.filter(pk=campaign.pk, state=Campaign.State.OPEN).update(
        state=Campaign.State.CLOSED
    )
    if not closed:
        raise BadInput("only an open campaign can be closed")


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
        n_expired += expired
    return n_expired


def next_assignment(annotator: Annotator, campaign: Campaign) -> Assignment | None:
    """The first open assignment of this person, handing out new work where there is none."""
    mine = Assignment.objects.filter(
        annotator=annotator, item__campaign=campaign, state=Assignment.State.OPEN
    ).order_by("position")
    found = mine.first()
    if found is None and campaign.state == Campaign.State.OPEN:
        expire_leases(campaign)
        if not take_back(annotator, campaign):
            claim_work(annotator, campaign)
        found = mine.first()
    return found


@transaction.atomic
def take_back(annotator: Annotator, campaign: Campaign) -> int:
    """Lease again what this annotator let expire and nobody else took; how many items."""
    lapsed = Assignment.objects.select_for_update(of=("self",)).filter(
        annotator=annotator,
        item__campaign=campaign,
        state=Assignment.State.EXPIRED,
        item__in=campaign.items.wanting(),
    )
    found = list(lapsed)
    lease_until = timezone.now() + timedelta(minutes=campaign.lease_minutes)
    Assignment.objects.filter(pk__in=[a.pk for a in found]).update(
        state=Assignment.State.OPEN, lease_until=lease_until
    )
    Item.objects.filter(pk__in=[a.item_id for a in found]).update(n_taken=F("n_taken") + 1)
    return len(found)


@transaction.atomic
def claim_work(annotator: Annotator, campaign: Campaign) -> int:
    """Lease a batch of blocks to an annotator; how many items. 0 when nothing is left for them."""
    if connection.features.has_select_for_update:
        Campaign.objects.select_for_update().get(pk=campaign.pk)  # one hand-out at a time
    if participation_of(campaign, annotator).state != Participation.State.ACTIVE:
        return 0
    design = campaign.design_object
    items = items_to_hand_out(campaign, design.next_blocks(campaign, annotator))
    if not items:
        return 0
    first = Assignment.objects.filter(annotator=annotator, item__campaign=campaign).count()
    lease_until = timezone.now() + timedelta(minutes=campaign.lease_minutes)
    Assignment.objects.bulk_create(
        Assignment(
            item=item,
            annotator=annotator,
            position=first + place,
            order=design.shown_order(campaign, annotator, item),
            lease_until=lease_until,
        )
        for place, item in enumerate(design.sequence(items, campaign, annotator))
    )
    Item.objects.filter(pk__in=[item.pk for item in items]).update(n_taken=F("n_taken") + 1)
    return len(items)


class Saved(NamedTuple):
    """What became of an answer; `is_new` is false for one that was delivered before."""

    rating: Rating
    is_new: bool
    is_current: bool


def submit_rating(
    *,
    assignment: Assignment,
    key: uuid.UUID,
    sequence: int,
    answer: Answer,
    note: str = "",
    flagged: bool = False,
    finish: bool = True,
    active_seconds: float | None = None,
    client_time: datetime | None = None,
    guideline: str = "",
) -> Saved:
    """Log one answer and bring the current rating up to date with it.

    key : made by the client; the same answer delivered again is acknowledged and not stored twice
    sequence : the client's count on this item; an older answer is logged but does not override
    finish : whether the annotator is done with the item, or only pausing (a draft)

    Raises BadInput for an answer that the protocol does not allow, Conflict where the key was
    used for something else.
    """
    item = assignment.item
    slots = list(item.slots.select_related("output").order_by("slot"))
    n_outputs = len(slots)
    protocol = item.campaign.protocol_object
    checked = protocol.check_answer(answer, n_outputs)
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
        answer={**places, "note": note, "flagged": flagged},
        is_complete=checked.is_complete and finish,
        after_lease=assignment.state == Assignment.State.EXPIRED
        or assignment.lease_until < timezone.now(),
        active_seconds=active_seconds,
        client_time=client_time,
        guideline=guideline,
    )
    try:
        with transaction.atomic():
            event.save(force_insert=True)
            return _project(event, assignment, n_outputs)
    except IntegrityError:
        return _delivered_before(event)


def _delivered_before(event: RatingEvent) -> Saved:
    stored = RatingEvent.objects.filter(key=event.key).first()
    same = stored is not None and (
        stored.item_id == event.item_id
        and stored.annotator_id == event.annotator_id
        and stored.sequence == event.sequence
        and stored.answer == event.answer
    )
    if not same:
        raise Conflict(
            gettext("this answer's key was used for another answer; load the page again")
        )
    rating = Rating.objects.get(item=event.item, annotator=event.annotator)
    return Saved(rating, is_new=False, is_current=rating.sequence == event.sequence)


def _project(event: RatingEvent, assignment: Assignment, n_outputs: int) -> Saved:
    """The rating as of the event with the highest sequence; of equals, the later one."""
    rating, _ = Rating.objects.select_for_update().get_or_create(
        item=event.item, annotator=event.annotator
    )
    if event.sequence < rating.sequence:
        return Saved(rating, is_new=True, is_current=False)
    answer = {k: v for k, v in event.answer.items() if k not in ("note", "flagged")}
    rating.answer = answer
    rating.note = event.answer["note"]
    rating.flagged = event.answer["flagged"]
    rating.sequence = event.sequence
    rating.is_complete = event.is_complete
    rating.guideline = event.guideline
    rating.active_seconds = event.active_seconds or rating.active_seconds
    rating.updated_at = timezone.now()
    rating.save()
    _write_scores(rating, answer, n_outputs)
    _settle(assignment, rating)
    call_another(rating)
    return Saved(rating, is_new=True, is_current=True)


def _write_scores(rating: Rating, answer: Answer, n_outputs: int) -> None:
    protocol = rating.item.campaign.protocol_object
    rating.scores.all().delete()
    rating.spans.all().delete()
    if not rating.is_complete:
        return
    slots: Sequence[ItemOutput] = rating.item.slots.select_related("output__segment")
    shown = {slot.slot: slot for slot in slots}
    RatingScore.objects.bulk_create(
        RatingScore(
            rating=rating, output=shown[s.slot].output, criterion=s.criterion, value=s.value
        )
        for s in protocol.scores(answer, n_outputs)
    )
    ErrorSpan.objects.bulk_create(
        ErrorSpan(
            rating=rating,
            output=shown[span.slot].output,
            text_hash=text_hash(
                shown[span.slot].output.segment.source
                if span.side == "source"
                else shown[span.slot].text
            ),
            **{name: value for name, value in span._asdict().items() if name != "slot"},
        )
        for span in protocol.spans(answer, n_outputs)
    )


def _settle(assignment: Assignment, rating: Rating) -> None:
    """A complete rating closes the assignment; a reopened one keeps it until the next answer."""
    if not rating.is_complete or assignment.state == Assignment.State.DONE:
        return
    if assignment.state == Assignment.State.EXPIRED:
        Item.objects.filter(pk=assignment.item_id).update(n_taken=F("n_taken") + 1)
    Assignment.objects.filter(pk=assignment.pk).update(
        state=Assignment.State.DONE, done_at=timezone.now()
    )
