"""Campaigns put together by language: whose count, what is pooled, who sees them."""

import csv
import io
import math
from datetime import timedelta

import numpy as np
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from annotation.models import Campaign, Rating
from metrics.analyses.across import FIELDS, across_rows, gather
from metrics.statistics.pooled import pooled_share
from tests import people
from tests.metrics.packing import report_of
from tests.metrics.studies import scored, study

LANGUAGES = {"first": ("en", "mr"), "second": ("en", "hi"), "third": ("en", "ga")}


def reported(name: str) -> Campaign:
    campaign = study(name, systems=("base", "lora"), raters=(f"{name}1", f"{name}2"))
    campaign.dataset.source_lang, campaign.dataset.target_lang = LANGUAGES[name]
    campaign.dataset.save()
    scored(campaign, ("bleu",))
    report_of(campaign)
    return campaign


def test_strata_weigh_as_many_units_as_they_have():
    found = pooled_share([0.2, 0.5], [0.1, 0.4], [0.3, 0.6], [300, 100])
    assert found.share == pytest.approx(0.275) and found.n == 400
    half = 0.1 * math.hypot(0.75, 0.25)
    assert (found.low, found.high) == pytest.approx((0.275 - half, 0.275 + half))
    assert (found.lowest, found.highest) == (0.2, 0.5)
    q = 2 * (0.15 / (0.1 / 1.959964)) ** 2
    assert found.i2 == pytest.approx(1 - 1 / q, rel=1e-6)


def test_the_interval_covers_the_share_of_the_strata():
    rng = np.random.default_rng(3)
    true, n = np.array([0.1, 0.3, 0.6]), np.array([200, 400, 100])
    hits = 0
    for _ in range(400):
        share = rng.binomial(n, true) / n
        half = 1.959964 * np.sqrt(share * (1 - share) / n)
        found = pooled_share(share, share - half, share + half, n)
        hits += found.low <= n @ true / n.sum() <= found.high
    assert 0.92 <= hits / 400 <= 0.98


def test_what_has_no_share_or_interval_is_not_made_up():
    nan = math.nan
    assert math.isnan(pooled_share([], [], [], []).share)
    assert pooled_share([nan], [nan], [nan], [0]).reason == "no share is known"
    some = pooled_share([0.2, 0.4], [0.1, nan], [0.3, nan], [10, 10])
    assert some.share == pytest.approx(0.3) and math.isnan(some.low) and some.reason
    assert math.isnan(pooled_share([0.2], [0.1], [0.3], [10]).i2)
    with pytest.raises(ValueError, match="same length"):
        pooled_share([0.2], [0.1], [0.3], [10, 20])


@pytest.mark.django_db
def test_campaigns_are_grouped_by_language_family_script_and_class():
    campaigns = [reported(name) for name in LANGUAGES]
    found = gather(Campaign.objects.visible_to(people.alice()))
    assert [one.campaign for one in found.told] == campaigns
    rows = {(row["by"], row["group"]): row for row in across_rows(found.told)}
    assert {group for by, group in rows if by == "languages"} == {"en→mr", "en→hi", "en→ga"}
    assert rows["script", "Deva"]["n_campaigns"] == 2
    assert rows["script", "Latn"]["n_campaigns"] == 1
    everything = rows["all", ""]
    assert everything["n_campaigns"] == everything["pairs"] == 3
    mine = [one.reversals[0] for one in found.told]
    pooled = sum(row["share"] * row["n"] for row in mine) / sum(row["n"] for row in mine)
    assert everything["reversals"] == pytest.approx(pooled)


@pytest.mark.django_db
def test_a_report_older_than_the_data_and_simulated_ratings_do_not_count():
    stale, simulated = reported("first"), reported("second")
    Rating.objects.filter(item__campaign=stale).update(
        updated_at=timezone.now() + timedelta(minutes=1)
    )
    Campaign.objects.filter(pk=simulated.pk).update(origin=Campaign.Origin.SIMULATED)
    without = study("third", raters=("x", "y"))
    found = gather(Campaign.objects.visible_to(people.alice()))
    assert (found.told, found.stale, found.without) == ([], [stale], [without])
    assert found.simulated == [simulated]


@pytest.mark.django_db
def test_the_page_and_its_file(client):
    reported("first")
    client.force_login(people.alice())
    page = client.get(reverse("metrics:across"))
    assert page.status_code == 200 and "English → Marathi" in page.content.decode()
    rows = list(csv.reader(io.StringIO(client.get(reverse("metrics:across_csv")).content.decode())))
    assert tuple(rows[0]) == FIELDS and rows[1][0] == "bleu"


@pytest.mark.django_db
def test_nobody_sees_campaigns_of_others(client):
    reported("first")
    other = people.charlie()
    study("third", raters=("x", "y")).memberships.create(user=other, role="researcher")
    client.force_login(other)
    page = client.get(reverse("metrics:across"))
    assert page.status_code == 200 and page.context["parts"] == []
    assert "first" not in page.content.decode()
    assert client.get(reverse("metrics:across_csv")).content.decode().count("\n") == 1


@pytest.mark.django_db
def test_the_number_of_queries_does_not_grow_with_campaigns(client):
    client.force_login(people.alice())
    counts = []
    for name in LANGUAGES:
        reported(name)
        with CaptureQueriesContext(connection) as asked:
            assert client.get(reverse("metrics:across")).status_code == 200
        counts.append(len(asked))
    assert len(set(counts)) == 1 and counts[0] <= 12
