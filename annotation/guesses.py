"""Which output an annotator takes for the tuned model's: asked, read, logged and projected.

In the log a guess is the slot of the output taken for the tuned one; of an item with one text,
`tuned` or `not_tuned`; `cannot_tell` of either kind.
"""

from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from annotation.models import Assignment, Campaign, Guess, Rating, RatingEvent
from annotation.quality_settings import asks_guess
from common.errors import BadInput
from common.problems import shown
from models_app.loading.common import chunks

TUNED, NOT_TUNED, CANNOT_TELL = "tuned", "not_tuned", "cannot_tell"
Given = int | str

PAIR = {
    "question": _("Which one do you think is the tuned model?"),
    "choices": [
        ("0", _("Answer A"), "a"),
        ("1", _("Answer B"), "b"),
        (CANNOT_TELL, _("I cannot tell"), "x"),
    ],
    "keys": [(("a", "b", "x"), _("guess: A, B, cannot tell"))],
}
SINGLE = {
    "question": _("Do you think the tuned model wrote this?"),
    "choices": [
        (TUNED, _("Yes, the tuned model"), "t"),
        (NOT_TUNED, _("No, not the tuned model"), "k"),
        (CANNOT_TELL, _("I cannot tell"), "x"),
    ],
    "keys": [(("t", "k", "x"), _("guess: tuned, not tuned, cannot tell"))],
}


def question_of(campaign: Campaign) -> dict[str, Any]:
    """What the page asks; nothing where the campaign does not ask."""
    if not asks_guess(campaign):
        return {}
    return PAIR if campaign.protocol_object.compares else SINGLE


def read_guess(campaign: Campaign, value: str, order: Sequence[int]) -> Given | None:
    """A posted value, whose outputs are numbered as shown; BadInput where it is no choice."""
    question = question_of(campaign)
    if not question or not value:
        return None
    if value not in [choice for choice, _label, _key in question["choices"]]:
        raise BadInput(
            gettext("%(value)s is no guess; load the page again") % {"value": shown(value)}
        )
    return order[int(value)] if question is PAIR and value != CANNOT_TELL else value


def filled_guess(rating: Rating, assignment: Assignment) -> str:
    """The inverse of read_guess for the stored guess; "" where there is none. Two queries."""
    guess = Guess.objects.filter(rating=rating).first()
    if guess is None:
        return ""
    if guess.is_tuned is None:
        return CANNOT_TELL
    item = assignment.item
    if not item.campaign.protocol_object.compares:
        return TUNED if guess.is_tuned else NOT_TUNED
    return str(assignment.order.index(item.slots.get(output=guess.output_id).slot))


def beside(given: Given | None) -> dict[str, Given]:
    """What stands beside the answer in the log."""
    return {} if given is None else {"guess": given}


def store_guess(rating: Rating, given: Given | None) -> None:
    """The guess of the rating's current event; none where that has none."""
    if given is None:
        Guess.objects.filter(rating=rating).delete()
    else:
        Guess.objects.update_or_create(rating=rating, defaults=_fields(rating, given))


def _fields(rating: Rating, given: Given) -> dict[str, Any]:
    if given == CANNOT_TELL:
        return {"output": None, "is_tuned": None}
    slot = rating.item.slots.get(slot=given if isinstance(given, int) else 0)
    return {"output_id": slot.output_id, "is_tuned": given != NOT_TUNED}


def restore_guesses(campaign: Campaign) -> None:
    """The guesses in the log of a campaign that was put back; what is no guess is left out."""
    known = (0, 1, CANNOT_TELL)
    if not campaign.protocol_object.compares:
        known = (TUNED, NOT_TUNED, CANNOT_TELL)
    events = RatingEvent.objects.filter(item__campaign=campaign, answer__has_key="guess")
    for chunk in chunks(events.order_by("pk").iterator()):
        items = {event.item_id for event in chunk}
        ratings = {
            (rating.item_id, rating.annotator_id, rating.sequence): rating
            for rating in Rating.objects.filter(item__in=items).select_related("item")
        }
        for event in chunk:
            rating = ratings.get((event.item_id, event.annotator_id, event.sequence))
            given = event.answer["guess"]
            if rating and type(given) in (int, str) and given in known:
                store_guess(rating, given)
