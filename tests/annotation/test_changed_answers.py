"""An answer changed after its item was finished: the last whole one counts, without a button."""

import uuid

import pytest
from django.urls import reverse

from annotation.accounts import person_key
from annotation.models import Assignment, Item, Rating, RatingEvent, RatingScore
from annotation.services import next_assignment, open_campaign, submit_rating
from tests import people

pytestmark = pytest.mark.django_db


@pytest.fixture
def assignment():
    campaign = people.small_campaign("study", "sqm")
    open_campaign(campaign)
    campaign.refresh_from_db()
    return next_assignment(people.bob().annotator, campaign)


def give(assignment, sequence, score, *, finish=False):
    return submit_rating(
        assignment=Assignment.objects.get(pk=assignment.pk),
        key=uuid.uuid4(),
        sequence=sequence,
        answer={"score": score},
        finish=finish,
    )


def test_a_whole_answer_counts_once_the_item_was_finished(assignment):
    give(assignment, 1, 2)
    assert not Rating.objects.get().is_complete
    give(assignment, 2, 4, finish=True)
    give(assignment, 3, 5)
    assert Rating.objects.get().is_complete
    assert RatingScore.objects.get().value == 5.0
    assignment.refresh_from_db()
    assert assignment.state == Assignment.State.DONE


def test_an_item_no_longer_answered_is_handed_out_again(assignment):
    give(assignment, 1, 4, finish=True)
    taken = Item.objects.get(pk=assignment.item_id).n_taken
    give(assignment, 2, "")
    assert not Rating.objects.get().is_complete and not RatingScore.objects.exists()
    assignment.refresh_from_db()
    assert assignment.state == Assignment.State.OPEN and assignment.done_at is None
    assert Item.objects.get(pk=assignment.item_id).n_taken == taken
    assert next_assignment(assignment.annotator, assignment.item.campaign) == assignment
    give(assignment, 3, 3)
    assignment.refresh_from_db()
    assert Rating.objects.get().is_complete and assignment.state == Assignment.State.DONE
    assert RatingScore.objects.get().value == 3.0


@pytest.mark.parametrize("own", [True, False])
def test_an_answer_of_somebody_else_waits_for_them(client, assignment, own):
    bob, charlie = people.bob(), people.charlie()
    client.force_login(bob if own else charlie)
    response = client.post(
        reverse("annotation:annotate", args=[assignment.pk]),
        {"key": str(uuid.uuid4()), "sequence": "1", "score": "4"},
        headers={"accept": "application/json", "x-nikash-person": person_key(bob)},
    )
    assert response.status_code == (200 if own else 403)
    assert RatingEvent.objects.count() == own
    if not own:
        assert response.json()["error"]["code"] == "someone_else"
