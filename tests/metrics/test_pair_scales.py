"""People's difference of two systems on each rater's own scale, beside that of the scores."""

import numpy as np
import pytest

from annotation.models import RatingScore
from metrics.analyses.frame import load_frame
from metrics.analyses.pair_scales import COMPARISONS, NO_Z, standardised_cells
from metrics.analyses.pairs import domain_table, pair_table
from metrics.analyses.settings import Settings
from metrics.reports.payload import build_payload
from metrics.reports.sections.verdicts import Verdicts
from tests import people
from tests.metrics.studies import study

pytestmark = pytest.mark.django_db
FAST = Settings(resamples=100, permutations=200)


def of_rater(campaign, code, system):
    return RatingScore.objects.filter(
        rating__item__campaign=campaign, rating__annotator__code=code, output__system__name=system
    )


def test_z_is_each_raters_own_and_the_difference_a_mean_over_segments():
    campaign = study()
    (row,) = pair_table(load_frame(campaign), [], FAST)
    by_rater = []
    for code in ("r1", "r2"):
        given = [
            of_rater(campaign, code, system)
            .order_by("output__segment__position")
            .values_list("value", flat=True)
            for system in ("base", "lora")
        ]
        both = np.array([list(values) for values in given])
        by_rater.append((both - both.mean()) / both.std(ddof=1))
    base, lora = np.mean(by_rater, axis=0)
    assert row["human"] == "score" and row["human_delta"] < 0
    assert row["human_z_delta"] == pytest.approx((base - lora).mean())
    assert row["human_z_low"] < row["human_z_delta"] < row["human_z_high"] < 0
    assert (row["people_say"], row["people_say_z"]) == ("worse", "worse")
    assert (row["human_z_n"], row["n_other_raters"], row["human_z_reason"]) == (12, 0, None)


def test_a_strict_rater_of_one_system_only_is_in_the_scores_and_not_in_z():
    campaign = study()
    of_rater(campaign, "r1", "lora").delete()
    for score in of_rater(campaign, "r1", "base"):
        score.value += 40  # so lenient that base is ahead
        score.save()
    of_rater(campaign, "r2", "base").delete()
    (row,) = pair_table(load_frame(campaign), [], FAST)
    assert row["n_other_raters"] == 12
    assert row["human_delta"] > 20 and row["people_say"] == "better"
    assert abs(row["human_z_delta"]) < 1e-9 and row["people_say_z"] == "not separable"


def test_without_a_spread_there_is_no_z_and_a_reason():
    campaign = study()
    RatingScore.objects.update(value=50)
    (row,) = pair_table(load_frame(campaign), [], FAST)
    assert row["human_z_delta"] is None and row["people_say_z"] == "not defined"
    assert row["human_z_reason"] == NO_Z


def test_comparisons_have_no_scale_of_a_raters_own():
    frame = load_frame(people.small_campaign("pairs", "sidebyside"))
    cells = standardised_cells(frame, [(0, 1)], FAST)[0, 1]
    assert cells["human_z_reason"] == COMPARISONS and cells["n_other_raters"] is None


def test_within_a_domain_it_is_the_scores_that_are_compared():
    rows = domain_table(load_frame(study()), [], FAST)
    assert {row["human"] for row in rows} == {"score"}
    assert all(0 < row["human_heterogeneity_p"] <= 1 for row in rows)


def test_equal_differences_have_no_test_over_domains_and_say_why():
    campaign = study()
    RatingScore.objects.update(value=50)
    for row in domain_table(load_frame(campaign), [], FAST):
        assert np.isnan(row["human_heterogeneity_p"])
        assert "no p over domains (human): all differences are equal" in row["reason"]


def test_the_report_shows_both_and_names_the_pairs_that_part():
    campaign = study()
    payload = build_payload(campaign, settings=FAST)
    shown = Verdicts().shown(payload)
    assert len(shown["standardised"]["rows"]) == 1 and shown["parted"] == []
    payload["pairs"][0]["people_say_z"] = "not separable"
    assert Verdicts().shown(payload)["parted"] == ["base vs. lora"]


def test_equal_differences_of_thirds_are_equal():
    campaign = study(raters=("r1", "r2", "r3"), n_segments=2)
    thirds = {("base", 0): 10, ("lora", 0): 8, ("base", 1): 5, ("lora", 1): 3}
    for (system, segment), total in thirds.items():
        scores = RatingScore.objects.filter(
            output__system__name=system, output__segment__key=f"s{segment}"
        ).order_by("pk")
        for score, value in zip(scores, (0, 0, total), strict=True):
            score.value = value
            score.save()
    deltas = load_frame(campaign).deltas(0, 1)  # 3.3… - 2.6… and 1.6… - 1
    assert deltas[0] == deltas[1] == pytest.approx(2 / 3)
