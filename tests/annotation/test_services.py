"""Handing out items and taking answers: nothing lost, nothing doubled, nothing overwritten."""

import uuid
from datetime import timedelta
from itertools import pairwise

import pytest
from django.utils import timezone
from hypothesis import given, settings
from hypothesis import strategies as st

from annotation.models import Annotator, Assignment, Item, Rating, RatingEvent, RatingScore
from annotation.services import (
    claim_work,
    close_campaign,
    expire_leases,
    next_assignment,
    open_campaign,
    submit_rating,
)
from common.errors import BadInput, Conflict
from models_app.models import Output
from tests import people

pytestmark = pytest.mark.django_db


@pytest.fixture
def campaign():
    campaign = people.small_campaign("study", "sqm", batch_size=3)
    open_campaign(campaign)
    campaign.refresh_from_db()
    return campaign


def annotators(n):
    return [Annotator.objects.create(code=f"T{number}") for number in range(n)]


def test_every_output_becomes_an_item_in_a_seeded_order(campaign):
    assert campaign.items.count() == 12
    again = people.small_campaign("again", "sqm", seed=campaign.seed)
    again.dataset.name, again.dataset_id = campaign.dataset.name, campaign.dataset_id
    keys = [item.segment.key for item in campaign.items.select_related("segment")]
    assert sorted(keys) == sorted([f"s{n}" for n in range(6)] * 2)
    assert keys != sorted(keys)
    assert campaign.plan_hash and campaign.plan["n_items"] == 12


def test_one_annotator_gets_both_systems_of_a_segment_but_never_side_by_side(campaign):
    (rater,) = annotators(1)
    assert claim_work(rater, campaign) == 6
    shown = [a.item.segment.key for a in Assignment.objects.order_by("position")]
    assert all(shown.count(key) == 2 for key in shown)
    assert all(first != second for first, second in pairwise(shown))


def test_identical_outputs_are_judged_once_and_credited_to_each():
    campaign = people.small_campaign("same", "sqm")
    texts = Output.objects.filter(system__name__startswith="secret-base of same")
    for output in texts:
        other = Output.objects.get(
            segment=output.segment, system__name__startswith="secret-lora of same"
        )
        Output.objects.filter(pk=other.pk).update(text=output.text, text_hash=output.text_hash)
    open_campaign(campaign)
    assert campaign.items.count() == 6
    campaign.refresh_from_db()
    assignment = next_assignment(people.bob().annotator, campaign)
    submit_rating(assignment=assignment, key=uuid.uuid4(), sequence=1, answer={"score": "5"})
    assert sorted(RatingScore.objects.values_list("value", flat=True)) == [5.0, 5.0]


def test_no_item_goes_to_more_annotators_than_planned(campaign):
    for rater in annotators(4):
        while claim_work(rater, campaign):
            continue
    assert Assignment.objects.count() == campaign.items.count()
    assert set(Item.objects.values_list("n_taken", flat=True)) == {1}


@settings(max_examples=15, deadline=None)
@given(turns=st.lists(st.integers(0, 2), min_size=1, max_size=12), k=st.integers(1, 3))
def test_whoever_comes_in_whatever_order_the_plan_holds(turns, k):
    campaign = people.small_campaign(f"plan {uuid.uuid4()}", "sqm", raters_per_item=k, batch_size=2)
    open_campaign(campaign)
    campaign.refresh_from_db()
    raters = [Annotator.objects.create(code=str(uuid.uuid4())) for _ in range(3)]
    for turn in turns:
        claim_work(raters[turn], campaign)
    for item in campaign.items.all():
        assert item.n_taken == item.assignments.count() <= k


def test_an_expired_lease_goes_to_somebody_else_and_late_work_is_kept(campaign):
    early, late = annotators(2)
    assignment = next_assignment(early, campaign)
    Assignment.objects.update(lease_until=timezone.now() - timedelta(minutes=1))
    assert expire_leases() == 6
    while claim_work(late, campaign):
        continue
    assert Assignment.objects.filter(annotator=late, item=assignment.item).exists()
    assignment.refresh_from_db()
    saved = submit_rating(assignment=assignment, key=uuid.uuid4(), sequence=1, answer={"score": 3})
    assert saved.rating.is_complete
    assert RatingEvent.objects.get().after_lease
    assignment.refresh_from_db()
    assert assignment.state == Assignment.State.DONE


def test_one_who_comes_back_gets_the_expired_items_nobody_took(campaign):
    (rater,) = annotators(1)
    first = next_assignment(rater, campaign)
    Assignment.objects.update(lease_until=timezone.now() - timedelta(minutes=1))
    expire_leases()
    assert next_assignment(rater, campaign) == first
    assert set(
        Item.objects.filter(assignments__isnull=False).values_list("n_taken", flat=True)
    ) == {1}


def test_the_same_answer_delivered_five_times_is_stored_once(campaign):
    assignment = next_assignment(annotators(1)[0], campaign)
    key = uuid.uuid4()
    answers = [
        submit_rating(assignment=assignment, key=key, sequence=1, answer={"score": 4})
        for _ in range(5)
    ]
    assert [saved.is_new for saved in answers] == [True, False, False, False, False]
    assert RatingEvent.objects.count() == Rating.objects.count() == RatingScore.objects.count() == 1


def test_answers_out_of_order_leave_the_newest_standing(campaign):
    assignment = next_assignment(annotators(1)[0], campaign)
    for sequence, score in ((3, 6), (1, 0), (2, 2)):
        submit_rating(
            assignment=assignment, key=uuid.uuid4(), sequence=sequence, answer={"score": score}
        )
    assert RatingEvent.objects.count() == 3
    assert Rating.objects.get().answer == {"score": 6}
    assert RatingScore.objects.get().value == 6.0


def test_a_key_used_for_another_answer_is_refused(campaign):
    assignment = next_assignment(annotators(1)[0], campaign)
    key = uuid.uuid4()
    submit_rating(assignment=assignment, key=key, sequence=1, answer={"score": 4})
    with pytest.raises(Conflict, match="load the page again"):
        submit_rating(assignment=assignment, key=key, sequence=1, answer={"score": 5})
    assert Rating.objects.get().answer == {"score": 4}


def test_an_item_that_was_taken_away_meanwhile_is_told(campaign):
    (rater,) = annotators(1)
    held = next_assignment(rater, campaign)
    Assignment.objects.filter(pk=held.pk).delete()  # as erasing somebody, or a new attempt, does
    with pytest.raises(Conflict, match="no longer yours"):
        submit_rating(assignment=held, key=uuid.uuid4(), sequence=1, answer={"score": 3})
    assert not RatingEvent.objects.exists()


def test_cannot_judge_is_an_answer_without_a_number(campaign):
    assignment = next_assignment(annotators(1)[0], campaign)
    submit_rating(
        assignment=assignment, key=uuid.uuid4(), sequence=1, answer={"score": "cannot_judge"}
    )
    assert Rating.objects.get().is_complete
    assert not RatingScore.objects.exists()


@pytest.mark.parametrize("score", ["7", "-1", "abc", "3.5", "nan", True, None, ""])
def test_a_score_off_the_scale_is_refused_or_a_draft(campaign, score):
    assignment = next_assignment(annotators(1)[0], campaign)
    if score in (None, ""):
        saved = submit_rating(
            assignment=assignment, key=uuid.uuid4(), sequence=1, answer={"score": score}
        )
        assert not saved.rating.is_complete
        return
    with pytest.raises(BadInput, match="0 to 6"):
        submit_rating(assignment=assignment, key=uuid.uuid4(), sequence=1, answer={"score": score})
    assert not RatingEvent.objects.exists()


def test_a_closed_campaign_hands_out_nothing_but_takes_what_comes(campaign):
    (rater,) = annotators(1)
    assignment = next_assignment(rater, campaign)
    close_campaign(campaign)
    campaign.refresh_from_db()
    saved = submit_rating(assignment=assignment, key=uuid.uuid4(), sequence=1, answer={"score": 1})
    assert saved.rating.is_complete
    assert next_assignment(annotators_named("other"), campaign) is None


def annotators_named(code):
    return Annotator.objects.create(code=code)


def test_side_by_side_never_shows_identical_outputs():
    campaign = people.small_campaign("pairs", "sidebyside")
    first = campaign.dataset.segments.first()
    outputs = list(Output.objects.filter(segment=first).order_by("pk"))
    Output.objects.filter(pk=outputs[1].pk).update(
        text=outputs[0].text, text_hash=outputs[0].text_hash
    )
    open_campaign(campaign)
    campaign.refresh_from_db()
    assert campaign.items.filter(needs_rating=False).count() == 1
    claim_work(people.bob().annotator, campaign)
    assert Assignment.objects.count() == 5


def test_the_side_shown_is_random_and_the_answer_is_stored_by_slot():
    campaign = people.small_campaign("sides", "sidebyside", n_segments=40, batch_size=40)
    open_campaign(campaign)
    campaign.refresh_from_db()
    claim_work(people.bob().annotator, campaign)
    orders = [tuple(order) for order in Assignment.objects.values_list("order", flat=True)]
    assert 5 < orders.count((0, 1)) < 35  # drawn from keys, which no test knows beforehand
    assignment = Assignment.objects.filter(order=[1, 0]).first()
    protocol = campaign.protocol_object
    answer = protocol.read_form({"preference": "0:much"}, assignment.order)
    assert answer == {"better": 1, "strength": "much"}
    assert protocol.fill_form(answer, assignment.order) == {"preference": "0:much"}


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (lambda c: c.systems.clear(), "no system"),
        (lambda c: Output.objects.filter(segment__key="s0").delete(), "lacks 1 of 6"),
    ],
)
def test_a_campaign_that_cannot_work_does_not_open(change, sentence):
    campaign = people.small_campaign("bad", "sqm")
    change(campaign)
    with pytest.raises(BadInput, match=sentence):
        open_campaign(campaign)
    campaign.refresh_from_db()
    assert campaign.state == "draft" and not campaign.items.exists()
