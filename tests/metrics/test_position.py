"""Does the place an output is shown in decide which one is preferred?"""

import pytest
from django.utils import timezone
from scipy.stats import binomtest

from annotation.models import Annotator, Assignment, Campaign, Item, ItemOutput, Rating, RatingScore
from common.text import text_hash
from metrics.analyses.position import position_table
from metrics.analyses.settings import Settings
from metrics.reports.payload import build_payload
from metrics.reports.sections.position import Position
from models_app.models import Dataset, Output, Segment, System
from tests.metrics.studies import study

pytestmark = pytest.mark.django_db
FAST = Settings(resamples=100, permutations=200)


@pytest.fixture
def campaign():
    """r1 always takes the first one shown, of six; r2 always slot 0, and has two ties."""
    dataset = Dataset.objects.create(name="pairs", source_lang="mr", target_lang="mr")
    campaign = Campaign.objects.create(name="pairs", dataset=dataset, protocol="sidebyside")
    systems = [System.objects.create(name=name) for name in "ab"]
    campaign.systems.set(systems)
    people = [Annotator.objects.create(code=code, scope="pairs") for code in ("r1", "r2")]
    for n in range(6):
        segment = Segment.objects.create(dataset=dataset, key=f"s{n}", position=n, source="?")
        item = Item.objects.create(campaign=campaign, segment=segment, position=n, block=n)
        outputs = []
        for slot, system in enumerate(systems):
            text = f"{system.name}{n}"
            outputs.append(
                Output.objects.create(
                    system=system, segment=segment, text=text, text_hash=text_hash(text)
                )
            )
            ItemOutput.objects.create(item=item, output=outputs[-1], slot=slot)
        for person in people:
            order = [n % 2, 1 - n % 2]
            Assignment.objects.create(
                item=item,
                annotator=person,
                position=n,
                order=order,
                state="done",
                lease_until=timezone.now(),
            )
            taken = order[0] if person.code == "r1" else 0
            rating = Rating.objects.create(item=item, annotator=person, is_complete=True)
            for slot, output in enumerate(outputs):
                value = 0.5 if person.code == "r2" and n < 2 else float(slot == taken)
                RatingScore.objects.create(
                    rating=rating, output=output, criterion="preference", value=value
                )
    return campaign


def test_whoever_always_takes_the_first_is_seen(campaign, django_assert_num_queries):
    with django_assert_num_queries(3):
        rows = {row["annotator"]: row for row in position_table(campaign, FAST)}
    first = rows["r1"]
    assert (first["n_first"], first["n"], first["n_ties"]) == (6, 6, 0)
    assert first["p"] == pytest.approx(2 / 2**6)
    assert first["p_adjusted"] == pytest.approx(min(1, 2 * first["p"]))
    assert (rows["r2"]["n_first"], rows["r2"]["n"], rows["r2"]["n_ties"]) == (2, 4, 2)
    assert (rows[None]["n_first"], rows[None]["n"]) == (8, 10)
    assert rows[None]["p"] == pytest.approx(binomtest(8, 10).pvalue)


def test_the_report_says_it_and_draws_it(campaign):
    payload = build_payload(campaign, settings=FAST)
    shown = Position().shown(payload)
    assert "8 of 10" in shown["sentence"]
    assert shown["figure"]["spec"]["data"][0]["x"] == [0.5, 1.0, 0.8]


def test_nothing_but_ties_is_not_defined(campaign):
    RatingScore.objects.update(value=0.5)
    row = position_table(campaign, FAST)[0]
    assert row["n"] == 0 and row["n_ties"] == 12
    assert row["share_first"] != row["share_first"] and row["reason"]
    assert Position().shown(build_payload(campaign, settings=FAST))["figure"]["spec"] is None


def test_a_campaign_that_compares_nothing_has_no_such_table():
    assert "position" not in build_payload(study(), settings=FAST)
