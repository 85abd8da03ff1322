"""The norming room: answers compared after the fact, who may see them, and what then stays.

Researchers compare any item that two have judged. An annotator compares items they have judged
themselves: when the campaign is closed, or earlier where it says so. From then on their own answer
stays as it was given blind; a changed mind is stored beside it.
"""

import uuid
from typing import Any, NamedTuple

from django.db.models import (
    Count,
    Exists,
    F,
    IntegerField,
    Max,
    Min,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
)
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.translation import gettext as _

from annotation.access import may_change
from annotation.models import (
    Annotator,
    Assignment,
    Campaign,
    Item,
    Rating,
    RatingEvent,
    RatingScore,
    Remark,
    SecondThought,
)
from annotation.numerals import digits
from annotation.protocols.base import Answer, Texts
from annotation.quality_settings import norms_while_open
from common.errors import BadInput, Conflict

FEWEST = 2  # complete ratings that an item needs to be compared
LONGEST_REMARK = 2000


class Room(NamedTuple):
    """A campaign as one person may compare its answers; `annotator` where they judge in it.

    is_research : they read all its answers; may_speak : they may also say something of an item
    """

    campaign: Campaign
    is_research: bool
    annotator: Annotator | None
    may_speak: bool = True


def campaigns_open_to(user: Any) -> QuerySet[Campaign]:
    """Where this person may compare notes, as a researcher or on what they judged themselves."""
    after = Q(state=Campaign.State.CLOSED) | Q(options__quality__norming=True)
    judging = Campaign.objects.annotatable_by(user).filter(after)
    reading = Campaign.objects.visible_to(user)
    return Campaign.objects.filter(Q(pk__in=judging.values("pk")) | Q(pk__in=reading.values("pk")))


def room_of(campaign: Campaign, user: Any) -> Room:
    """What a person who may enter is there; three queries."""
    is_research = Campaign.objects.visible_to(user).filter(pk=campaign.pk).exists()
    judging = campaign.memberships.annotating().filter(user=user)
    annotator = Annotator.objects.filter(user=user, user__in=judging.values("user")).first()
    may_speak = annotator is not None or may_change(user, campaign)
    return Room(campaign, is_research, annotator, may_speak)


def items_in(room: Room) -> QuerySet[Item]:
    """Judged items with enough complete ratings, those that differ most first.

    Each has `gap`, how far apart two raters are on an output in the main criterion, and the counts
    `n_complete`, `n_flagged`, `n_remarks` and `n_changed`. Controls are never among them.
    """
    ratings = Rating.objects.filter(item=OuterRef("pk"))
    complete = ratings.filter(is_complete=True)
    items = (
        room.campaign.items.judged()
        .annotate(
            n_complete=_count(complete, "item"),
            n_flagged=_count(ratings.filter(flagged=True), "item"),
            n_remarks=_count(Remark.objects.filter(item=OuterRef("pk")), "item"),
            n_changed=_count(
                SecondThought.objects.filter(rating__item=OuterRef("pk")), "rating__item"
            ),
            gap=gap_of(room.campaign),
        )
        .filter(n_complete__gte=FEWEST)
        .order_by(F("gap").desc(nulls_last=True), "position")
    )
    if room.is_research:
        return items
    done = Assignment.objects.filter(
        item=OuterRef("pk"), annotator=room.annotator, state=Assignment.State.DONE
    )
    return items.filter(Exists(complete.filter(annotator=room.annotator)), Exists(done))


def _count(rows: QuerySet[Any], group: str) -> Coalesce:
    counted = rows.order_by().values(group).annotate(n=Count("pk")).values("n")
    return Coalesce(Subquery(counted, output_field=IntegerField()), 0)


def gap_of(campaign: Campaign) -> Subquery:
    """Of each item, how far apart two raters are on an output in the main criterion."""
    scores = RatingScore.objects.filter(
        rating__item=OuterRef("pk"),
        rating__is_complete=True,
        criterion=campaign.protocol_object.main_criterion,
    )
    spread = scores.order_by().values("output").annotate(gap=Max("value") - Min("value"))
    return Subquery(spread.order_by("-gap").values("gap")[:1])


def own_rating(room: Room, item: Item) -> Rating | None:
    """The blind answer that this person may think over again; None where there is none."""
    campaign = room.campaign
    is_time = campaign.state == Campaign.State.CLOSED or norms_while_open(campaign)
    if room.annotator is None or not is_time:
        return None
    done = Assignment.objects.filter(
        item=item, annotator=room.annotator, state=Assignment.State.DONE
    )
    ratings = Rating.objects.filter(item=item, annotator=room.annotator, is_complete=True)
    return ratings.filter(Exists(done)).select_related("second_thought").first()


def is_compared(assignment: Assignment) -> bool:
    """Whether the annotator may have seen the others' answers to this item."""
    item = assignment.item
    if assignment.state != Assignment.State.DONE or item.purpose != Item.Purpose.JUDGE:
        return False
    if item.campaign.state != Campaign.State.CLOSED and not norms_while_open(item.campaign):
        return False
    complete = item.ratings.filter(is_complete=True)
    return complete.count() >= FEWEST and complete.filter(annotator=assignment.annotator).exists()


def check_still_blind(assignment: Assignment, key: uuid.UUID) -> None:
    """Raise Conflict for a new answer to an item whose answers are compared already."""
    if is_compared(assignment) and not RatingEvent.objects.filter(key=key).exists():
        raise Conflict(
            _(
                "The answers to this item are being compared, so yours stays as it was. "
                "If you have changed your mind, say so where they are compared."
            )
        )


def add_remark(item: Item, user: Any, text: str) -> Remark:
    """Say something of an item; nothing said is changed later."""
    return Remark.objects.create(item=item, author=user, text=_checked(text))


def think_again(rating: Rating, answer: Answer, reason: str) -> SecondThought:
    """Store an answer beside the blind one; BadInput for one that is not whole or has no reason."""
    item = rating.item
    protocol = item.campaign.protocol_object
    slots = list(item.slots.select_related("output").order_by("slot"))
    checked = protocol.check_answer(answer, len(slots))
    if not checked.is_complete:
        raise BadInput(_("Please answer every question; nothing was stored."))
    texts = Texts(item.segment.source, [slot.text for slot in slots])
    places = protocol.check_places(checked.answer, texts)
    fields = {"answer": places, "reason": _checked(reason), "created_at": timezone.now()}
    return SecondThought.objects.update_or_create(rating=rating, defaults=fields)[0]


def _checked(text: str) -> str:
    text = text.replace("\0", "").replace("\r\n", "\n").strip()
    if not text:
        raise BadInput(_("Please write something first."))
    if len(text) > LONGEST_REMARK:
        raise BadInput(
            _("the text has %(n)s characters; %(most)s is the most")
            % {"n": digits(len(text)), "most": digits(LONGEST_REMARK)}
        )
    return text
