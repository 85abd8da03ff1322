"""Strengths with the outputs' length and format controlled."""

import numpy as np
import pytest
import statsmodels.api as sm
from scipy.optimize import minimize
from scipy.stats import norm

from metrics.statistics import bradley_terry

NAMES = ("length", "bold")
STRENGTHS = {"a": 0.5, "b": 0.1, "c": -0.6}
PER_LOG = 1.5  # what one more log of length does to the log odds


def study(seed: int, n: int = 400, tie: float = 0.0):
    """Three systems; c, the weakest, writes longest, and length pleases."""
    rng = np.random.default_rng(seed)
    systems = np.array(list(STRENGTHS))
    first, second = rng.permuted(np.tile(np.arange(3), (n, 1)), axis=1)[:, :2].T
    usual = np.array([0.0, 0.2, 0.9])
    length = usual[first] - usual[second] + rng.normal(0, 0.5, n)
    bold = rng.choice([-1.0, 0, 1], n)
    strength = np.array(list(STRENGTHS.values()))
    gap = strength[first] - strength[second] + PER_LOG * length + rng.logistic(size=n)
    outcomes = np.where(np.abs(gap) < tie, 0, np.sign(gap))
    items = rng.integers(n // 5, size=n)
    return systems[first], systems[second], outcomes, items, np.column_stack([length, bold])


def fitted(data, **options):
    *comparisons, covariates = data
    return bradley_terry(*comparisons, covariates=covariates, names=NAMES, **options)


def named(found):
    return {row.system: row.strength for row in found.systems}


def test_without_ties_it_is_logistic_regression_with_clusters():
    first, second, outcomes, items, covariates = study(1)
    scales = np.sqrt((covariates**2).mean(axis=0))
    dummies = (first[:, None] == list("ab")) * 1.0 - (second[:, None] == list("ab"))
    fit = sm.Logit((outcomes > 0) * 1.0, np.column_stack([dummies, covariates / scales])).fit(
        disp=0,
        method="newton",
        tol=1e-14,
        cov_type="cluster",
        cov_kwds={"groups": items, "use_correction": False},
    )
    found = fitted((first, second, outcomes, items, covariates))
    n_items = len(set(items.tolist()))
    covariance = fit.cov_params() * n_items / (n_items - 1)
    for place, row in enumerate(found.coefficients, start=2):
        error = np.sqrt(covariance[place, place])
        assert row.scale == pytest.approx(scales[place - 2], abs=1e-12)
        assert row.effect.estimate == pytest.approx(fit.params[place], abs=1e-9)
        half = 1.959963984540054 * error
        assert row.effect.high - row.effect.estimate == pytest.approx(half, abs=1e-9)
        assert row.p == pytest.approx(2 * norm.sf(abs(fit.params[place]) / error), abs=1e-9)
    centre = np.eye(3)[:, :2] - 1 / 3
    spread = centre @ covariance[:2, :2] @ centre.T
    for name, value, variance in zip("abc", centre @ fit.params[:2], np.diag(spread), strict=True):
        assert named(found)[name].estimate == pytest.approx(value, abs=1e-9)
        half = 1.959963984540054 * np.sqrt(variance)
        assert named(found)[name].high - value == pytest.approx(half, abs=1e-9)


def loglik(parameters, first, second, outcomes, covariates):
    p = dict(zip("abc", np.exp([*parameters[:2], 0.0]), strict=True))
    total = 0.0
    for i, j, outcome, z in zip(first, second, outcomes, covariates, strict=True):
        one, other = p[i] * np.exp(parameters[2:4] @ z), p[j]
        tie = np.exp(parameters[4]) * np.sqrt(one * other)
        top = {1: one, -1: other, 0: tie}[int(outcome)]
        total += np.log(top / (one + other + tie))
    return total


def test_with_ties_it_is_davidsons_model_with_covariates():
    first, second, outcomes, items, covariates = study(2, n=150, tie=0.7)
    found = fitted((first, second, outcomes, items, covariates))
    data = (first, second, outcomes, covariates)
    best = minimize(lambda v: -loglik(v, *data), np.zeros(5), method="BFGS", tol=1e-8).x
    per_unit = [row.effect.estimate / row.scale for row in found.coefficients]
    assert per_unit == pytest.approx(best[2:4], abs=1e-4)
    strengths = np.append(best[:2], 0) - best[:2].sum() / 3
    assert [named(found)[s].estimate for s in "abc"] == pytest.approx(strengths, abs=1e-4)
    assert found.tie.estimate == pytest.approx(np.exp(best[4]), abs=1e-4)


def test_it_recovers_a_known_effect_that_biases_the_plain_strengths():
    studies = [fitted(study(seed, n=1000)) for seed in range(100, 160)]
    truth = [*STRENGTHS.values(), PER_LOG, 0.0]
    found, plain = [], []
    for one in studies:
        effects = [row.effect.estimate / row.scale for row in one.coefficients]
        found.append([*(named(one)[s].estimate for s in "abc"), *effects])
        plain.append([named(one.plain)[s].estimate for s in "abc"])
    error = np.std(found, axis=0, ddof=1) / np.sqrt(len(found))
    assert (np.abs(np.mean(found, axis=0) - truth) < 4 * error).all()
    biased = np.mean(plain, axis=0) - truth[:3]
    assert (np.abs(biased) > 0.15).all() and biased[2] > 0.6
    assert all([row.system for row in one.systems] == ["a", "b", "c"] for one in studies)
    assert all(one.plain.systems[0].system == "c" for one in studies)


def test_the_coefficient_s_interval_covers_about_as_often_as_it_says():
    hits = 0
    for seed in range(60):
        row = fitted(study(seed)).coefficients[0]
        hits += row.effect.low <= PER_LOG * row.scale <= row.effect.high
    assert hits >= 52


@pytest.mark.parametrize("tie", [0.0, 0.6])
def test_neither_order_nor_sides_nor_units_matter(tie):
    first, second, outcomes, items, covariates = study(4, tie=tie)
    found = fitted((first, second, outcomes, items, covariates))
    rng = np.random.default_rng(5)
    mixed = rng.permutation(len(first))
    swap = rng.random(len(first)) < 0.5
    sign = np.where(swap, -1, 1)
    turned = (
        np.where(swap, second, first)[mixed],
        np.where(swap, first, second)[mixed],
        (sign * outcomes)[mixed],
        items[mixed],
        (sign[:, None] * covariates * [10, 0.1])[mixed],
    )
    again = fitted(turned)
    assert [row.system for row in again.systems] == [row.system for row in found.systems]
    for one, two in zip(found.systems, again.systems, strict=True):
        assert one.strength == pytest.approx(two.strength, abs=1e-9)
    for one, two, unit in zip(found.coefficients, again.coefficients, (10, 0.1), strict=True):
        assert one.effect == pytest.approx(two.effect, abs=1e-9)
        assert one.scale * unit == pytest.approx(two.scale)
        assert one.p == pytest.approx(two.p, abs=1e-9)
    assert found.tie.estimate == pytest.approx(again.tie.estimate, abs=1e-9)


def test_plain_is_what_it_gives_without_covariates():
    first, second, outcomes, items, covariates = study(6)
    covariates[:3, 0] = np.nan
    found = fitted((first, second, outcomes, items, covariates))
    plain = bradley_terry(first[3:], second[3:], outcomes[3:], items[3:])
    assert found.n == plain.n == len(first) - 3
    assert found.plain.systems == plain.systems
    assert bradley_terry(first, second, outcomes, items).plain is None


def test_what_never_differs_or_says_the_same_twice_takes_no_part():
    first, second, outcomes, items, covariates = study(7)
    length, bold = covariates.T
    alone = bradley_terry(
        first, second, outcomes, items, covariates=length[:, None], names=["length"]
    )
    found = bradley_terry(
        first,
        second,
        outcomes,
        items,
        covariates=np.column_stack([0 * bold, length, -3 * length]),
        names=["headings", "length", "words"],
    )
    headings, kept, words = found.coefficients
    assert headings.reason == "no two outputs differ in headings"
    assert words.reason == "words: a combination of the covariates before it"
    assert np.isnan([headings.effect, words.effect]).all()
    assert kept.effect == pytest.approx(alone.coefficients[0].effect)
    for one, two in zip(found.systems, alone.systems, strict=True):
        assert one.strength == pytest.approx(two.strength)


def test_a_covariate_that_is_the_systems_cannot_be_controlled_for():
    first, second, outcomes, items, covariates = study(8)
    covariates[:, 0] = (first == "c") * 1.0 - (second == "c")
    found = fitted((first, second, outcomes, items, covariates))
    assert found.reason == "length cannot be told from the systems"
    assert {row.reason for row in found.coefficients} == {found.reason}
    assert np.isnan([row.strength.estimate for row in found.systems]).all()
    assert found.plain.reason == "" and np.isfinite(found.plain.covariance).all()


def test_a_covariate_that_foretells_every_outcome_has_no_end():
    first, second, outcomes, items, covariates = study(9, n=60)
    covariates[:, 0] = outcomes * np.abs(covariates[:, 0])
    found = fitted((first, second, outcomes, items, covariates))
    assert found.reason == (
        "no finite strengths: length and the systems together foretell the outcomes"
    )
    assert np.isnan([row.effect.estimate for row in found.coefficients]).all()


def test_what_has_no_plain_strengths_has_no_controlled_ones():
    found = bradley_terry(["a", "a"], ["b", "b"], [1, 1], covariates=[[0.1], [0.2]], names=["x"])
    assert (
        found.reason
        == found.plain.reason
        == "no finite strengths: a never lost to the other systems"
    )
    assert found.coefficients[0].reason == found.reason
    none = bradley_terry([], [], [], covariates=np.zeros((0, 1)), names=["x"])
    assert none.reason == "fewer than two systems were compared"


def test_one_item_has_no_intervals():
    found = bradley_terry(
        ["a"] * 4,
        ["b"] * 4,
        [1, -1, 1, -1],
        ["x"] * 4,
        covariates=[[0.5], [0.2], [-0.3], [-0.1]],
        names=["length"],
    )
    assert np.isfinite(found.coefficients[0].effect.estimate)
    assert np.isnan(found.coefficients[0].p)
    assert found.coefficients[0].reason == "no intervals from one item"


def test_it_refuses_covariates_that_fit_no_comparison():
    with pytest.raises(ValueError, match="a row for each comparison"):
        bradley_terry(["a"], ["b"], [1], covariates=[1.0], names=["length"])
    with pytest.raises(ValueError, match="1 covariates have 0 names"):
        bradley_terry(["a"], ["b"], [1], covariates=[[1.0]])
