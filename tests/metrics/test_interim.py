"""Where a running campaign stands: finished segments count, in the order they were finished."""

import uuid

import numpy as np
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from annotation.models import Annotator, Assignment, Item, RatingEvent
from annotation.services import claim_work, open_campaign, submit_rating
from metrics.analyses.frame import load_frame
from metrics.analyses.interim import ALPHA, LOOKS, Standing, standings
from metrics.reports.display_interim import shown_standings
from metrics.statistics import sequential_verdict
from tests import people

pytestmark = pytest.mark.django_db


def opened(protocol="sqm", **fields):
    campaign = people.small_campaign("study", protocol, n_segments=20, batch_size=100, **fields)
    open_campaign(campaign)
    campaign.refresh_from_db()
    return campaign


def work(campaign, code):
    """A person's assignments, in the order they are shown."""
    annotator = Annotator.objects.get_or_create(code=code)[0]
    claim_work(annotator, campaign)
    mine = Assignment.objects.filter(annotator=annotator, item__campaign=campaign)
    return list(mine.order_by("item__position"))


def submit(assignment, answer):
    key = uuid.uuid4()
    submit_rating(assignment=assignment, key=key, sequence=1, answer=answer, active_seconds=5.0)


def lora(assignment):
    """Whether the item holds the second system's output alone."""
    return "lora" in assignment.item.outputs.get().system.name


def stand(campaign, **options):
    return standings(campaign, load_frame(campaign), **options)


def test_nothing_judged_waits_for_the_first_look():
    (row,) = stand(opened())
    assert (row.verdict.state, row.verdict.n, row.verdict.planned) == ("waiting", 0, 20)
    assert row.first.startswith("secret-base")


def test_a_segment_counts_when_both_outputs_have_all_their_ratings():
    campaign = opened(raters_per_item=2)
    first, second = work(campaign, "r1"), work(campaign, "r2")
    for assignment in first:
        submit(assignment, {"score": 3})
    assert stand(campaign)[0].verdict.n == 0
    for assignment in second[:10]:
        submit(assignment, {"score": 3})
    blocks = [assignment.item.segment_id for assignment in second[:10]]
    both = sum(blocks.count(segment) == 2 for segment in set(blocks))
    assert stand(campaign)[0].verdict.n == both > 0


def test_the_verdict_is_that_of_the_segments_in_the_order_they_were_finished():
    campaign = opened(raters_per_item=1)
    rng = np.random.default_rng(4)
    mine = work(campaign, "r1")
    for assignment in mine[::-1]:
        score = int(rng.integers(0, 4)) + (2 if lora(assignment) else 0)
        submit(assignment, {"score": score})
    frame = load_frame(campaign)
    (row,) = standings(campaign, frame)
    lines = {place.pk: line for line, place in enumerate(frame.segments)}
    order = list(dict.fromkeys(lines[a.item.segment_id] for a in mine[::-1]))
    deltas = frame.deltas(0, 1)[order]
    assert row.verdict == sequential_verdict(deltas, 20, looks=LOOKS, alpha=ALPHA)
    assert row.verdict.state == "resolved" and row.verdict.looks[-1].mean < 0


def test_a_later_correction_does_not_move_a_segment():
    campaign = opened(raters_per_item=1)
    mine = work(campaign, "r1")
    for number, assignment in enumerate(mine[:16]):
        submit(assignment, {"score": number % 5})
    before = [look.n for look in stand(campaign)[0].verdict.looks]
    key = uuid.uuid4()
    submit_rating(assignment=mine[0], key=key, sequence=2, answer={"score": 6}, active_seconds=1.0)
    assert RatingEvent.objects.filter(item=mine[0].item).count() == 2
    assert [look.n for look in stand(campaign)[0].verdict.looks] == before


def test_side_by_side_counts_segments_where_the_two_met():
    campaign = opened("sidebyside", raters_per_item=1)
    items = work(campaign, "r1")
    for assignment in items[:9]:
        submit(assignment, {"better": 0})
    (row,) = stand(campaign)
    n_items = Item.objects.filter(campaign=campaign, needs_rating=True).count()
    assert (row.verdict.n, row.verdict.planned) == (9, n_items)


def test_what_excluded_people_said_does_not_count():
    campaign = opened(raters_per_item=1)
    for assignment in work(campaign, "r1"):
        submit(assignment, {"score": 3})
    assert stand(campaign)[0].verdict.n == 20
    campaign.participations.update(state="excluded")
    assert stand(campaign)[0].verdict.n == 0


def test_it_takes_three_queries_whatever_the_size():
    campaign = opened(raters_per_item=1)
    frame = load_frame(campaign)
    with CaptureQueriesContext(connection) as asked:
        standings(campaign, frame)
    assert len(asked) == 3


def shown(deltas, **options):
    verdict = sequential_verdict(deltas, 300, **options)
    table = shown_standings([Standing("base", "lora", verdict)])
    return verdict, dict(zip(table["columns"], table["rows"][0], strict=True))


def test_each_verdict_is_said_in_words():
    rng = np.random.default_rng(3)
    noise = rng.normal(0, 10, 300)
    noise -= noise[:240].mean()
    verdict, row = shown(-6 + rng.normal(0, 10, 130))
    assert verdict.state == "resolved" and row["Verdict"] == "resolved: lora is better"
    assert row["Difference"].startswith("\u2212") and row["Chance to resolve"] == "–"
    verdict, row = shown(noise[:240])
    assert verdict.state == "futile" and row["Verdict"].startswith("futile")
    assert row["Finished"] == "240 of 300" and row["Chance to resolve"].endswith("%")
    verdict, row = shown(noise)
    assert verdict.state == "ended" and row["Verdict"] == "all judged: not separated"
    verdict, row = shown(noise[:240] + 1.1)
    chance = round(100 * verdict.by_then)
    assert verdict.state == "go on"
    assert row["Verdict"] == f"60 more segments, then a chance of {chance}%"
    verdict, row = shown(noise[:59])
    assert row["Verdict"] == "1 more segment until the first look" and row["Difference"] == "–"
    verdict, row = shown([0.0] * 70)
    assert row["Verdict"] == "50 more segments"
