"""Comparing notes: items that raters see differently, remarks, second thoughts."""

from typing import Any

from django.http import Http404
from django.shortcuts import get_object_or_404
from rest_framework import serializers
from rest_framework.request import Request

from annotation.models import Item, Remark
from annotation.norming import (
    LONGEST_REMARK,
    Room,
    add_remark,
    campaigns_open_to,
    items_in,
    own_rating,
    room_of,
    think_again,
)
from api.bodies import PlainBody
from api.endpoints import Routes
from api.people import Who

routes = Routes("Comparing notes")
HERE = "campaigns/<id:campaign>/norming/"


class DifferingSerializer(serializers.Serializer):
    id = serializers.IntegerField(source="pk", help_text="The item's id.")
    key = serializers.CharField(source="segment.key", help_text="The segment's key.")
    source = serializers.CharField(source="segment.source", help_text="The source text.")
    gap = serializers.FloatField(allow_null=True, help_text="How far two raters are apart.")
    n_complete = serializers.IntegerField(help_text="Ratings that count.")
    n_flagged = serializers.IntegerField(help_text="Ratings that were flagged.")
    n_remarks = serializers.IntegerField(help_text="Remarks.")


class RemarkSerializer(serializers.ModelSerializer):
    class Meta:
        model = Remark
        fields = ("id", "text", "created_at")


class RemarkAskedSerializer(serializers.Serializer):
    text = serializers.CharField(max_length=LONGEST_REMARK, help_text="What you say of it.")


class ThoughtAskedSerializer(serializers.Serializer):
    answer = serializers.DictField(
        child=serializers.CharField(allow_blank=True, max_length=200_000, trim_whitespace=False),
        help_text="Fields of the form, as when annotating.",
    )
    reason = serializers.CharField(max_length=LONGEST_REMARK, help_text="Why.")


class ThoughtSerializer(serializers.Serializer):
    item = serializers.IntegerField(help_text="The item's id.")
    reason = serializers.CharField(help_text="Why.")


def _room(request: Request, campaign: int, **where: int) -> Room:
    found = campaigns_open_to(request.user).select_related("dataset")
    return room_of(get_object_or_404(found, pk=campaign), request.user)


def _item(room: Room, item: int) -> Item:
    return get_object_or_404(items_in(room).select_related("segment__dataset", "campaign"), pk=item)


@routes.get(HERE, Who.PERSON, gives=DifferingSerializer, pages=True)
def list_differing(request: Request, campaign: int) -> Any:
    """Items that two or more have judged; who judges sees those they judged themselves."""
    return items_in(_room(request, campaign)).select_related("segment")


@routes.get(f"{HERE}<id:item>/remarks/", Who.PERSON, gives=RemarkSerializer, pages=True)
def list_remarks(request: Request, campaign: int, item: int) -> Any:
    """What was said of an item."""
    return _item(_room(request, campaign), item).remarks.all()


@routes.post(f"{HERE}<id:item>/remarks/", Who.PERSON, gives=RemarkSerializer, status=201,
             takes=PlainBody(RemarkAskedSerializer), before=_room)  # fmt: skip
def make_remark(request: Request, given: dict[str, Any], campaign: int, item: int) -> Any:
    """Say something of an item; nothing said is changed later."""
    return add_remark(_item(_room(request, campaign), item), request.user, given["text"])


@routes.post(f"{HERE}<id:item>/again/", Who.PERSON, gives=ThoughtSerializer, status=201,
             takes=PlainBody(ThoughtAskedSerializer), before=_room)  # fmt: skip
def make_second_thought(
    request: Request, given: dict[str, Any], campaign: int, item: int
) -> dict[str, Any]:
    """Store an answer beside one's blind one, with the reason."""
    room = _room(request, campaign)
    found = _item(room, item)
    rating = own_rating(room, found)
    if rating is None:
        raise Http404
    order = get_object_or_404(found.assignments, annotator=room.annotator).order
    answer = room.campaign.protocol_object.read_form(given["answer"], order)
    made = think_again(rating, answer, given["reason"])
    return {"item": found.pk, "reason": made.reason}
