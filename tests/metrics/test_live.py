"""A running campaign at a glance: right numbers, few queries, nothing for strangers."""

import uuid
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from annotation import summaries
from annotation.models import Annotator, Assignment, Item, ItemOutput, Rating, Summary
from annotation.services import claim_work, open_campaign, submit_rating
from metrics.analyses import live
from metrics.analyses.controls_so_far import controls_so_far
from metrics.analyses.live import agreement_so_far, progress_of
from tests import people
from tests.metrics.studies import study

pytestmark = pytest.mark.django_db


@pytest.fixture
def campaign():
    campaign = people.small_campaign("study", "sqm", raters_per_item=2, batch_size=50)
    open_campaign(campaign)
    campaign.refresh_from_db()
    return campaign


def answer(campaign, code, scores, seconds=10.0):
    """One annotator's first answers, in the campaign's order."""
    annotator = Annotator.objects.get_or_create(code=code)[0]
    claim_work(annotator, campaign)
    mine = Assignment.objects.filter(annotator=annotator, item__campaign=campaign)
    for assignment, score in zip(mine.order_by("item__position"), scores, strict=False):
        submit(assignment, score, seconds)


def submit(assignment, score, seconds=10.0, **more):
    return submit_rating(
        assignment=assignment,
        key=uuid.uuid4(),
        sequence=1,
        answer={"score": score},
        active_seconds=seconds,
        **more,
    )


def page_of(client, campaign, **query):
    return client.get(reverse("metrics:live", args=[campaign.pk]), query)


def test_progress_counts_done_held_and_left(campaign):
    answer(campaign, "r1", [1, 2, 3, 4], seconds=10)
    answer(campaign, "r2", [1, 2], seconds=30)
    progress = progress_of(campaign)
    assert (progress.n_wanted, progress.n_done, progress.n_open, progress.n_left) == (24, 6, 18, 0)
    assert [(w.code, w.n_done, w.n_open, w.seconds) for w in progress.workers] == [
        ("r1", 4, 8, 10),
        ("r2", 2, 10, 30),
    ]
    assert progress.seconds == 10


def test_the_pace_is_that_of_the_last_day_and_the_end_follows_from_it(campaign):
    answer(campaign, "r1", range(6))
    now = timezone.now()
    Assignment.objects.update(created_at=now - timedelta(hours=3))
    pace = progress_of(campaign, now).pace
    assert pace.per_hour == pytest.approx(2) and pace.hours == pytest.approx(3)
    assert pace.ends_at == pytest.approx(now + timedelta(hours=9), abs=timedelta(seconds=1))
    Assignment.objects.filter(state="done").update(done_at=now - timedelta(days=2))
    assert progress_of(campaign, now).pace.per_hour is None


def test_too_few_ratings_project_nothing(campaign):
    answer(campaign, "r1", [1] * (live.FEWEST - 1))
    pace = progress_of(campaign).pace
    assert (pace.per_hour, pace.ends_at) == (None, None)


def test_nothing_left_has_no_end(campaign):
    for code in ("r1", "r2"):
        answer(campaign, code, [n % 7 for n in range(12)])
    assert progress_of(campaign).pace.per_hour is None  # after seconds, no pace is known
    progress = progress_of(campaign, timezone.now() + timedelta(hours=1))
    assert progress.n_done == 24 and progress.pace.ends_at is None and progress.pace.per_hour


def test_agreement_so_far_is_alpha_of_the_main_criterion(campaign):
    answer(campaign, "r1", [0, 1, 2, 3, 4, 5])
    answer(campaign, "r2", [0, 1, 2, 3, 4, 5])
    row = agreement_so_far(campaign)
    assert (row["criterion"], row["value"], row["n_units"]) == ("score", 1.0, 6)


def test_agreement_of_a_big_campaign_is_kept(campaign, monkeypatch):
    monkeypatch.setattr(summaries, "BIG", 1)
    answer(campaign, "r1", [0, 1, 2])
    answer(campaign, "r2", [0, 1, 2])
    first = agreement_so_far(campaign)
    with CaptureQueriesContext(connection) as asked:
        assert agreement_so_far(campaign) == first
    assert len(asked) == 1
    Summary.objects.all().delete()
    assert agreement_so_far(campaign)["as_of"] > first["as_of"]


def control(campaign, purpose, origin, expected=None, text=None):
    item = Item.objects.create(
        campaign=campaign,
        segment=origin.segment,
        position=1000 + campaign.items.count(),
        block=origin.block,
        purpose=purpose,
        origin=origin,
        expected=expected or {},
    )
    slot = origin.slots.get()
    ItemOutput.objects.create(item=item, output=slot.output, slot=0, changed_text=text)
    annotator = Annotator.objects.get(code="r1")
    return Assignment.objects.create(
        item=item,
        annotator=annotator,
        position=item.position,
        order=[0],
        lease_until=timezone.now() + timedelta(hours=1),
    )


def test_controls_are_counted_against_what_is_known_and_against_the_origin(campaign):
    answer(campaign, "r1", [5, 5, 2, 3, 4])
    items = list(campaign.items.judged().order_by("position"))
    submit(control(campaign, "known", items[5], {"score_min": 4}), 5)
    submit(control(campaign, "known", items[6], {"score_min": 4}), 3)
    submit(control(campaign, "damaged", items[0], text="धावला"), 2)
    submit(control(campaign, "damaged", items[1], text="धावला"), 5)
    submit(control(campaign, "damaged", items[11], text="धावला"), 1)  # its origin is not answered
    submit(control(campaign, "repeat", items[2]), 2)
    submit(control(campaign, "repeat", items[3]), 6)
    (row,) = controls_so_far(campaign)
    assert (row.n_right, row.n_known, row.n_found, row.n_damaged) == (1, 2, 1, 2)
    assert (row.n_alike, row.n_repeats, row.distance) == (1, 2, 1.5)
    assert progress_of(campaign).n_done == 5


def test_the_page_says_all_of_it(client, campaign):
    answer(campaign, "r1", [1, 2, 3])
    mine = Assignment.objects.filter(annotator__code="r1", state="open").first()
    submit(mine, 4, flagged=True, note="<script>alert(1)</script>")
    client.force_login(people.alice())
    html = page_of(client, campaign).content.decode()
    for text in ("4 of 24 ratings done, 1 flagged.", "r1", "Flagged items", "As of", "live.js"):
        assert text in html
    assert "<script>alert" not in html and "&lt;script&gt;alert" in html


def test_the_part_is_the_same_without_the_page(client, campaign):
    client.force_login(people.alice())
    part = page_of(client, campaign, part="1")
    html = part.content.decode()
    assert "<html" not in html and "data-live-part" in html
    assert "no-store" in part.headers["Cache-Control"]


def test_a_draft_and_an_imported_campaign_have_nothing_to_follow(client):
    draft, imported = people.small_campaign("draft", "sqm"), study()
    client.force_login(people.alice())
    for campaign in (draft, imported):
        html = page_of(client, campaign).content.decode()
        assert "Nothing to follow" in html and "live.js" not in html


@pytest.mark.parametrize(
    ("person", "status"), [("bob", 404), ("charlie", 404), ("alice", 200), ("ada", 200)]
)
def test_it_is_for_the_campaign_s_researchers(client, campaign, person, status):
    client.force_login(getattr(people, person)())
    assert page_of(client, campaign).status_code == status
    assert page_of(client, campaign, part="1").status_code == status


def test_its_queries_are_few_and_do_not_grow(client, campaign, django_assert_max_num_queries):
    client.force_login(people.alice())
    answer(campaign, "r1", [1, 2, 3])
    item = campaign.items.judged().order_by("position").first()
    submit(control(campaign, "repeat", item), 1)
    Rating.objects.update(flagged=True)
    page_of(client, campaign)
    with CaptureQueriesContext(connection) as few:
        page_of(client, campaign, part="1")
    for code in ("r2", "r3"):
        answer(campaign, code, [1, 2, 3, 4, 5])
    Rating.objects.update(flagged=True)
    with django_assert_max_num_queries(len(few)):
        page_of(client, campaign, part="1")
    assert len(few) <= 30
