"""Coverage while a campaign runs, and what it warns of."""

import re
import uuid
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from annotation.coverage import coverage_of
from annotation.models import Assignment, Campaign, Item, Rating
from annotation.services import claim_work, expire_leases, submit_rating
from tests import people
from tests.annotation.handing_out import answered, members, opened

pytestmark = pytest.mark.django_db


def alarms(campaign):
    return [str(alarm) for alarm in coverage_of(campaign).alarms]


def rate_all(campaign, rater, seconds):
    """Everything there is, each in so many seconds."""
    while claim_work(rater, campaign):
        for assignment in rater.assignments.filter(state=Assignment.State.OPEN):
            submit_rating(
                assignment=assignment,
                key=uuid.uuid4(),
                sequence=1,
                answer={"score": 4},
                active_seconds=seconds,
            )


def test_cells_count_done_held_and_expired():
    campaign = opened(raters_per_item=2, n_segments=4, batch_size=2)
    first, second = members(campaign, 2)
    claim_work(first, campaign)
    Assignment.objects.update(lease_until=timezone.now() - timedelta(minutes=1))
    expire_leases()
    answered(campaign, second, lambda item: 3)
    claim_work(first, campaign)
    coverage = coverage_of(campaign)
    rows = {row.label: [cell.text for cell in row.cells] for row in coverage.matrix.rows}
    assert rows == {first.code: ["0 ×2", "0 ×2", "0 +2", "0 +2"], second.code: ["2"] * 4}
    assert coverage.matrix.columns == ["1", "2", "3", "4"]


def test_pairs_share_what_both_have_finished():
    campaign = opened(raters_per_item=3, n_segments=3)
    first, second, third = members(campaign, 3)
    answered(campaign, first, lambda item: 3)
    answered(campaign, second, lambda item: 3)
    claim_work(third, campaign)
    grid = coverage_of(campaign).pairs
    codes = sorted([first.code, second.code, third.code])
    shared = {
        frozenset((row.label, column)): cell.text
        for row in grid.rows
        for column, cell in zip(grid.columns, row.cells, strict=False)
    }
    assert shared[frozenset((first.code, second.code))] == "6"
    assert shared[frozenset((first.code, third.code))] == "0"
    assert [row.label for row in grid.rows] == codes[1:]


def test_who_stopped_with_work_in_hand_is_named():
    campaign = opened()
    first, second = members(campaign, 2)
    claim_work(first, campaign)
    assert alarms(campaign) == []
    long_ago = timezone.now() - timedelta(days=5, hours=1)
    Assignment.objects.update(created_at=long_ago)
    assert alarms(campaign) == [
        f"{first.code} has done nothing for 5 days and has 12 items unfinished."
    ]
    assignment = first.assignments.order_by("position").first()
    submit_rating(assignment=assignment, key=uuid.uuid4(), sequence=1, answer={"score": 3})
    assert alarms(campaign) == []
    Rating.objects.update(updated_at=long_ago)
    Assignment.objects.update(lease_until=timezone.now() - timedelta(minutes=1))
    expire_leases()
    assert "has 11 items unfinished" in alarms(campaign)[0]
    answered(campaign, second, lambda item: 3)
    assert alarms(campaign) == []


def test_items_that_nobody_may_take_any_more_are_counted():
    campaign = opened(raters_per_item=2)
    (only,) = members(campaign, 1)
    claim_work(only, campaign)
    sentence = "12 items want more annotators, but everybody has had them; add somebody."
    assert alarms(campaign) == [sentence]
    members(campaign, 2)
    assert alarms(campaign) == []
    Campaign.objects.update(state=Campaign.State.CLOSED)
    campaign.refresh_from_db()
    campaign.memberships.exclude(user=only.user).delete()
    assert alarms(campaign) == []


def test_pairs_with_too_little_in_common_are_named():
    campaign = opened("overlap", design_options={"percent": 20}, raters_per_item=2, n_segments=30)
    first, second, third = members(campaign, 3)
    claim_work(first, campaign)
    claim_work(second, campaign)
    for rater in (first, second):
        for assignment in rater.assignments.filter(state="open"):
            submit_rating(assignment=assignment, key=uuid.uuid4(), sequence=1, answer={"score": 3})
    (sentence,) = alarms(campaign)
    shared = coverage_of(campaign).pairs.rows[0].cells[0].text
    assert re.match(r"1 of 1 pairs of annotators share fewer than 20 items", sentence)
    assert f"with {shared};" in sentence and {first.code, second.code} <= set(sentence.split())
    assert third.code not in sentence


def test_who_is_far_faster_or_slower_than_others_is_named():
    campaign = opened(raters_per_item=4)
    annotators = members(campaign, 4)
    for rater, seconds in zip(annotators, (30, 28, 5, 200), strict=True):
        rate_all(campaign, rater, seconds)
    assert alarms(campaign) == sorted(
        [
            f"{annotators[2].code} is far faster than others: 5 seconds, usual is 29.",
            f"{annotators[3].code} is far slower than others: 200 seconds, usual is 29.",
        ],
        key=lambda sentence: sentence[:6],
    )


def test_coverage_asks_the_database_little(django_assert_max_num_queries):
    campaign = opened(raters_per_item=3, n_segments=40, batch_size=40)
    for rater in members(campaign, 3):
        claim_work(rater, campaign)
    with django_assert_max_num_queries(12):
        coverage_of(campaign)


@pytest.fixture
def alice():
    client = Client()
    client.force_login(people.alice())
    return client


def page(client, campaign):
    return client.get(reverse("annotation:campaign_detail", args=[campaign.pk])).content.decode()


def test_a_drafts_page_shows_the_plan_or_why_there_is_none(alice):
    campaign = people.small_campaign(raters_per_item=2, design="bibd")
    text = page(alice, campaign)
    assert "What the plan asks" in text and 'class="heat-5"' in text and "80 % power" in text
    assert "Coverage" not in text and "style=" not in text
    campaign.systems.clear()
    assert "the campaign has no system" in page(alice, campaign)


def test_a_running_campaigns_page_shows_coverage(alice, django_assert_max_num_queries):
    campaign = opened(raters_per_item=2)
    assert "Nobody has been given an item yet." in page(alice, campaign)
    for rater in members(campaign, 2):
        answered(campaign, rater, lambda item: 4)
    with django_assert_max_num_queries(25):
        text = page(alice, campaign)
    assert "Items that each two have both finished" in text and "style=" not in text
    assert "of 24 planned" in text
    Item.objects.filter(pk=campaign.items.first().pk).update(n_wanted=3)
    assert "of 25 planned" in page(alice, campaign)


def posted(campaign, **fields):
    return {
        "name": "new",
        "dataset": campaign.dataset_id,
        "protocol": "sqm",
        "sqm_scale": "translation",
        "systems": [system.pk for system in campaign.systems.all()],
        "raters_per_item": 2,
        "batch_size": 10,
        "lease_minutes": 240,
        "seed": 1,
        **fields,
    }


def test_a_campaign_is_made_with_its_design(alice):
    old = people.small_campaign("old")
    fields = {"design": "overlap", "design_percent": 50, "design_places": 3, "adjudicate_by": 2}
    response = alice.post(reverse("annotation:campaign_new"), posted(old, **fields))
    campaign = Campaign.objects.get(name="new")
    assert response.status_code == 302 and campaign.design == "overlap"
    assert campaign.options == {
        "scale": "translation",
        "design": {"percent": 50},
        "adjudicate": {"differ_by": 2.0},
    }


def test_defaults_make_a_uniform_campaign(alice):
    old = people.small_campaign("old")
    alice.post(reverse("annotation:campaign_new"), posted(old))
    campaign = Campaign.objects.get(name="new")
    assert campaign.design == "uniform" and campaign.options == {"scale": "translation"}


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"design": "bibd", "design_places": 2, "raters_per_item": 3}, "need 2 to 2 annotators"),
        ({"design": "bibd", "design_places": 99}, "less than or equal to 20"),
        ({"design": "chaos"}, "Select a valid choice"),
        ({"adjudicate_by": -1}, "above 0"),
        ({"adjudicate_by": "nan"}, "Enter a number"),
        ({"adjudicate_by": 2, "raters_per_item": 1}, "2 or more"),
    ],
)
def test_a_design_that_cannot_work_is_refused_on_the_form(alice, fields, sentence):
    old = people.small_campaign("old")
    response = alice.post(reverse("annotation:campaign_new"), posted(old, **fields))
    assert response.status_code == 422 and sentence in response.content.decode()
    assert not Campaign.objects.filter(name="new").exists()
