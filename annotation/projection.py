"""What an answer becomes: the current rating, its scores and its spans, from the log of events."""

from collections.abc import Sequence
from typing import NamedTuple

from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext

from annotation.adjudication import call_another
from annotation.guesses import store_guess
from annotation.leasing import lease_end
from annotation.models import (
    Assignment,
    ErrorSpan,
    Item,
    ItemOutput,
    Rating,
    RatingEvent,
    RatingScore,
)
from annotation.protocols.base import Answer
from common.errors import Conflict
from common.text import text_hash

BESIDE = ("note", "flagged", "guess")  # in the log beside the answer, no part of it


class Saved(NamedTuple):
    """What became of an answer; `is_new` is false for one that was delivered before."""

    rating: Rating
    is_new: bool
    is_current: bool


def delivered_before(event: RatingEvent) -> Saved:
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


def locked_rating(assignment: Assignment) -> Rating:
    """The annotator's rating of the item, nobody else's until the transaction ends."""
    rating, _ = Rating.objects.select_for_update().get_or_create(
        item=assignment.item, annotator=assignment.annotator
    )
    return rating


def finished_before(assignment: Assignment) -> bool:
    """Whether the annotator gave a whole answer to the item, and said so."""
    answers = RatingEvent.objects.filter(item=assignment.item, annotator=assignment.annotator)
    return answers.filter(is_complete=True).exists()


def project(event: RatingEvent, rating: Rating, assignment: Assignment, n_outputs: int) -> Saved:
    """The rating as of the event with the highest sequence; of equals, the later one."""
    if event.sequence < rating.sequence:
        return Saved(rating, is_new=True, is_current=False)
    answer = {k: v for k, v in event.answer.items() if k not in BESIDE}
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
    store_guess(rating, event.answer.get("guess"))
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
    """A complete rating closes the assignment; one that is no longer whole opens it again."""
    assignment.refresh_from_db(fields=["state"])
    is_done = assignment.state == Assignment.State.DONE
    if rating.is_complete == is_done:
        return
    if is_done:
        until = lease_end(assignment.item.campaign)
        Assignment.objects.filter(pk=assignment.pk).update(
            state=Assignment.State.OPEN, done_at=None, lease_until=until
        )
        return
    if assignment.state == Assignment.State.EXPIRED:
        Item.objects.filter(pk=assignment.item_id).update(n_taken=F("n_taken") + 1)
    Assignment.objects.filter(pk=assignment.pk).update(
        state=Assignment.State.DONE, done_at=timezone.now()
    )
