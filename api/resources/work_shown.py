"""An item and its answer as its annotator sees them: no system, no slot, no other annotator."""

from typing import Any

from django.utils.translation import get_language

from annotation.accounts import annotator_of
from annotation.control_settings import needs_qualification
from annotation.document import context_of
from annotation.guesses import filled_guess, question_of
from annotation.lessons import settle_attempt, standing_of
from annotation.models import Assignment, Campaign, Rating
from annotation.services import next_assignment
from annotation.views.item import outputs_shown
from api.rows import plain


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
