"""One more annotator for the items on which the planned ones differ."""

import uuid

import pytest

from annotation.designs import DESIGNS
from annotation.services import submit_rating
from common.errors import BadInput
from tests.annotation.handing_out import answered, members, opened, raters

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("design", DESIGNS.names())
def test_a_third_rater_is_called_once_for_the_items_on_which_two_differ(design):
    campaign = opened(
        design,
        design_options={"overlap": {"percent": 100}, "bibd": {"places": 2}}.get(design),
        raters_per_item=2,
        adjudicate={"differ_by": 3},
    )
    first, second, third, fourth = members(campaign, 4)
    odd = campaign.items.order_by("position")[4]
    answered(campaign, first, lambda item: 5)
    assert not campaign.items.exclude(n_wanted=None).exists()
    answered(campaign, second, lambda item: 2 if item == odd else 3)
    assert [item.pk for item in campaign.items.filter(n_wanted=3)] == [odd.pk]
    answered(campaign, third, lambda item: 0)
    assert list(third.assignments.values_list("item", flat=True)) == [odd.pk]
    answered(campaign, fourth, lambda item: 6)
    assert not fourth.assignments.exists()


def test_a_changed_answer_may_call_a_third_rater():
    campaign = opened(raters_per_item=2, adjudicate={"criterion": "score", "differ_by": 2})
    first, second = raters(2)
    answered(campaign, first, lambda item: 4)
    answered(campaign, second, lambda item: 3)
    assignment = second.assignments.first()
    submit_rating(assignment=assignment, key=uuid.uuid4(), sequence=2, answer={"score": 6})
    assert campaign.items.get(n_wanted=3) == assignment.item


@pytest.mark.parametrize(
    ("rule", "k", "sentence"),
    [
        ({"differ_by": 0}, 2, "above 0"),
        ({"differ_by": "2"}, 2, "above 0"),
        ({"differ_by": 2, "criterion": "style"}, 2, "no criterion 'style'; known: score"),
        ({"by": 2}, 2, "differ_by"),
        ([2], 2, "differ_by"),
        ({"differ_by": 2}, 1, "2 or more"),
    ],
)
def test_a_rule_that_cannot_work_is_refused_with_a_sentence(rule, k, sentence):
    with pytest.raises(BadInput, match=sentence):
        opened(raters_per_item=k, adjudicate=rule)
