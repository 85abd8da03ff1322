"""An annotator's work: one's campaigns, the next item, saving an answer, giving back.

Nothing here tells who wrote a text: no system, no slot, no other annotator.
"""

from datetime import timedelta
from typing import Any

from django.db import transaction
from django.db.models import Prefetch
from django.http import Http404
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import get_language
from rest_framework.request import Request

from annotation.accounts import annotator_of
from annotation.control_settings import needs_qualification
from annotation.expectations import explanation_of, is_known, is_right
from annotation.expectations import given_by as given_by_rating
from annotation.guesses import read_guess
from annotation.guidelines import guideline_for
from annotation.lesson_words import expected_words, given_words
from annotation.lessons import standing_of
from annotation.models import Assignment, Campaign, Item, Rating
from annotation.participation import halted_campaigns
from annotation.services import expire_leases, submit_rating
from annotation.work import campaigns_of
from api.asking import Choice
from api.bodies import PlainBody
from api.endpoints import Routes
from api.people import Who
from api.resources.work_shapes import (
    AnswerSerializer,
    FeedbackSerializer,
    GivenBackSerializer,
    GuidelineTextSerializer,
    ItemSerializer,
    MineSerializer,
    NextSerializer,
    QualificationSerializer,
    SavedSerializer,
    WorksSerializer,
)
from api.resources.work_shown import onward, shown
from api.rows import plain
from common.errors import Conflict

routes = Routes("Annotating")


@routes.get("work/", Who.PERSON, gives=WorksSerializer)
def list_work(request: Request) -> dict[str, Any]:
    """The campaigns one annotates, and how far one is."""
    halted = halted_campaigns(request.user)
    found = campaigns_of(request.user)
    for campaign in found:
        campaign.is_halted = campaign.pk in halted
    return {"results": found}


@routes.post("work/<id:campaign>/next/", Who.PERSON, gives=NextSerializer)
def next_item(request: Request, campaign: int) -> dict[str, Any]:
    """The item one holds, or the next one, handed out now; the same until it is answered."""
    return onward(_annotated(request, campaign), request.user)


@routes.get("work/<id:campaign>/guideline/", Who.PERSON, gives=GuidelineTextSerializer)
def read_own_guideline(request: Request, campaign: int) -> Any:
    """What annotators of a campaign are told, in one's language."""
    text = guideline_for(_annotated(request, campaign), get_language() or "en")
    return text or {"name": "", "version": 1, "language": "", "text": ""}


@routes.get("work/<id:campaign>/qualification/", Who.PERSON, gives=QualificationSerializer)
def read_qualification(request: Request, campaign: int) -> Any:
    """Whether one passed the test, and whether one may try again."""
    found = _annotated(request, campaign)
    if found.state == Campaign.State.DRAFT or not needs_qualification(found):
        raise Conflict("this campaign has no test to pass")
    return standing_of(found, annotator_of(request.user))


@routes.get(
    "work/<id:campaign>/ratings/", Who.PERSON, gives=MineSerializer, pages=True,
    parameters=(Choice("state", "Only in this state.", "state", tuple(Assignment.State.values)),),
)  # fmt: skip
def list_own_ratings(request: Request, campaign: int) -> Any:
    """One's own items of a campaign, and the answers one gave."""
    found = _annotated(request, campaign)
    rows = Assignment.objects.filter(annotator__user=request.user, item__campaign=found)
    mine = Rating.objects.filter(annotator__user=request.user)
    own = Prefetch("item__ratings", mine, to_attr="own")
    return rows.select_related("item__campaign").prefetch_related(own)


@routes.post("work/<id:campaign>/give-back/", Who.PERSON, gives=GivenBackSerializer)
@transaction.atomic
def give_back(request: Request, campaign: int) -> dict[str, Any]:
    """Let others have what one holds and has not begun."""
    found = _annotated(request, campaign)
    held = Assignment.objects.filter(
        annotator__user=request.user, item__campaign=found, state=Assignment.State.OPEN
    )
    begun = Rating.objects.filter(annotator__user=request.user).values("item")
    n = held.exclude(item__in=begun).update(lease_until=timezone.now() - timedelta(seconds=1))
    expire_leases(found)
    return {"n": n}


@routes.get("work/items/<id:item>/", Who.PERSON, gives=ItemSerializer)
def read_item(request: Request, item: int) -> dict[str, Any]:
    """One of one's own items, with the answer so far."""
    return shown(_mine(request, item))


@routes.get("work/items/<id:item>/feedback/", Who.PERSON, gives=FeedbackSerializer)
def read_feedback(request: Request, item: int) -> dict[str, Any]:
    """What was expected of a training item that one has answered."""
    assignment = _mine(request, item)
    found = assignment.item
    rating = Rating.objects.filter(
        item=found, annotator=assignment.annotator, is_complete=True
    ).first()
    if rating is None or found.purpose != Item.Purpose.TRAINING:
        raise Http404
    protocol = found.campaign.protocol_object
    given = given_by_rating(protocol, rating.answer, found.slots.count())
    expected = found.expected
    return {
        "is_known": is_known(expected),
        "is_right": is_right(expected, given),
        "expected": plain(expected_words(protocol, expected, assignment.order)),
        "given": plain(given_words(protocol, given, expected, assignment.order)),
        "explanation": explanation_of(expected, get_language() or "en") or "",
    }


@routes.post(
    "work/items/<id:item>/", Who.PERSON, takes=PlainBody(AnswerSerializer), gives=SavedSerializer
)
def save_rating(request: Request, given: dict[str, Any], item: int) -> dict[str, Any]:
    """Save an answer and bring the next item, in one request; sent twice, stored once."""
    assignment = _mine(request, item)
    campaign, order = assignment.item.campaign, assignment.order
    guideline = guideline_for(campaign, get_language() or "en")
    saved = submit_rating(
        assignment=assignment,
        key=given["key"],
        sequence=given["sequence"],
        answer=campaign.protocol_object.read_form(given["answer"], order),
        note=given["note"],
        flagged=given["flagged"],
        guess=read_guess(campaign, given["guess"], order),
        finish=given["finish"],
        active_seconds=given.get("active_seconds") or None,
        client_time=given.get("client_time"),
        guideline=str(guideline) if guideline else "",
    )
    is_over = given["finish"] and saved.rating.is_complete
    following = None
    if is_over and assignment.item.purpose == Item.Purpose.TRAINING:
        following = {"why": "feedback", "item": None}
    elif is_over:
        following = onward(campaign, request.user)
    return {
        "sequence": saved.rating.sequence,
        "is_new": saved.is_new,
        "is_complete": saved.rating.is_complete,
        "next": following,
    }


def _annotated(request: Request, pk: int) -> Campaign:
    return get_object_or_404(Campaign.objects.annotatable_by(request.user), pk=pk)


def _mine(request: Request, pk: int) -> Assignment:
    """Another person's item is simply not found."""
    found = Assignment.objects.select_related(
        "item__campaign", "item__segment__dataset", "annotator"
    ).filter(
        annotator__user=request.user,
        item__campaign__in=Campaign.objects.annotatable_by(request.user),
    )
    return get_object_or_404(found, pk=pk)
