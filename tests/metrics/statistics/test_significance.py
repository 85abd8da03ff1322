from itertools import product

import numpy as np
import pytest
from scipy import stats
from statsmodels.stats.multitest import multipletests

from metrics.statistics import (
    domain_test,
    domain_tests,
    effect_size,
    holm,
    paired_t_test,
    rank_sum_test,
    sign_flip_test,
    signed_rank_test,
    win_tie_loss,
)


def rng(seed: int = 0) -> np.random.Generator:
    return np.random.default_rng(seed)


def test_sign_flips_come_near_the_exact_test():
    deltas = np.array([0.3, -0.1, 0.8, 0.5, 0.2, 0.9, -0.4, 0.6])
    signs = np.array(list(product([-1, 1], repeat=8)))
    exact = (np.abs(signs @ deltas) >= abs(deltas.sum()) - 1e-12).mean()
    assert sign_flip_test(deltas, rng=rng(), resamples=40_000)[0] == pytest.approx(exact, abs=0.006)


def test_columns_share_their_signs_and_ignore_their_direction():
    deltas = rng(1).normal(0.2, 1, 80)
    p = sign_flip_test(np.stack([deltas, -deltas, 3 * deltas], axis=1), rng=rng(2))
    assert p[0] == p[1] == p[2]


def test_a_missing_difference_adds_nothing():
    deltas = rng(3).normal(0.3, 1, 50)
    with_gaps = np.concatenate([deltas, np.full(10, np.nan)])
    with_zeros = np.concatenate([deltas, np.zeros(10)])
    both = sign_flip_test(np.stack([with_gaps, with_zeros], axis=1), rng=rng(4))
    assert both[0] == both[1]


def test_p_is_never_zero():
    assert sign_flip_test(np.ones(200), rng=rng(), resamples=999)[0] == pytest.approx(1 / 1000)


def test_zeros_are_not_separable_and_nothing_is_not_defined():
    p = sign_flip_test([[0.0, np.nan], [0.0, np.nan]], rng=rng(), resamples=99)
    assert p[0] == 1
    assert np.isnan(p[1])


def test_it_rejects_a_true_null_as_often_as_it_says():
    null = rng(5).normal(size=(60, 400))
    rejected = (sign_flip_test(null, rng=rng(6), resamples=999) < 0.05).mean()
    assert 0.02 < rejected < 0.08


def test_the_t_test_equals_scipy():
    a, b = rng(7).normal(size=(2, 30))
    expected = stats.ttest_rel(a, b)
    found = paired_t_test(a - b)
    assert (found.statistic, found.p) == pytest.approx((expected.statistic, expected.pvalue))


@pytest.mark.parametrize("deltas", [[], [1.0], [2.0, 2.0, 2.0], [np.nan, 1.0]])
def test_the_t_test_says_why_it_is_not_defined(deltas):
    found = paired_t_test(deltas)
    assert np.isnan(found.p)
    assert found.reason


def test_the_signed_rank_test_drops_zeros():
    deltas = np.array([0, 0, 1.2, -0.4, 2.2, 0.9, 3.1, -0.2, 1.7, 0.5])
    expected = stats.wilcoxon(deltas[deltas != 0])
    assert signed_rank_test(deltas)[:3] == pytest.approx((expected.statistic, expected.pvalue, 8))
    assert signed_rank_test([0.0, 0.0]).reason == "no difference other than zero"


@pytest.mark.parametrize("seed", range(6))
def test_the_signed_rank_test_with_ties_counts_all_signs(seed):
    deltas = rng(seed).integers(-4, 5, size=10).astype(float)
    deltas = deltas[deltas != 0]
    ranks = stats.rankdata(np.abs(deltas))
    sums = np.array(list(product([0, 1], repeat=deltas.size))) @ ranks
    smaller = min(ranks[deltas > 0].sum(), ranks[deltas < 0].sum())
    expected = min(1.0, 2 * (sums <= smaller + 1e-9).mean())
    assert signed_rank_test(deltas)[:2] == pytest.approx((smaller, expected), abs=1e-12)


@pytest.mark.parametrize(("n", "method"), [(25, "exact"), (50, "exact"), (51, "asymptotic")])
def test_the_signed_rank_test_equals_scipy(n, method):
    deltas = rng(n).normal(0.2, size=n)
    expected = stats.wilcoxon(deltas, method=method)
    found = signed_rank_test(deltas)
    assert found[:2] == pytest.approx((expected.statistic, expected.pvalue), rel=1e-9)


def test_the_rank_sum_test_mirrors():
    # With continuity correction the two directions share the mass of the observed value.
    a, b = rng(8).integers(0, 7, (2, 50)).astype(float)
    assert rank_sum_test(a, b).p + rank_sum_test(b, a).p == pytest.approx(1, abs=0.02)


def test_the_rank_sum_test_equals_the_formula():
    a, b = np.array([3.0, 5, 5, 7]), np.array([1.0, 3, 4])
    # U = pairs won + half the ties = 10 + 0.5 + 0.5 (3 against 3 ties once; 3 > 1; 5, 5, 7 win 3).
    u = 1 + 0.5 + 3 + 3 + 3
    ties = 1 - (2 * (2**3 - 2)) / (7**3 - 7)
    z = (u - 6 - 0.5) / np.sqrt(ties * 4 * 3 * 8 / 12)
    found = rank_sum_test(a, b)
    assert (found.statistic, found.p) == pytest.approx((u, stats.norm.sf(z)))


@pytest.mark.parametrize(("a", "b"), [([], [1.0]), ([2.0, 2.0], [2.0])])
def test_the_rank_sum_test_says_why_it_is_not_defined(a, b):
    found = rank_sum_test(a, b)
    assert np.isnan(found.p)
    assert found.reason


def test_holm_equals_statsmodels():
    p = rng(9).random(12) ** 3
    np.testing.assert_allclose(holm(p), multipletests(p, method="holm")[1])


def test_holm_by_hand_without_counting_the_undefined():
    np.testing.assert_allclose(holm([0.04, np.nan, 0.01]), [0.04, np.nan, 0.02])
    assert holm([]).size == 0


def test_effect_size_by_hand():
    assert effect_size([1, 2, 3]) == pytest.approx(2.0)
    assert np.isnan(effect_size([1, 1, 1]))
    assert np.isnan(effect_size([1]))


def test_wins_ties_and_losses_leave_out_the_missing():
    assert win_tie_loss([1, -2, 0, 0.005, np.nan], tolerance=0.01) == (1, 2, 1)


def test_domains_that_differ_are_found():
    deltas = np.concatenate([rng(1).normal(1, 1, 40), rng(2).normal(-1, 1, 40)])
    domains = np.repeat(["cultural", "quantitative"], 40)
    assert domain_test(deltas, domains, rng=rng(), resamples=999).p == pytest.approx(0.001)


def test_two_domains_of_two_come_near_the_exact_test():
    # 1, 2 | 3, 4: of the 6 ways to share out four values only this and its mirror reach 4.
    found = domain_test([1, 2, 3, 4], ["a", "a", "b", "b"], rng=rng(), resamples=20_000)
    assert found.statistic == pytest.approx(4.0)
    assert found.p == pytest.approx(1 / 3, abs=0.015)


def test_many_columns_are_tested_as_each_by_itself():
    deltas = rng(6).normal(size=(40, 3)) + np.arange(3)
    deltas[:, 1] += np.repeat([0, 2], 20)
    deltas[3, 2] = np.nan
    domains = np.repeat(["a", "b"], 20)
    together = domain_tests(deltas, domains, rng=rng(), resamples=4000)
    for column, found in zip(deltas.T, together, strict=True):
        alone = domain_test(column, domains, rng=rng(9), resamples=4000)
        assert found.statistic == pytest.approx(alone.statistic, abs=1e-9)
        assert (found.n, found.reason) == (alone.n, alone.reason)
        assert found.p == pytest.approx(alone.p, abs=0.03)
    assert [test.n for test in together] == [40, 40, 39]


def test_the_sum_of_squares_is_the_f_test_s():
    from scipy.stats import f_oneway

    deltas, domains = rng(7).normal(size=30), np.repeat([1, 2, 3], [5, 10, 15])
    between = domain_test(deltas, domains, rng=rng(), resamples=99).statistic
    within = ((deltas - deltas.mean()) ** 2).sum() - between
    groups = [deltas[domains == d] for d in (1, 2, 3)]
    assert (between / 2) / (within / 27) == pytest.approx(f_oneway(*groups).statistic, rel=1e-9)


def test_names_and_order_of_domains_do_not_matter():
    deltas, order = rng(3).normal(size=30), rng(4).permutation(30)
    domains = np.repeat([1, 2, 3], 10)
    first = domain_test(deltas, domains, rng=rng(5), resamples=99)
    second = domain_test(deltas[order], 4 - domains[order], rng=rng(5), resamples=99)
    assert first.statistic == pytest.approx(second.statistic)


@pytest.mark.parametrize(
    ("deltas", "domains"),
    [([1, 2], ["a", "a"]), ([1, 2], ["a", "b"]), ([1, 1, 1], ["a", "a", "b"]), ([], [])],
)
def test_the_domain_test_says_why_it_is_not_defined(deltas, domains):
    found = domain_test(deltas, domains, rng=rng())
    assert np.isnan(found.p)
    assert found.reason
