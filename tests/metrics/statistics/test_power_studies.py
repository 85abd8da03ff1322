"""Power of win rates with ties, paired means and correlations, and the width of agreement."""

from itertools import product
from math import atanh, comb, sqrt
from statistics import NormalDist

import numpy as np
import pytest
from scipy.stats import binomtest
from scipy.stats import t as student
from statsmodels.stats.inter_rater import cohens_kappa
from statsmodels.stats.power import TTestPower

from metrics.statistics import (
    agreement_sample_size,
    agreement_spread,
    cohen_kappa,
    correlation_power,
    correlation_sample_size,
    dependent_correlations_power,
    difference_sd,
    krippendorff_alpha,
    paired_sample_size,
    paired_t_power,
    paired_t_sample_size,
    sign_test_power,
    sign_test_sample_size,
    simulated_correlation_power,
    williams_test,
    win_rate_power,
    win_rate_sample_size,
)
from metrics.statistics.power_agreement import draw_ratings


@pytest.fixture
def rng():
    return np.random.default_rng(12345)


def test_power_with_ties_sums_over_all_outcomes():
    n, win, tie = 16, 0.6, 0.25
    total = 0.0
    for wins, losses in product(range(n + 1), repeat=2):
        ties = n - wins - losses
        if ties < 0 or wins + losses == 0 or binomtest(wins, wins + losses).pvalue > 0.05:
            continue
        ways = comb(n, wins) * comb(n - wins, losses)
        total += ways * win**wins * (1 - win - tie) ** losses * tie**ties
    assert win_rate_power(n, win, tie) == pytest.approx(total, abs=1e-12)


@pytest.mark.parametrize("n", [1, 6, 33, 150])
def test_without_ties_it_is_the_sign_test(n):
    assert win_rate_power(n, 0.62) == pytest.approx(sign_test_power(n, 0.62), abs=1e-12)


@pytest.mark.parametrize(("win", "tie"), [(0.4, 0.3), (0.2, 0.5), (0.5, 0.1), (0.9, 0.1)])
def test_the_win_rate_size_has_the_power_from_there_on(win, tie):
    n = win_rate_sample_size(win, tie)
    assert win_rate_power(n - 1, win, tie) < 0.8
    assert all(win_rate_power(m, win, tie) >= 0.8 for m in range(n, n + 60))


def test_ties_cost_items():
    assert win_rate_sample_size(0.62) == sign_test_sample_size(0.62)
    assert win_rate_sample_size(0.31, 0.5) > win_rate_sample_size(0.62)


@pytest.mark.parametrize(("win", "tie"), [(0.8, 0.3), (-0.1, 0.2), (0.1, 1.0)])
def test_shares_that_are_none_are_refused(win, tie):
    with pytest.raises(ValueError, match="not shares"):
        win_rate_power(50, win, tie)


def test_equal_systems_have_no_sample_size():
    with pytest.raises(ValueError, match="no number of items"):
        win_rate_sample_size(0.35, 0.3)
    with pytest.raises(ValueError, match="more than 1000"):
        win_rate_sample_size(0.36, 0.3, largest=1000)


@pytest.mark.parametrize(("n", "delta"), list(product([2, 5, 20, 346], [0.0, 1.0, -3.0, 12.0])))
def test_paired_power_is_that_of_statsmodels(n, delta):
    sd = difference_sd(12.0, 196.8, 2)
    peer = TTestPower().power(abs(delta) / sd, n, 0.05)
    assert paired_t_power(n, delta, sd) == pytest.approx(peer, abs=1e-9)


def test_power_of_a_certain_difference_is_one():
    assert paired_t_power(1_000_000, 3, 5) == 1.0


@pytest.mark.parametrize("delta", [0.5, 2.0, 3.0, 5.0, -60.0])
def test_the_paired_size_is_the_first_with_the_power(delta):
    sd = difference_sd(0, 196.8)
    n = paired_t_sample_size(delta, sd)
    assert paired_t_power(n, delta, sd) >= 0.8
    assert n == 2 or paired_t_power(n - 1, delta, sd) < 0.8
    formula = paired_sample_size(delta, system_segment_variance=0, residual_variance=196.8)
    assert formula <= n <= formula + 3


def test_published_numbers_of_segments_for_single_hindi_ratings():
    """About 345 for 3 points, 770 for 2 and 125 for 5, with a residual variance of 196.8."""
    sizes = [paired_t_sample_size(points, difference_sd(0, 196.8)) for points in (3, 2, 5)]
    assert sizes == [pytest.approx(n, abs=5) for n in (345, 772, 125)]


@pytest.mark.parametrize("bad", [0.0, 1e-9])
def test_a_difference_that_no_study_finds_is_refused(bad):
    with pytest.raises(ValueError, match=r"cannot be detected|more than"):
        paired_t_sample_size(bad, 20.0)


@pytest.mark.parametrize(("r", "n"), [(0.1, 783), (0.3, 85), (0.5, 30)])
def test_published_sizes_for_correlations(r, n):
    """Cohen (1988, table 3.4.1) has 783, 85 and 28 by the exact distribution."""
    assert correlation_sample_size(r) == n == correlation_sample_size(-r)


def test_correlation_power_by_hand():
    normal = NormalDist()
    shift = atanh(0.3) * sqrt(97)
    expected = normal.cdf(shift - normal.inv_cdf(0.975)) + normal.cdf(
        -shift - normal.inv_cdf(0.975)
    )
    assert correlation_power(100, 0.3) == pytest.approx(expected, abs=1e-9)
    assert correlation_power(50, 0.0) == pytest.approx(0.05, abs=1e-9)
    assert correlation_power(10, 1.0) == 1.0


def test_drawn_studies_have_fishers_power(rng):
    found = simulated_correlation_power(85, 0.3, rng=rng, simulations=20_000)
    assert found.estimate == pytest.approx(correlation_power(85, 0.3), abs=0.012)
    null = simulated_correlation_power(40, 0.0, statistic="spearman", rng=rng, simulations=20_000)
    assert null.low < 0.052 and null.high > 0.048


def test_few_steps_and_ranks_cost_power(rng):
    full = simulated_correlation_power(85, 0.3, rng=rng)
    coarse = simulated_correlation_power(85, 0.3, shares=[8, 1, 1], rng=rng)
    ranks = simulated_correlation_power(85, 0.3, statistic="spearman", rng=rng)
    assert coarse.high < full.low and ranks.estimate < full.estimate


def test_williams_test_is_steigers_example():
    """Steiger (1980) and R's psych: r12 = .4, r13 = .5, r23 = .1, n = 103 give t = -0.89, p .37."""
    found = williams_test(0.4, 0.5, 0.1, 103)
    assert (round(found.statistic, 2), round(found.p, 2)) == (-0.89, 0.37)
    k = 1 - 0.16 - 0.25 - 0.01 + 2 * 0.4 * 0.5 * 0.1
    t = (0.4 - 0.5) * sqrt(102 * 1.1) / sqrt(2 * k * 102 / 100 + 0.45**2 * 0.9**3)
    assert found.statistic == pytest.approx(t, abs=1e-12)
    assert found.p == pytest.approx(2 * student.sf(-t, 100), abs=1e-12)
    assert williams_test(0.5, 0.4, 0.1, 103).statistic == pytest.approx(-t)


def test_williams_test_is_not_defined_for_one_metric_twice():
    assert williams_test(0.4, 0.4, 1.0, 50).reason == "the two are the same"
    assert williams_test(0.4, 0.3, 0.5, 3).reason == "fewer than four items"


def test_power_of_two_metrics(rng):
    null = dependent_correlations_power(200, 0.4, 0.4, 0.6, rng=rng, simulations=10_000)
    assert null.low < 0.055 and null.high > 0.045
    near = dependent_correlations_power(300, 0.4, 0.3, 0.8, rng=rng)
    far = dependent_correlations_power(300, 0.4, 0.3, 0.2, rng=rng)
    assert near.low > far.high
    with pytest.raises(ValueError, match="no three things"):
        dependent_correlations_power(300, 0.9, -0.9, 0.9, rng=rng)


def test_drawn_ratings_agree_as_asked(rng):
    shares = [1, 2, 4, 2, 1]
    ratings = draw_ratings(200_000, 2, 0.5, shares, rng=rng)
    assert np.bincount(ratings[0]) / 200_000 == pytest.approx(np.array(shares) / 10, abs=0.005)
    for level in ("nominal", "ordinal", "interval"):
        assert krippendorff_alpha(ratings, level=level) == pytest.approx(0.5, abs=0.01)
    for weights in (None, "linear", "quadratic"):
        assert cohen_kappa(*ratings, weights=weights) == pytest.approx(0.5, abs=0.01)


def test_the_width_of_kappa_is_the_large_sample_one(rng):
    """The table that the model expects, given to statsmodels, has the standard error."""
    shares, n = np.array([0.2, 0.5, 0.3]), 1000
    table = n * (0.6 * np.diag(shares) + 0.4 * np.outer(shares, shares))
    expected = 2 * 1.959964 * cohens_kappa(table).std_kappa
    found = agreement_spread(n, 2, 0.6, shares, level="kappa", rng=rng, simulations=2000)
    assert found.high - found.low == pytest.approx(expected, rel=0.06)
    assert found.estimate == pytest.approx(0.6, abs=0.01)


def test_the_agreement_size_gives_the_width(rng):
    n = agreement_sample_size(0.2, 3, 0.6, [1, 2, 2, 1], level="ordinal", rng=rng)
    found = agreement_spread(n, 3, 0.6, [1, 2, 2, 1], rng=rng, simulations=1000)
    assert found.high - found.low == pytest.approx(0.2, rel=0.15)


def test_a_scale_that_is_hardly_used_has_no_width(rng):
    found = agreement_spread(5, 2, 0.5, [1, 1e-6], rng=rng, simulations=50)
    assert np.isnan(found.low)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((50, 2, 1.2, [1, 1]), "between 0 and 1"),
        ((50, 1, 0.5, [1, 1]), "two people"),
        ((50, 2, 0.5, [1]), "two or more steps"),
        ((50, 2, 0.5, [1, -1]), "two or more steps"),
    ],
)
def test_agreement_that_cannot_be_is_refused(arguments, message, rng):
    with pytest.raises(ValueError, match=message):
        agreement_spread(*arguments, rng=rng)


def test_the_same_seed_gives_the_same_answer():
    one, two = (
        agreement_spread(60, 3, 0.5, [1, 1, 1], rng=np.random.default_rng(3)) for _ in range(2)
    )
    assert one == two
