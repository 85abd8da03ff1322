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
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request

from annotation.accounts import annotator_of
from annotation.control_settings import needs_qualification
from annotation.document import context_of
from annotation.expectations import explanation_of, is_known, is_right
from annotation.expectations import given_by as given_by_rating
from annotation.guesses import filled_guess, question_of, read_guess
from annotation.guidelines import guideline_for
from annotation.lesson_words import expected_words, given_words
from annotation.lessons import settle_attempt, standing_of
from annotation.models import Assignment, Campaign, Item, Rating
from annotation.participation import halted_campaigns
from annotation.services import expire_leases, next_assignment, submit_rating
from annotation.views.item import outputs_shown
from annotation.views.my_work import campaigns_of
from api.asking import Choice
from api.bodies import PlainBody, Real
from api.endpoints import Routes
from api.people import Who
from api.rows import AnyObject, plain
from common.errors import Conflict

routes = Routes("Annotating")


class WorkSerializer(serializers.Serializer):
    campaign = serializers.IntegerField(source="pk", help_text="The campaign's id.")
    name = serializers.CharField(help_text="The campaign's name.")
    state = serializers.ChoiceField(choices=Campaign.State.values, help_text="open gives items.")
    protocol = serializers.CharField(help_text="What is asked, say esa.")
    n_done = serializers.IntegerField(help_text="Items that you have finished.")
    n_open = serializers.IntegerField(help_text="Items that you hold now.")
    n_items = serializers.IntegerField(help_text="Items that there are for you at most.")
    is_halted = serializers.BooleanField(help_text="Whether you are paused or excluded.")


class WorksSerializer(serializers.Serializer):
    results = WorkSerializer(many=True)


class ShownSerializer(serializers.Serializer):
    letter = serializers.CharField(help_text="A, B, ...: how the text is called on the page.")
    prefix = serializers.CharField(help_text="Its answer fields begin so, say o0-.")
    text = serializers.CharField(allow_blank=True, help_text="The text to judge.")


class NeighbourSerializer(serializers.Serializer):
    source = serializers.CharField(allow_blank=True, help_text="A source beside this one.")
    output = serializers.CharField(allow_null=True, help_text="In the same hand; null if none.")


class FieldsSerializer(serializers.Serializer):
    sequence = serializers.IntegerField(help_text="The newest answer's; 0 before any.")
    is_complete = serializers.BooleanField(help_text="Whether the answer counts.")
    answer = AnyObject(help_text="Fields and values as they were sent.")
    note = serializers.CharField(allow_blank=True, help_text="Your note.")
    flagged = serializers.BooleanField(help_text="Whether you flagged it.")
    guess = serializers.CharField(allow_blank=True, help_text="Your guess at the tuned one.")


class ItemSerializer(serializers.Serializer):
    id = serializers.IntegerField(help_text="The assignment's id: save to this.")
    campaign = serializers.IntegerField(help_text="The campaign's id.")
    protocol = serializers.CharField(help_text="What is asked, say esa.")
    state = serializers.ChoiceField(choices=Assignment.State.values, help_text="open, done ...")
    lease_until = serializers.DateTimeField(help_text="Then others may have it.")
    source_lang = serializers.CharField(help_text="Language of the source.")
    target_lang = serializers.CharField(help_text="Language of the outputs.")
    source = serializers.CharField(allow_blank=True, help_text="The source text.")
    context = serializers.CharField(allow_blank=True, help_text="What the dataset says around it.")
    before = NeighbourSerializer(many=True, help_text="The document before this item.")
    after = NeighbourSerializer(many=True, help_text="The document after this item.")
    outputs = ShownSerializer(many=True, help_text="The texts to judge, in your own order.")
    form = AnyObject(help_text="The protocol's questions, worded in your language.")
    guess = AnyObject(help_text="The question about the tuned model; empty if not asked.")
    given = FieldsSerializer(allow_null=True, help_text="Your answer so far; null before any.")


class NextSerializer(serializers.Serializer):
    why = serializers.ChoiceField(
        choices=["item", "feedback", "qualification", "done"],
        help_text="item: judge it; feedback: read that of this one first; "
        "qualification: see your result; done: nothing for you now.",
    )
    item = ItemSerializer(allow_null=True)


class AnswerSerializer(serializers.Serializer):
    key = serializers.UUIDField(help_text="Made by you; the same answer twice is stored once.")
    sequence = serializers.IntegerField(
        min_value=1, max_value=2**31 - 1,
        help_text="Your count on this item: the newest so far and one.",
    )  # fmt: skip
    answer = serializers.DictField(
        child=serializers.CharField(allow_blank=True, max_length=200_000, trim_whitespace=False),
        help_text="Fields of the form and their values; docs/api.md lists them by protocol.",
    )
    note = serializers.CharField(allow_blank=True, default="", max_length=2000)
    flagged = serializers.BooleanField(default=False)
    guess = serializers.CharField(allow_blank=True, default="", max_length=20)
    finish = serializers.BooleanField(default=True, help_text="false for a draft.")
    active_seconds = Real(
        required=False, allow_null=True, min_value=0, max_value=1e7,
        help_text="Seconds of work on it.",
    )  # fmt: skip
    client_time = serializers.DateTimeField(required=False, allow_null=True)


class SavedSerializer(serializers.Serializer):
    sequence = serializers.IntegerField(help_text="The newest answer's.")
    is_new = serializers.BooleanField(help_text="false where it was delivered before.")
    is_complete = serializers.BooleanField(help_text="false for a draft.")
    next = NextSerializer(allow_null=True, help_text="The next item; null after a draft.")


class GivenBackSerializer(serializers.Serializer):
    n = serializers.IntegerField(help_text="Items that others may have now.")


class OwnSerializer(FieldsSerializer):
    guess = None


class MineSerializer(serializers.Serializer):
    id = serializers.IntegerField(source="pk", help_text="The assignment's id.")
    campaign = serializers.IntegerField(source="item.campaign_id", help_text="The campaign's id.")
    state = serializers.ChoiceField(choices=Assignment.State.values, help_text="open, done ...")
    done_at = serializers.DateTimeField(allow_null=True, help_text="When it was finished.")
    given = serializers.SerializerMethodField(help_text="Your answer; null before any.")

    @extend_schema_field(OwnSerializer(allow_null=True))
    def get_given(self, assignment: Assignment) -> dict[str, Any] | None:
        own = assignment.item.own
        if not own:
            return None
        given = given_by(own[0], assignment, asks_guess=False)
        return {name: value for name, value in given.items() if name != "guess"}


class FeedbackSerializer(serializers.Serializer):
    is_known = serializers.BooleanField(help_text="Whether an answer was expected at all.")
    is_right = serializers.BooleanField(help_text="Whether yours was.", allow_null=True)
    expected = AnyObject(help_text="What was expected, in words.")
    given = AnyObject(help_text="What you answered, in words.")
    explanation = serializers.CharField(allow_blank=True, help_text="Why.")


class QualificationSerializer(serializers.Serializer):
    passed = serializers.BooleanField(help_text="Whether you may judge.")
    n_right = serializers.IntegerField(help_text="Right answers of the last attempt.")
    n_items = serializers.IntegerField(help_text="Its items.")
    threshold = serializers.IntegerField(help_text="Percent that must be right.")
    n_attempts = serializers.IntegerField(help_text="Attempts so far.")
    most_attempts = serializers.IntegerField(help_text="Attempts that one has.")


class GuidelineTextSerializer(serializers.Serializer):
    name = serializers.CharField(allow_blank=True, help_text="The guideline's name.")
    version = serializers.IntegerField(help_text="Its version.")
    language = serializers.CharField(allow_blank=True, help_text="The language of the text.")
    text = serializers.CharField(allow_blank=True, help_text="Markdown; empty if there is none.")


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


def onward(campaign: Campaign, user: Any) -> dict[str, Any]:
    """As the pages lead on: a test's result once, an item, or the end."""
    annotator = annotator_of(user)
    if settle_attempt(campaign, annotator):
        return {"why": "qualification", "item": None}
    if assignment := next_assignment(annotator, campaign):
        return {"why": "item", "item": shown(assignment)}
    is_open = campaign.state == Campaign.State.OPEN
    if is_open and needs_qualification(campaign) and not standing_of(campaign, annotator).passed:
        return {"why": "qualification", "item": None}
    return {"why": "done", "item": None}


def shown(assignment: Assignment) -> dict[str, Any]:
    """The item as its annotator sees it."""
    item = assignment.item
    campaign, segment = item.campaign, item.segment
    protocol = campaign.protocol_object
    around = context_of(assignment, compares=protocol.compares)
    rating = Rating.objects.filter(item=item, annotator=assignment.annotator).first()
    guess = question_of(campaign)
    return {
        "id": assignment.pk,
        "campaign": campaign.pk,
        "protocol": campaign.protocol,
        "state": assignment.state,
        "lease_until": assignment.lease_until,
        "source_lang": segment.dataset.source_lang,
        "target_lang": segment.dataset.target_lang,
        "source": segment.source,
        "context": segment.context,
        "before": [one._asdict() for one in around.before],
        "after": [one._asdict() for one in around.after],
        "outputs": outputs_shown(assignment, protocol.compares),
        "form": plain(protocol.form(get_language() or "en")),
        "guess": plain(guess),
        "given": given_by(rating, assignment, asks_guess=bool(guess)) if rating else None,
    }


def given_by(rating: Rating, assignment: Assignment, *, asks_guess: bool) -> dict[str, Any]:
    """An answer in the order shown; slots, the same for everybody, stay here."""
    protocol = assignment.item.campaign.protocol_object
    return {
        "sequence": rating.sequence,
        "is_complete": rating.is_complete,
        "answer": plain(protocol.fill_form(rating.answer, assignment.order)),
        "note": rating.note,
        "flagged": rating.flagged,
        "guess": filled_guess(rating, assignment) if asks_guess else "",
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
