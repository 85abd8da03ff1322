"""The model of the gap against statsmodels and dense matrices, its shares against all orders."""

import math
from itertools import permutations

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
import statsmodels.formula.api as smf
from statsmodels.regression.mixed_linear_model import MixedLM

from metrics.statistics import gap_model, r2_shares


def data(n_segments=40, per_segment=3, seed=1):
    rng = np.random.default_rng(seed)
    n = n_segments * per_segment
    segments = np.repeat(np.arange(n_segments), per_segment)
    systems = np.tile(np.arange(per_segment), n_segments)
    x = rng.random((n, 3))
    x[:, 2] = np.where(rng.random(n) < 0.6, 0.0, 0.5 * x[:, 0] + x[:, 2])
    shared = rng.normal(size=n_segments)[segments] + 0.7 * rng.normal(size=per_segment)[systems]
    y = 0.3 - 0.8 * x[:, 0] + 0.4 * x[:, 1] + 0.3 * shared + 0.3 * rng.normal(size=n)
    return y, x, segments, systems


def fitted(y, x, segments, systems, causes=("a", "b", "c"), resamples=200):
    rng = np.random.default_rng(9)
    return gap_model(y, x, causes, segments, systems, rng=rng, resamples=resamples)


def variances(found, residual):
    """Of segments and systems, from their intraclass shares."""
    rest = 1 - np.nansum([found.segment_share, found.system_share])
    return found.segment_share * residual / rest, found.system_share * residual / rest


def marginal(y, x, found, total):
    slopes = np.array([effect.coefficient for effect in found.effects])
    explained = float((x @ slopes).var())
    return explained / (explained + total)


def errors(found):
    """Standard errors, from the p of the t test at the intervals' degrees of freedom."""
    return np.array([(e.high - e.low) / 2 for e in found.effects])


def test_one_random_intercept_is_that_of_statsmodels():
    y, x, segments, _ = data()
    found = fitted(y, x, segments, np.zeros(len(y)))
    theirs = MixedLM(y, sm.add_constant(x), groups=segments).fit(reml=True, gtol=1e-10)
    estimates = [found.intercept] + [effect.coefficient for effect in found.effects]
    assert estimates == pytest.approx(theirs.fe_params, rel=1e-5)
    segment = float(np.squeeze(theirs.cov_re))
    share = segment / (segment + theirs.scale)
    assert found.segment_share == pytest.approx(share, rel=1e-5)
    assert math.isnan(found.system_share) and found.shares_reason == "only one system"
    total = segment + theirs.scale
    assert found.r2 == pytest.approx(marginal(y, x, found, total), rel=1e-5)
    assert found.r2_conditional == pytest.approx(
        found.r2 + segment * (1 - found.r2) / total, rel=1e-5
    )
    # With so many outputs, Satterthwaite's t is nearly the normal curve of statsmodels.
    assert errors(found) == pytest.approx(1.96 * theirs.bse_fe[1:], rel=0.03)


@pytest.mark.parametrize("per_segment", [2, 5])
def test_two_crossed_random_intercepts_are_those_of_statsmodels(per_segment):
    y, x, segments, systems = data(25, per_segment, seed=4)
    table = pd.DataFrame({"y": y, "segment": segments, "system": systems})
    table[["a", "b", "c"]] = x
    peer = smf.mixedlm(
        "y ~ a + b + c",
        table,
        groups=np.ones(len(y)),
        vc_formula={"segment": "0 + C(segment)", "system": "0 + C(system)"},
        re_formula="0",
    ).fit(reml=True, gtol=1e-9)
    found = fitted(y, x, segments, systems)
    theirs = dict(zip(peer.model.exog_vc.names, peer.vcomp, strict=True))
    ours = variances(found, peer.scale)
    assert ours == pytest.approx((theirs["segment"], theirs["system"]), rel=2e-4)
    estimates = [found.intercept] + [effect.coefficient for effect in found.effects]
    assert estimates == pytest.approx(np.asarray(peer.fe_params), rel=1e-4)


def test_errors_are_those_of_the_dense_matrices():
    y, x, segments, systems = data(12, 4, seed=2)
    found = fitted(y, x, segments, systems)
    same = [label[:, None] == label for label in (segments, systems)]
    rest = 1 - found.segment_share - found.system_share
    v = found.segment_share * same[0] + found.system_share * same[1] + rest * np.eye(len(y))
    design, inverse = sm.add_constant(x), np.linalg.inv(v)
    covariance = np.linalg.inv(design.T @ inverse @ design)
    beta = covariance @ design.T @ inverse @ y
    left = y - design @ beta
    scale = left @ inverse @ left / (len(y) - 4)
    assert [e.coefficient for e in found.effects] == pytest.approx(beta[1:], rel=1e-7)
    error = np.sqrt(scale * np.diag(covariance))[1:]
    ours = errors(found) / error  # t quantiles at each coefficient's degrees of freedom
    assert ((ours > 1.99) & (ours < 2.1)).all()
    assert found.r2 == pytest.approx(marginal(y, x, found, scale), rel=1e-7)


def test_a_cause_that_is_one_systems_habit_has_few_degrees_of_freedom():
    y, x, segments, systems = data(60, 4, seed=3)
    x[:, 2] = np.where(systems == 0, 0.9, 0.1) + 0.01 * x[:, 2]
    found = fitted(y, x, segments, systems).effects
    assert found[2].high - found[2].low > 5 * (found[0].high - found[0].low)


def test_the_order_of_the_outputs_changes_nothing():
    y, x, segments, systems = data(8, 2, seed=5)
    turned = np.random.default_rng(6).permutation(len(y))
    found = fitted(y, x, segments, systems).effects
    again = fitted(y[turned], x[turned], segments[turned], systems[turned]).effects
    for effect, same in zip(found, again, strict=True):
        assert effect[1:6] == pytest.approx(same[1:6], rel=1e-8)


def test_a_habit_of_one_of_two_systems_is_not_defined():
    rng = np.random.default_rng(24)
    segments, systems = np.repeat(np.arange(8), 2), np.tile(np.arange(2), 8)
    x = (np.where(systems == 0, 0.9, 0.1) + 0.3 * rng.random(16))[:, None]
    y = rng.normal(size=8)[segments] + rng.normal(size=2)[systems] + 0.3 * rng.normal(size=16)
    (effect,) = fitted(y, x, segments, systems, causes=("habit",)).effects
    assert np.isnan(effect[1:9]).all() and effect.present == 16
    assert "half a degree of freedom" in effect.reason


def test_holm_is_over_the_causes_and_shares_add_up_to_r2():
    found = fitted(*data())
    smallest = min(found.effects, key=lambda effect: effect.p)
    assert smallest.p_adjusted == pytest.approx(3 * smallest.p)
    assert sum(effect.share for effect in found.effects) == pytest.approx(found.r2)
    assert all(0 <= e.share_low <= e.share <= e.share_high <= 1 for e in found.effects)
    assert found.r2 < found.r2_conditional < 1
    assert (found.n, found.n_segments, found.n_systems) == (120, 40, 3)


def test_without_outputs_to_share_the_model_is_least_squares():
    y, x, _, _ = data()
    found = fitted(y, x, np.arange(len(y)), np.zeros(len(y)))
    theirs = sm.OLS(y, sm.add_constant(x)).fit()
    assert [e.coefficient for e in found.effects] == pytest.approx(theirs.params[1:])
    assert [e.p for e in found.effects] == pytest.approx(theirs.pvalues[1:], rel=1e-6)
    bounds = [[e.low, e.high] for e in found.effects]
    assert bounds == [pytest.approx(row, rel=1e-6) for row in theirs.conf_int()[1:].tolist()]
    assert found.shares_reason.startswith("one output of each segment")


def r2(y, x):
    if not x.shape[1]:
        return 0.0
    return sm.OLS(y, sm.add_constant(x)).fit().rsquared


def test_shares_are_the_mean_gain_over_all_orders():
    y, x, *_ = data()
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
    y, x, segments, systems = data()
    found = fitted(y, x, segments, systems, resamples=1500)
    rows = np.arange(120).reshape(40, 3)
    rng = np.random.default_rng(4)
    drawn = []
    for _ in range(100):
        chosen = rows[rng.integers(0, 40, 40)].ravel()
        again = fitted(
            y[chosen], x[chosen], np.repeat(np.arange(40), 3), systems[chosen], resamples=2
        )
        drawn.append(again.effects[0].share)
    low, high = np.quantile(drawn, [0.025, 0.975])
    assert [found.effects[0].share_low, found.effects[0].share_high] == pytest.approx(
        [low, high], abs=0.08
    )


def test_the_interval_of_a_share_near_0_holds_it():
    for seed in range(8):
        rng = np.random.default_rng(seed)
        y, x, segments, systems = data(n_segments=15, seed=seed)
        for effect in fitted(rng.permutation(y), x, segments, systems).effects:
            assert effect.share_low <= effect.share <= effect.share_high


def test_degenerate_causes_are_not_defined_and_say_why():
    y, x, segments, systems = data()
    n = len(y)
    rare = np.where(segments < 3, 1.0, 0.0)
    mostly_unknown = np.where(np.arange(n) % 4 == 0, 0.5, math.nan)
    columns = np.column_stack(
        [x, np.zeros(n), np.ones(n), rare, mostly_unknown, x[:, 0] / 2, np.full(n, math.nan)]
    )
    names = ("a", "b", "c", "none", "always", "rare", "unknown", "twice", "never known")
    found = {
        effect.cause: effect for effect in fitted(y, columns, segments, systems, names).effects
    }
    plain = fitted(y, x, segments, systems)
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
    y, x, segments, systems = data()
    y[0], x[4, 1] = math.nan, math.nan
    found = fitted(y, x, segments, systems)
    keep = ~np.isin(np.arange(120), [0, 4])
    assert found.n == 118
    again = fitted(y[keep], x[keep], segments[keep], systems[keep])
    assert [e.coefficient for e in found.effects] == pytest.approx(
        [e.coefficient for e in again.effects]
    )


@pytest.mark.parametrize("case", ["no cause", "few segments", "one gap", "nothing", "all told"])
def test_no_model_is_not_an_error(case):
    y, x, segments, systems = data()
    if case == "no cause":
        x = np.zeros_like(x)
    elif case == "few segments":
        segments = segments % 4
    elif case == "one gap":
        y = np.ones_like(y)
    elif case == "all told":
        y = x @ np.array([0.5, 0.2, -0.1])
    else:
        y, x, segments, systems = y[:0], x[:0], segments[:0], systems[:0]
    found = fitted(y, x, segments, systems)
    assert found.reason and math.isnan(found.r2)
    assert all(effect.reason and math.isnan(effect.share) for effect in found.effects)


def test_shapes_that_do_not_fit_are_refused():
    y, x, segments, systems = data()
    with pytest.raises(ValueError, match="do not fit"):
        fitted(y, x, segments, systems, ("a",))
