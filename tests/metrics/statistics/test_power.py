import math

import numpy as np
import pytest
from scipy.stats import binomtest

from metrics.statistics import (
    detectable_win_rate,
    fisher_interval,
    paired_sample_size,
    sign_test_power,
    sign_test_sample_size,
)


@pytest.mark.parametrize(
    ("n", "expected"),
    [(25, 0.77), (50, 0.705), (100, 0.65), (150, 0.62), (300, 0.585), (600, 0.56)],
)
def test_the_sample_size_table_is_reproduced(n, expected):
    """The planner's table gives win rates rounded up to the next 0.005."""
    assert math.ceil(detectable_win_rate(n) * 200) / 200 == pytest.approx(expected)


def test_power_is_the_chance_that_the_exact_test_rejects():
    n, rate = 30, 0.7
    chance = [math.comb(n, k) * rate**k * (1 - rate) ** (n - k) for k in range(n + 1)]
    reject = [binomtest(k, n).pvalue <= 0.05 for k in range(n + 1)]
    assert sign_test_power(n, rate) == pytest.approx(np.dot(chance, reject))


def test_wins_and_losses_have_the_same_power():
    assert sign_test_power(80, 0.3) == pytest.approx(sign_test_power(80, 0.7))


def test_a_true_null_is_rejected_at_most_as_often_as_alpha():
    assert all(sign_test_power(n, 0.5) <= 0.05 for n in range(1, 200))


def test_too_few_items_find_nothing():
    assert sign_test_power(5, 0.99) == 0.0
    assert np.isnan(detectable_win_rate(5))


@pytest.mark.parametrize("rate", [0.56, 0.62, 0.7, 0.9, 0.3])
def test_the_sample_size_has_the_power_from_there_on(rate):
    n = sign_test_sample_size(rate)
    assert sign_test_power(n - 1, rate) < 0.8
    assert all(sign_test_power(m, rate) >= 0.8 for m in range(n, 2 * n))


def test_a_win_rate_of_one_half_needs_no_sample_size():
    with pytest.raises(ValueError, match="needs no sample size"):
        sign_test_sample_size(0.5)


def test_paired_sample_size_by_hand():
    # 2 * 196.8 * ((1.959964 + 0.841621) / 3)^2 = 343.2
    assert paired_sample_size(3, system_segment_variance=0, residual_variance=196.8) == 344
    assert paired_sample_size(-3, system_segment_variance=0, residual_variance=196.8) == 344


def test_more_ratings_need_fewer_segments():
    one, three = (
        paired_sample_size(2, system_segment_variance=20, residual_variance=197, ratings=r)
        for r in (1, 3)
    )
    assert three < one


@pytest.mark.parametrize(
    ("n", "r", "low", "high"),
    [(25, 0.5, 0.13, 0.75), (150, 0.3, 0.15, 0.44), (500, 0.5, 0.43, 0.56)],
)
def test_fisher_intervals_are_reproduced(n, r, low, high):
    found = fisher_interval(r, n)
    assert (round(found.low, 2), round(found.high, 2)) == (low, high)


def test_fisher_needs_four_pairs():
    assert np.isnan(fisher_interval(0.5, 3).low)
    assert fisher_interval(1.0, 30) == (1, 1, 1)


def test_a_correlation_beyond_one_is_refused():
    with pytest.raises(ValueError, match="between -1 and 1"):
        fisher_interval(1.2, 10)
