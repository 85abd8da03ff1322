"""The model of the gap against statsmodels, its shares against all orders."""

import math
from itertools import permutations

import numpy as np
import pytest
import statsmodels.api as sm

from metrics.statistics import gap_model, r2_shares


def data(n_segments=40, per_segment=3, seed=1):
    rng = np.random.default_rng(seed)
    n = n_segments * per_segment
    segments = np.repeat(np.arange(n_segments), per_segment)
    x = rng.random((n, 3))
    x[:, 2] = np.where(rng.random(n) < 0.6, 0.0, 0.5 * x[:, 0] + x[:, 2])
    shared = rng.normal(size=n_segments)[segments]
    y = 0.3 - 0.8 * x[:, 0] + 0.4 * x[:, 1] + 0.3 * shared + 0.3 * rng.normal(size=n)
    return y, x, segments


def fitted(y, x, segments, causes=("a", "b", "c"), resamples=200):
    rng = np.random.default_rng(9)
    return gap_model(y, x, causes, segments, rng=rng, resamples=resamples)


def test_coefficients_intervals_and_p_are_those_of_statsmodels():
    y, x, segments = data()
    found = fitted(y, x, segments)
    theirs = sm.OLS(y, sm.add_constant(x)).fit(
        cov_type="cluster", cov_kwds={"groups": segments}, use_t=True
    )
    effects = found.effects
    assert [found.intercept] + [e.coefficient for e in effects] == pytest.approx(theirs.params)
    bounds = theirs.conf_int()[1:]
    assert [[e.low, e.high] for e in effects] == [pytest.approx(row) for row in bounds.tolist()]
    assert [e.p for e in effects] == pytest.approx(theirs.pvalues[1:])
    assert found.r2 == pytest.approx(theirs.rsquared)
    assert (found.n, found.n_segments) == (120, 40)


def test_holm_is_over_the_causes_and_shares_add_up_to_r2():
    found = fitted(*data())
    smallest = min(found.effects, key=lambda effect: effect.p)
    assert smallest.p_adjusted == pytest.approx(3 * smallest.p)
    assert sum(effect.share for effect in found.effects) == pytest.approx(found.r2)
    assert all(e.share_low <= e.share <= e.share_high for e in found.effects)


def r2(y, x):
    if not x.shape[1]:
        return 0.0
    return sm.OLS(y, sm.add_constant(x)).fit().rsquared


def test_shares_are_the_mean_gain_over_all_orders():
    y, x, _ = data()
    x = np.column_stack([x, x[:, 0] * x[:, 1]])
    shares = r2_shares(np.cov(np.column_stack([x, y]), rowvar=False))
    brute = np.zeros(4)
    orders = list(permutations(range(4)))
    for order in orders:
        for place, j in enumerate(order):
            before = list(order[:place])
            brute[j] += r2(y, x[:, [*before, j]]) - r2(y, x[:, before])
    assert shares == pytest.approx(brute / len(orders))


def test_many_matrices_at_once_are_as_one_by_one():
    rng = np.random.default_rng(2)
    matrices = np.stack([np.cov(rng.normal(size=(4, 30))) for _ in range(6)])
    together = r2_shares(matrices.reshape(2, 3, 4, 4))
    assert together.reshape(6, 3) == pytest.approx(np.stack([r2_shares(m) for m in matrices]))


def test_independent_regressors_share_their_squared_correlations():
    assert r2_shares(np.array([[1, 0, 0.6], [0, 1, 0.3], [0.6, 0.3, 1]])) == pytest.approx(
        [0.36, 0.09]
    )


def test_a_regressor_twice_shares_with_itself_and_a_constant_response_is_undefined():
    twice = np.array([[1, 1, 0.6], [1, 1, 0.6], [0.6, 0.6, 1]])
    assert r2_shares(twice) == pytest.approx([0.18, 0.18])
    assert np.isnan(r2_shares(np.diag([1.0, 1.0, 0.0]))).all()
    with pytest.raises(ValueError, match="too many"):
        r2_shares(np.eye(16))


def test_the_share_interval_is_a_bootstrap_of_segments():
    y, x, segments = data()
    found = fitted(y, x, segments, resamples=1500)
    rng = np.random.default_rng(4)
    rows = np.arange(120).reshape(40, 3)
    drawn = []
    for _ in range(400):
        chosen = rows[rng.integers(0, 40, 40)].ravel()
        drawn.append(r2_shares(np.cov(np.column_stack([x[chosen], y[chosen]]), rowvar=False))[0])
    low, high = np.quantile(drawn, [0.025, 0.975])
    assert [found.effects[0].share_low, found.effects[0].share_high] == pytest.approx(
        [low, high], abs=0.06
    )


def test_degenerate_causes_are_not_defined_and_say_why():
    y, x, segments = data()
    n = len(y)
    rare = np.where(segments < 3, 1.0, 0.0)
    mostly_unknown = np.where(np.arange(n) % 4 == 0, 0.5, math.nan)
    columns = np.column_stack(
        [x, np.zeros(n), np.ones(n), rare, mostly_unknown, x[:, 0] / 2, np.full(n, math.nan)]
    )
    names = ("a", "b", "c", "none", "always", "rare", "unknown", "twice", "never known")
    found = {effect.cause: effect for effect in fitted(y, columns, segments, names).effects}
    plain = fitted(y, x, segments)
    assert [found[name].coefficient for name in "abc"] == pytest.approx(
        [effect.coefficient for effect in plain.effects]
    )
    reasons = {name: found[name].reason for name in names[3:]}
    assert reasons == {
        "none": "found in no output",
        "always": "the same for every output",
        "rare": "found in 3 segments only; 5 are needed",
        "unknown": "known for 30 of 120 outputs",
        "twice": "follows from the other causes",
        "never known": "known for 0 of 120 outputs",
    }
    assert all(math.isnan(found[name].coefficient) for name in names[3:])
    assert found["rare"].present == 9


def test_outputs_without_a_gap_or_a_strength_are_left_out():
    y, x, segments = data()
    y[0], x[4, 1] = math.nan, math.nan
    found = fitted(y, x, segments)
    keep = ~np.isin(np.arange(120), [0, 4])
    assert found.n == 118
    again = fitted(y[keep], x[keep], segments[keep])
    assert [e.coefficient for e in found.effects] == pytest.approx(
        [e.coefficient for e in again.effects]
    )


@pytest.mark.parametrize("case", ["no cause", "few segments", "one gap", "nothing"])
def test_no_model_is_not_an_error(case):
    y, x, segments = data()
    if case == "no cause":
        x = np.zeros_like(x)
    elif case == "few segments":
        segments = segments % 4
    elif case == "one gap":
        y = np.ones_like(y)
    else:
        y, x, segments = y[:0], x[:0], segments[:0]
    found = fitted(y, x, segments)
    assert found.reason and math.isnan(found.r2)
    assert all(effect.reason and math.isnan(effect.share) for effect in found.effects)


def test_shapes_that_do_not_fit_are_refused():
    y, x, segments = data()
    with pytest.raises(ValueError, match="do not fit"):
        fitted(y, x, segments, ("a",))
