"""Bounds against published tables and direct integrals; verdicts worked by hand."""

import math

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.stats import multivariate_normal, norm, ttest_1samp

from metrics.statistics import (
    conditional_power,
    look_sizes,
    obrien_fleming_bounds,
    sequential_verdict,
    spent_alpha,
)


@pytest.mark.parametrize(
    ("looks", "published"),
    [
        # What the programs ldbounds and gsDesign print, two-sided 0.05, equally spaced looks.
        (2, [2.963, 1.969]),
        (3, [3.710, 2.511, 1.993]),
        (4, [4.333, 2.963, 2.359, 2.014]),
        (5, [4.877, 3.357, 2.680, 2.290, 2.031]),
    ],
)
def test_bounds_are_the_published_ones(looks, published):
    found = obrien_fleming_bounds(np.arange(1, looks + 1) / looks)
    assert found == pytest.approx(published, abs=5.1e-4)


def test_one_look_is_the_plain_test():
    assert obrien_fleming_bounds([1.0]) == pytest.approx([norm.isf(0.025)], abs=1e-12)


def test_two_looks_spend_alpha_by_a_direct_integral():
    early, late = obrien_fleming_bounds([0.4, 1.0])
    assert 2 * norm.sf(early) == pytest.approx(float(spent_alpha(0.4)), rel=1e-9)

    def crosses_late(z):
        mean, sd = z * math.sqrt(0.4), math.sqrt(0.6)
        return norm.pdf(z) * (norm.sf(late, mean, sd) + norm.cdf(-late, mean, sd))

    rest = quad(crosses_late, -early, early, epsabs=1e-13)[0]
    assert 2 * norm.sf(early) + rest == pytest.approx(0.05, abs=1e-10)


def test_uneven_looks_spend_alpha_in_several_dimensions():
    times = np.array([0.3, 0.55, 0.8, 1.0])
    bounds = obrien_fleming_bounds(times, alpha=0.1)
    covariance = np.sqrt(np.minimum.outer(times, times) / np.maximum.outer(times, times))
    inside = multivariate_normal(np.zeros(4), covariance, abseps=1e-7, releps=1e-7, seed=1).cdf(
        bounds, lower_limit=-bounds
    )
    assert 1 - inside == pytest.approx(0.1, abs=1e-5)


def test_many_looks_are_finite_and_fall():
    bounds = obrien_fleming_bounds(np.arange(1, 41) / 40)
    finite = bounds[np.isfinite(bounds)]
    assert math.isinf(bounds[0]) and len(finite) == 37
    assert np.all(np.diff(finite) < 0) and 1.96 < bounds[-1] < 2.2


def test_the_spending_starts_at_nothing_and_ends_at_alpha():
    spent = spent_alpha([1e-6, 0.25, 0.5, 1.0])
    assert spent[0] == pytest.approx(0, abs=1e-300) and spent[-1] == pytest.approx(0.05)
    assert spent[2] == pytest.approx(4 * norm.sf(norm.isf(0.0125) / math.sqrt(0.5)), rel=1e-12)


@pytest.mark.parametrize("looks", [[], [0.5, 0.4], [0.0, 1.0], [0.5, 1.2], [0.5, 0.5]])
def test_looks_that_do_not_rise_to_one_are_refused(looks):
    with pytest.raises(ValueError, match="rising shares"):
        obrien_fleming_bounds(looks)


def test_looks_are_at_equal_shares():
    assert look_sizes(300, 5) == [60, 120, 180, 240, 300]
    assert look_sizes(7, 3) == [3, 5, 7]
    assert look_sizes(3, 5) == [2, 3]


def test_conditional_power_by_hand():
    """The chance that 60 more of 100 standard normal steps lift the sum over the bound."""
    found = conditional_power(1.5, 40, 100, 2.0, 0.2)
    mean = 1.5 * math.sqrt(40) + 60 * 0.2
    expected = norm.sf(20, mean, math.sqrt(60)) + norm.cdf(-20, mean, math.sqrt(60))
    assert found == pytest.approx(expected, abs=1e-12)


def study(mean, n, seed=1, sd=10.0):
    return np.random.default_rng(seed).normal(mean, sd, n)


def test_a_big_difference_is_resolved_and_stays_so():
    deltas = study(9, 300)
    verdict = sequential_verdict(deltas[:130], 300)
    assert (verdict.state, [look.n for look in verdict.looks]) == ("resolved", [60])
    assert verdict.difference.low > 0 and "first system is better" in verdict.reason
    later = sequential_verdict(deltas, 300)
    assert later.looks == verdict.looks and later.difference == verdict.difference
    assert sequential_verdict(-deltas[:130], 300).reason.startswith("the second system")


def test_z_has_the_p_of_the_t_test():
    deltas = study(1, 200)
    look = sequential_verdict(deltas[:70], 200).looks[0]
    assert look.n == 40
    p = ttest_1samp(deltas[:40], 0).pvalue
    assert 2 * norm.sf(abs(look.z)) == pytest.approx(p, rel=1e-9)


def test_the_interval_excludes_zero_just_when_the_bound_is_reached():
    for seed in range(40):
        verdict = sequential_verdict(study(2.5, 240, seed), 300)
        excludes = verdict.difference.low > 0 or verdict.difference.high < 0
        assert excludes == (verdict.state == "resolved")


def test_no_difference_becomes_futile_or_ends():
    deltas = study(0, 300, seed=3)
    deltas -= deltas[:240].mean()
    verdict = sequential_verdict(deltas[:240], 300)
    assert verdict.state == "futile" and "60 segments to come" in verdict.reason
    assert verdict.at_trend < 0.1 and math.isnan(verdict.at_smallest)
    assert sequential_verdict(deltas, 300).state == "ended"


def test_the_smallest_difference_that_matters_may_keep_it_going():
    deltas = study(0, 300, seed=3)
    deltas -= deltas[:90].mean()
    assert sequential_verdict(deltas[:90], 300, smallest=0.1).state == "futile"
    verdict = sequential_verdict(deltas[:90], 300, smallest=5.0)
    assert verdict.state == "go on" and verdict.at_smallest > 0.8 > verdict.at_trend


def test_it_says_how_many_more():
    deltas = study(0, 130, seed=5)
    deltas += 2.0 - deltas.mean()
    verdict = sequential_verdict(deltas, 400)
    assert verdict.state == "go on"
    sizes = look_sizes(400, 5)
    bounds = obrien_fleming_bounds(np.array(sizes) / 400)
    t = deltas.mean() / deltas.std(ddof=1) * math.sqrt(130)
    p = ttest_1samp(deltas, 0).pvalue
    z = math.copysign(norm.isf(p / 2), t)
    chances = {
        m: conditional_power(z, 130, m, b, deltas.mean() / deltas.std(ddof=1))
        for m, b in zip(sizes, bounds, strict=True)
        if m > 130
    }
    due = next((m for m, chance in chances.items() if chance >= 0.8), 400)
    assert verdict.n_more == due - 130 and f"{due - 130} more segments" in verdict.reason
    assert verdict.by_then == pytest.approx(chances[due])
    assert verdict.at_trend == pytest.approx(chances[400])


def test_before_the_first_look_there_is_only_waiting():
    verdict = sequential_verdict(study(50, 30), 300)
    assert (verdict.state, verdict.n_more, verdict.looks) == ("waiting", 30, ())
    assert sequential_verdict([], 300).n_more == 60


def test_missing_differences_are_left_out_and_so_is_what_was_not_planned():
    deltas = study(1, 100)
    holes = np.insert(deltas, [3, 50], np.nan)
    assert sequential_verdict(holes, 200) == sequential_verdict(deltas, 200)
    assert sequential_verdict(deltas, 50).n == 50


@pytest.mark.parametrize(("value", "state"), [(0.0, "go on"), (2.0, "go on")])
def test_differences_that_do_not_vary_project_nothing(value, state):
    verdict = sequential_verdict([value] * 70, 100)
    assert verdict.state == state and "all differences" in verdict.reason
    assert math.isnan(verdict.at_trend)


def test_equal_systems_are_called_different_in_one_of_twenty():
    rng = np.random.default_rng(8)
    wrong = sum(
        sequential_verdict(rng.standard_normal(150), 150).state == "resolved" for _ in range(4000)
    )
    assert 0.04 < wrong / 4000 < 0.06


def test_looking_early_hardly_costs_power():
    rng = np.random.default_rng(9)
    effect = 2.8016 / math.sqrt(150)
    found = [sequential_verdict(rng.normal(effect, 1, 150), 150) for _ in range(1500)]
    resolved = [verdict for verdict in found if verdict.state == "resolved"]
    assert len(resolved) / 1500 == pytest.approx(0.785, abs=0.03)
    assert np.mean([verdict.looks[-1].n for verdict in resolved]) < 125
