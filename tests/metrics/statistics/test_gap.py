"""Gaps, quadrants and reversals, by hand and against brute force."""

import math

import numpy as np
import pytest
from statsmodels.stats.proportion import proportion_confint

from metrics.statistics import QUADRANTS, quadrants, reversal_shares, standardised_gap
from metrics.statistics.gap import shares

NAN = math.nan


def test_shares_are_mid_ranks_from_0_to_1():
    assert shares([3.0, 1.0, 1.0, NAN, 9.0]).tolist()[:3] == pytest.approx([2 / 3, 1 / 6, 1 / 6])
    assert math.isnan(shares([3.0, NAN])[0])


def test_the_rank_gap_is_the_metrics_share_less_the_peoples():
    gap = standardised_gap([[1.0, 2.0], [3.0, NAN]], [[9.0, 8.0], [7.0, 6.0]])
    assert gap[0].tolist() == [1.0, 0.0]
    assert gap[1, 0] == -1.0 and math.isnan(gap[1, 1])


def test_the_gap_turns_when_the_sides_are_exchanged_and_ignores_units():
    rng = np.random.default_rng(1)
    human, metric = rng.normal(size=(2, 40))
    for scale in ("rank", "z"):
        gap = standardised_gap(human, metric, scale=scale)
        assert gap == pytest.approx(-standardised_gap(metric, human, scale=scale))
        assert gap == pytest.approx(standardised_gap(10 * human + 3, metric, scale=scale))


def test_the_z_gap_is_a_difference_of_z_scores():
    gap = standardised_gap([1.0, 2.0, 3.0], [3.0, 2.0, 1.0], scale="z")
    assert gap.tolist() == pytest.approx([2.0, 0.0, -2.0])


@pytest.mark.parametrize("scale", ["rank", "z"])
def test_too_few_outputs_have_no_gap(scale):
    assert np.isnan(standardised_gap([1.0], [2.0], scale=scale)).all()
    assert standardised_gap([], [], scale=scale).size == 0


def test_a_side_that_does_not_vary_has_no_z_gap():
    assert np.isnan(standardised_gap([1.0, 1.0], [1.0, 2.0], scale="z")).all()
    with pytest.raises(ValueError, match="no scale"):
        standardised_gap([1.0], [1.0], scale="log")
    with pytest.raises(ValueError, match="shape"):
        standardised_gap([1.0], [1.0, 2.0])


def test_quadrants_are_split_at_the_medians_or_where_one_says():
    human, metric = [0.0, 10.0, 0.0, 10.0, 5.0], [0.0, 0.0, 1.0, 1.0, NAN]
    assert quadrants(human, metric).tolist() == [0, 1, 2, 3, -1]
    assert [QUADRANTS[q] for q in (1, 2)] == ["only people high", "only metric high"]
    assert quadrants(human, metric, human_from=11, metric_from=0).tolist() == [2, 2, 2, 2, -1]
    assert quadrants([NAN], [1.0]).tolist() == [-1]


def reversals(human, metric, segments, **options):
    return reversal_shares(human, metric, segments, rng=np.random.default_rng(3), **options)


def test_reversals_are_counted_on_pairs_where_people_prefer_one():
    human = [1.0, 1.0, -1.0, 0.0, NAN, 2.0]
    metric = [-1.0, 2.0, 3.0, 5.0, -1.0, 0.0]
    (row,) = reversals(human, metric, [0, 1, 2, 3, 4, 5])
    assert (row.n, row.n_segments) == (4, 4)
    assert (row.share, row.tied) == (0.5, 0.25)
    assert row.low <= 0.5 <= row.high and not row.reason


def test_the_interval_draws_whole_segments():
    rng = np.random.default_rng(5)
    human, metric = rng.normal(size=(2, 120))
    segments = np.repeat(np.arange(30), 4)
    (row,) = reversals(human, metric, segments, resamples=4000)
    wrong = (human * metric < 0).reshape(30, 4).mean(axis=1)
    drawn = wrong[np.random.default_rng(8).integers(0, 30, size=(4000, 30))].mean(axis=1)
    assert row.share == pytest.approx(wrong.mean())
    assert [row.low, row.high] == pytest.approx(np.quantile(drawn, [0.025, 0.975]), abs=0.02)


def test_groups_may_overlap_and_share_the_draws():
    human, metric, segments = np.ones(6), [-1, -1, 1, 1, 1, 1], [0, 1, 2, 3, 4, 5]
    everything = [True] * 6
    groups = {"all": everything, "again": everything, "first": [True, True] + [False] * 4}
    found = reversals(human, metric, segments, groups=groups)
    assert found[0]._replace(group="") == found[1]._replace(group="")
    assert (found[2].share, found[2].high, found[2].n) == (1.0, 1.0, 2)


def test_a_share_of_0_or_1_is_not_certain():
    (row,) = reversals(np.ones(70), -np.ones(70), np.arange(70))
    low, high = proportion_confint(70, 70, method="wilson")
    assert (row.share, row.low, row.high) == pytest.approx((1.0, low, high))
    (row,) = reversals(np.ones(20), np.ones(20), np.repeat(np.arange(10), 2))
    low, high = proportion_confint(0, 10, method="wilson")  # ten segments, not twenty pairs
    assert (row.share, row.low, row.high) == pytest.approx((0.0, low, high))


def test_undefined_reversals_say_why():
    (row,) = reversals([0.0, NAN], [1.0, 1.0], [0, 1])
    assert math.isnan(row.share) and row.reason
    (row,) = reversals([1.0, 1.0], [1.0, -1.0], [0, 0])
    assert row.share == 0.5 and math.isnan(row.low) and "one segment" in row.reason
    (row,) = reversals([], [], [])
    assert row.n == 0 and row.reason
    assert reversals([1.0], [1.0], [0], groups={}) == []
    with pytest.raises(ValueError, match="differences"):
        reversals([1.0], [1.0, 2.0], [0])
    with pytest.raises(ValueError, match="mask"):
        reversals([1.0], [1.0], [0], groups={"a": [True, False]})
