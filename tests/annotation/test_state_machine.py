"""Assignment and saving under any order of events: hypothesis looks for one that breaks a promise.

Annotators join, take, save, send again, fall behind, are paused and excluded; leases run out, the
campaign closes and opens, the clock jumps. After every step the promises are counted anew.
"""

import uuid
from datetime import timedelta
from typing import Any, NamedTuple
from unittest import mock

import pytest
from django.db import transaction
from django.db.models import Count, Q
from django.utils import timezone
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from annotation.authorship import own_blocks
from annotation.models import (
    Annotator,
    Assignment,
    Campaign,
    Participation,
    Rating,
    RatingEvent,
    RatingScore,
)
from annotation.participation import participation_of, set_standing
from annotation.services import (
    close_campaign,
    expire_leases,
    next_assignment,
    open_campaign,
    submit_rating,
    take_back,
)
from common.errors import Conflict
from models_app.models import Segment
from tests import people

MOST_ANNOTATORS = 5
HELD = [Assignment.State.OPEN, Assignment.State.DONE]
real_now = timezone.now
who = st.integers(0, MOST_ANNOTATORS - 1)


class Sent(NamedTuple):
    assignment: Assignment
    key: uuid.UUID
    sequence: int
    score: str
    finish: bool


class Work(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.block = transaction.atomic()
        self.block.__enter__()
        self.ahead = timedelta()
        self.clock = mock.patch.object(timezone, "now", lambda: real_now() + self.ahead)
        self.clock.start()
        self.campaign = people.small_campaign(
            str(uuid.uuid4()), "sqm", n_segments=3, raters_per_item=2, batch_size=2
        )
        own = Segment.objects.get(dataset=self.campaign.dataset, key="s1")
        own.extra = {"author": "Asha  Patil"}
        own.save()
        open_campaign(self.campaign)
        self.annotators: list[Annotator] = []
        self.sent: list[Sent] = []
        self.n_late: dict[int, set[int]] = {}
        self.join()

    def teardown(self) -> None:
        self.clock.stop()
        transaction.set_rollback(True)
        self.block.__exit__(None, None, None)

    def fresh(self) -> Campaign:
        return Campaign.objects.get(pk=self.campaign.pk)

    def person(self, number: int) -> Annotator:
        return self.annotators[number % len(self.annotators)]

    def held(self, annotator: Annotator) -> Any:
        return Assignment.objects.filter(annotator=annotator, item__campaign=self.campaign)

    @precondition(lambda self: len(self.annotators) < MOST_ANNOTATORS)
    @rule()
    def join(self) -> None:
        name = "asha patil" if len(self.annotators) == 1 else ""
        self.annotators.append(Annotator.objects.create(code=str(uuid.uuid4()), author_name=name))

    @rule(number=who)
    def take(self, number: int) -> None:
        """Who is paused or excluded gets nothing new, nor does anybody of a closed campaign."""
        annotator, campaign = self.person(number), self.fresh()
        before = set(self.held(annotator).filter(state__in=HELD).values_list("pk", flat=True))
        next_assignment(annotator, campaign)
        new = set(self.held(annotator).filter(state__in=HELD).values_list("pk", flat=True)) - before
        standing = participation_of(campaign, annotator).state
        if campaign.state != Campaign.State.OPEN or standing != Participation.State.ACTIVE:
            assert not new

    @rule(number=who)
    def take_again(self, number: int) -> None:
        take_back(self.person(number), self.fresh())

    @rule(
        number=who,
        which=st.integers(0, 20),
        score=st.integers(0, 6),
        finish=st.booleans(),
        step=st.sampled_from([1, 1, 1, 0, -1, 5]),
    )
    def save(self, number: int, which: int, score: int, finish: bool, step: int) -> None:
        """An answer, in order or not, to anything that the annotator ever held."""
        mine = list(self.held(self.person(number)).order_by("pk"))
        if not mine:
            return
        assignment = mine[which % len(mine)]
        rating = Rating.objects.filter(item=assignment.item, annotator=assignment.annotator).first()
        sequence = max(1, (rating.sequence if rating else 0) + step)
        if assignment.state == Assignment.State.EXPIRED:
            self.n_late.setdefault(assignment.item_id, set()).add(assignment.annotator_id)
        self.sent.append(Sent(assignment, uuid.uuid4(), sequence, str(score), finish))
        assert self.send(self.sent[-1]).is_new

    def send(self, one: Sent, score: str = "") -> Any:
        return submit_rating(
            assignment=Assignment.objects.get(pk=one.assignment.pk),
            key=one.key,
            sequence=one.sequence,
            answer={"score": score or one.score},
            finish=one.finish,
        )

    @precondition(lambda self: self.sent)
    @rule(which=st.integers(0, 50))
    def send_again(self, which: int) -> None:
        """The same key with the same answer is acknowledged, and stored no second time."""
        assert not self.send(self.sent[which % len(self.sent)]).is_new

    @precondition(lambda self: self.sent)
    @rule(which=st.integers(0, 50))
    def use_a_key_for_another_answer(self, which: int) -> None:
        one = self.sent[which % len(self.sent)]
        with pytest.raises(Conflict):
            self.send(one, score=str((int(one.score) + 1) % 7))

    @rule(number=who, state=st.sampled_from(Participation.State.values))
    def change_standing(self, number: int, state: str) -> None:
        standing = participation_of(self.fresh(), self.person(number))
        set_standing(standing, state, reason="asked to", user=people.ada())

    @rule()
    def leases_run_out(self) -> None:
        expire_leases(self.fresh())

    @rule(hours=st.sampled_from([-24, -1, 1, 3, 48]))
    def clock_jumps(self, hours: int) -> None:
        self.ahead += timedelta(hours=hours)

    @rule()
    def close_or_open(self) -> None:
        campaign = self.fresh()
        if campaign.state == Campaign.State.OPEN:
            close_campaign(campaign)
        else:
            open_campaign(campaign)

    @invariant()
    def counters_are_what_a_recount_gives(self) -> None:
        held = Count("assignments", filter=Q(assignments__state__in=HELD))
        for item in self.campaign.items.with_wanted().annotate(held=held):
            assert item.n_taken == item.held
            # Work that was given back and answered all the same is kept, beyond what was wanted.
            assert item.n_taken <= item.wanted + len(self.n_late.get(item.pk, ()))

    @invariant()
    def nothing_acknowledged_is_lost_or_changed(self) -> None:
        events = {event.key: event for event in RatingEvent.objects.all()}
        assert len(events) == len(self.sent)
        newest: dict[tuple[int, int], RatingEvent] = {}
        for one in self.sent:
            event = events[one.key]
            assert (str(event.answer["score"]), event.sequence) == (one.score, one.sequence)
            place = (event.item_id, event.annotator_id)
            if place not in newest or event.sequence >= newest[place].sequence:
                newest[place] = event
        ratings = {(r.item_id, r.annotator_id): r for r in Rating.objects.all()}
        assert ratings.keys() == newest.keys()
        for place, rating in ratings.items():
            assert rating.answer["score"] == newest[place].answer["score"]
            assert rating.sequence == newest[place].sequence

    @invariant()
    def nobody_rates_an_item_twice_and_only_whole_answers_count(self) -> None:
        rated = Rating.objects.values("item", "annotator").annotate(n=Count("pk"))
        assert all(row["n"] == 1 for row in rated)
        for rating in Rating.objects.annotate(n=Count("scores")):
            assert rating.n == (rating.item.slots.count() if rating.is_complete else 0)
            mine = Assignment.objects.get(item=rating.item_id, annotator=rating.annotator_id)
            assert rating.is_complete == (mine.state == Assignment.State.DONE)
        assert not RatingScore.objects.filter(rating__is_complete=False).exists()

    @invariant()
    def nobody_holds_what_they_wrote(self) -> None:
        for annotator in self.annotators:
            own = own_blocks(self.campaign, annotator)
            assert not self.held(annotator).filter(item__block__in=own).exists()


@pytest.mark.django_db
def test_no_order_of_events_breaks_a_promise() -> None:
    run_state_machine_as_test(
        Work,
        settings=settings(
            max_examples=14,
            stateful_step_count=25,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
