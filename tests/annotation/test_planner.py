"""The plan before a campaign opens: how much work, for whom, and what it can detect."""

import math
import uuid

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from annotation.designs import DESIGNS
from annotation.grid import MOST_COLUMNS, column_labels, heat, number, square
from annotation.models import Assignment, Item
from annotation.planner import detectable_difference, detectable_win_rate, plan_of
from annotation.services import open_campaign
from common.errors import BadInput
from metrics.statistics import power
from models_app.models import Output
from tests import people
from tests.annotation.handing_out import members, opened, work_through

pytestmark = pytest.mark.django_db


def test_the_plan_counts_what_opening_makes_and_writes_nothing():
    campaign = people.small_campaign(raters_per_item=3)
    plan = plan_of(campaign)
    assert (plan.n_items, plan.n_ratings, plan.n_segments) == (12, 36, 6)
    assert plan.hours == pytest.approx(36 * 25 / 3600)
    assert not Item.objects.exists()
    open_campaign(campaign)
    campaign.refresh_from_db()
    assert campaign.items.count() == 12
    assert {name: campaign.plan[name] for name in plan.frozen()} == plan.frozen()


@pytest.mark.parametrize("name", DESIGNS.names())
def test_expected_items_add_up_to_all_ratings(name):
    campaign = people.small_campaign(design=name, raters_per_item=2, n_segments=30)
    plan = plan_of(campaign, n_annotators=5)
    assert sum(items for _, items, _ in plan.people) == pytest.approx(plan.n_ratings)
    assert len(plan.coverage.rows) == plan.n_annotators == 5
    assert plan.hours == pytest.approx(sum(hours for *_, hours in plan.people))


@settings(max_examples=8, deadline=None)
@given(segments=st.integers(1, 20), k=st.integers(2, 4))
def test_balanced_pairs_share_exactly_what_the_plan_says(segments, k):
    options = {"places": 4}
    campaign = opened("bibd", design_options=options, raters_per_item=k, n_segments=segments)
    plan = plan_of(campaign)
    annotators = members(campaign, 4)
    work_through(campaign, annotators)
    had = [set(a.assignments.values_list("item", flat=True)) for a in annotators]
    had = [{pk for pk in mine if campaign.items.filter(pk=pk).exists()} for mine in had]
    shared = [len(had[a] & had[b]) for a in range(4) for b in range(a)]
    assert (min(shared), max(shared)) == plan.shared
    assert [items for _, items, _ in plan.people] == [len(mine) for mine in had]


def test_pairs_by_chance_add_up_to_the_overlap():
    campaign = people.small_campaign(design="overlap", raters_per_item=3, n_segments=10)
    # 2 of 10 segments, 2 items each, have 3 annotators: 3 pairs on each of 4 items, 10 pairs.
    assert plan_of(campaign, n_annotators=5).shared == pytest.approx((1.2, 1.2))


def test_a_campaign_says_its_own_seconds():
    campaign = people.small_campaign(options={"seconds_per_item": 90})
    assert plan_of(campaign).hours == pytest.approx(12 * 90 / 3600)


def test_a_hash_tells_plans_apart():
    hashes = set()
    for options in ({"percent": 20}, {"percent": 40}):
        name = str(uuid.uuid4())
        campaign = people.small_campaign(
            name, design="overlap", raters_per_item=2, options={"design": options}
        )
        open_campaign(campaign)
        campaign.refresh_from_db()
        hashes.add(campaign.plan_hash)
        assert campaign.plan["options"]["design"] == options
    assert len(hashes) == 2


def test_a_campaign_that_cannot_open_has_no_plan():
    campaign = people.small_campaign()
    Output.objects.filter(segment__key="s0").delete()
    with pytest.raises(BadInput, match="lacks 1 of 6"):
        plan_of(campaign)


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"raters_per_item": 3}, "for 3 annotators; 1 have joined"),
        ({}, "agreement cannot be measured"),
        ({"raters_per_item": 2}, "share about 12 items"),
        ({"batch_size": 1}, "hand out 2 or more"),
    ],
)
def test_notes_say_what_to_think_of(fields, sentence):
    assert any(sentence in str(note) for note in plan_of(people.small_campaign(**fields)).notes)


def test_who_shares_with_whom_is_open_unless_pairs_are_balanced():
    words = "depends on who comes when"
    uniform = people.small_campaign("a", raters_per_item=2)
    balanced = people.small_campaign("b", raters_per_item=2, design="bibd")
    assert any(words in str(note) for note in plan_of(uniform, n_annotators=4).notes)
    assert not any(words in str(note) for note in plan_of(balanced).notes)


def test_the_plan_asks_the_database_little(django_assert_max_num_queries):
    campaign = people.small_campaign(n_segments=60)
    with django_assert_max_num_queries(9):
        plan_of(campaign)


@given(
    n=st.integers(2, 5000),
    ratings=st.integers(1, 5),
    residual=st.floats(0.1, 400),
    own=st.floats(0, 400),
)
def test_the_detectable_difference_is_the_inverse_of_the_sample_size(n, ratings, residual, own):
    variances = {"residual_variance": residual, "system_segment_variance": own}
    delta = detectable_difference(n, ratings=ratings, **variances)
    for factor, fits in ((1.0001, True), (0.9999, False)):
        needed = power.paired_sample_size(delta * factor, ratings=ratings, **variances)
        assert (needed <= n) is fits or n == 2


def test_published_variances_give_the_published_sizes():
    # Residual 196.8 of single ESA ratings of Hindi: 3 points need about 345 segments, 5 about 125.
    for n, points in ((345, 3), (770, 2), (125, 5)):
        assert detectable_difference(n, residual_variance=196.8) == pytest.approx(points, rel=0.02)
    assert math.isnan(detectable_difference(1))


@given(n=st.integers(20, 2000))
def test_the_detectable_win_rate_is_near_the_exact_tests(n):
    exact = power.detectable_win_rate(n)
    assert abs(detectable_win_rate(n) - exact) < 0.6 / np.sqrt(n) * max(1, 10 / np.sqrt(n))


def test_more_ratings_detect_smaller_differences_and_pairs_a_win_rate():
    once = plan_of(people.small_campaign("once")).detectable
    twice = plan_of(people.small_campaign("twice", raters_per_item=2)).detectable
    assert once and twice and twice.sds == pytest.approx(once.sds / np.sqrt(2))
    assert once.win_rate is None
    pairs = plan_of(people.small_campaign("pairs", "sidebyside")).detectable
    assert pairs and pairs.win_rate and 0.5 < pairs.win_rate <= 1


def test_one_system_has_nothing_to_be_told_from():
    campaign = people.small_campaign()
    campaign.systems.remove(campaign.systems.last())
    assert plan_of(campaign).detectable is None


@given(n=st.integers(1, 5000))
def test_any_number_of_blocks_fits_the_picture(n):
    labels = column_labels(n)
    assert len(labels) <= MOST_COLUMNS
    assert labels[0].startswith("1") and labels[-1].endswith(str(n))


def test_shades_and_numbers():
    assert [heat(value, 10) for value in (0, 0.1, 5, 10, 12)] == [0, 1, 2, 5, 5]
    assert [number(value) for value in (0, 0.01, 0.42, 3, 9.97, 12.6)] == [
        "", "", "0.4", "3", "10", "13",
    ]  # fmt: skip
    grid = square(["a", "b", "c"], [[0, 1, 2], [1, 0, 3], [2, 3, 0]])
    assert grid.columns == ["a", "b"]
    assert [[cell.text for cell in row.cells] for row in grid.rows] == [["1"], ["2", "3"]]
    assert not Assignment.objects.exists()
