"""What an answer becomes: the current rating, its scores and its spans, from the log of events."""

from typing import NamedTuple

from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext

from accounts.prepared import Prepared
from annotation.adjudication import call_another
from annotation.guesses import store_guess
from annotation.leasing import lease_end
from annotation.models import (
    Assignment,
    ErrorSpan,
    Item,
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


_LOCKED = Prepared(lambda pk: Assignment.objects.filter(pk=pk).select_for_update().only("state"), 1)
_RATING = Prepared(lambda item, person: Rating.objects.filter(item=item, annotator=person), 2)


def rating_of(assignment: Assignment) -> Rating | None:
    """The annotator's rating of the item as it stands; one query."""
    return _RATING.first(assignment.item_id, assignment.annotator_id)


def locked_rating(assignment: Assignment) -> Rating:
    """The annotator's rating of the item, nobody else's until the transaction ends.

    Not stored yet where this is the first answer. The assignment's state is read anew: of two
    answers that come at once, the second waits here. Conflict where it was taken away meanwhile.
    """
    locked = _LOCKED.first(assignment.pk)
    if locked is None:
        raise Conflict(gettext("this item is no longer yours; load the page again"))
    assignment.state = locked.state
    rating = rating_of(assignment)
    if rating is None:
        return Rating(item=assignment.item, annotator=assignment.annotator)
    rating.item, rating.annotator = assignment.item, assignment.annotator
    return rating


def finished_before(assignment: Assignment) -> bool:
    """Whether the annotator gave a whole answer to the item, and said so."""
    answers = RatingEvent.objects.filter(item=assignment.item, annotator=assignment.annotator)
    return answers.filter(is_complete=True).exists()


def project(event: RatingEvent, rating: Rating, assignment: Assignment) -> Saved:
    """The rating as of the event with the highest sequence; of equals, the later one."""
    if event.sequence < rating.sequence:
        return Saved(rating, is_new=True, is_current=False)
    is_first, had_scores = rating.pk is None, rating.is_complete
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
    if had_scores:
        rating.scores.all().delete()
        rating.spans.all().delete()
    if rating.is_complete:
        _write_scores(rating, answer)
    guess = event.answer.get("guess")
    if guess is not None or not is_first:
        store_guess(rating, guess)
    _settle(assignment, rating)
    call_another(rating)
    return Saved(rating, is_new=True, is_current=True)


def _write_scores(rating: Rating, answer: Answer) -> None:
    """Of a complete rating that has none: those of a draft are not stored."""
    item = rating.item
    protocol = item.campaign.protocol_object
    shown = {slot.slot: slot for slot in item.shown_slots}
    RatingScore.objects.bulk_create(
        RatingScore(
            rating=rating, output=shown[s.slot].output, criterion=s.criterion, value=s.value
        )
        for s in protocol.scores(answer, len(shown))
    )
    ErrorSpan.objects.bulk_create(
        ErrorSpan(
            rating=rating,
            output=shown[span.slot].output,
            text_hash=text_hash(
                item.segment.source if span.side == "source" else shown[span.slot].text
            ),
            **{name: value for name, value in span._asdict().items() if name != "slot"},
        )
        for span in protocol.spans(answer, len(shown))
    )


def _settle(assignment: Assignment, rating: Rating) -> None:
    """A complete rating closes the assignment; one that is no longer whole opens it again."""
    is_done = assignment.state == Assignment.State.DONE
    if rating.is_complete == is_done:
        return
    stored = Assignment.objects.filter(pk=assignment.pk)
    if is_done:
        assignment.state = Assignment.State.OPEN
        until = lease_end(assignment.item.campaign)
        stored.update(state=assignment.state, done_at=None, lease_until=until)
        return
    if assignment.state == Assignment.State.EXPIRED:
        Item.objects.filter(pk=assignment.item_id).update(n_taken=F("n_taken") + 1)
    assignment.state = Assignment.State.DONE
    stored.update(state=assignment.state, done_at=timezone.now())
