"""The mixed model against statsmodels, the analysis of variance and a dense likelihood."""

from itertools import product

import numpy as np
import pandas as pd
import pytest
import statsmodels.formula.api as smf
from scipy.stats import t as student

from metrics.statistics import mixed, mixed_contrasts, mixed_design, mixed_model
from metrics.statistics.mixed_solve import solve


def crossed(n_segments, n_systems, n_raters, *, variances=(16, 38, 20, 90), seed=1, keep=1.0):
    """Ratings of every output by every rater; variances of segment, rater, both, residual."""
    rng = np.random.default_rng(seed)
    segment, system, rater = (
        np.array(side)
        for side in zip(*product(range(n_segments), range(n_systems), range(n_raters)), strict=True)
    )
    sds = np.sqrt(variances)
    y = 60 + 3.0 * system + rng.normal(0, sds[0], n_segments)[segment]
    y += rng.normal(0, sds[1], n_raters)[rater]
    y += rng.normal(0, sds[2], (n_segments, n_systems))[segment, system]
    y += rng.normal(0, sds[3], len(y))
    known = rng.random(len(y)) < keep
    return tuple(side[known] for side in (y, system, segment, rater))


def variances(model):
    return [component.variance for component in model.components]


def dense(data, model, at=None):
    """REML log likelihood, means and their covariance with the matrix V written out."""
    y, system, segment, rater = data
    s, r, c, e = variances(model) if at is None else at
    same = [labels[:, None] == labels[None, :] for labels in (segment, rater)]
    both = same[0] & (system[:, None] == system[None, :])
    inverse = np.linalg.inv(s * same[0] + r * same[1] + c * both + e * np.eye(len(y)))
    x = np.eye(system.max() + 1)[system]
    information = x.T @ inverse @ x
    means = np.linalg.solve(information, x.T @ inverse @ y)
    left = y - x @ means
    rest = len(y) - x.shape[1]
    value = (
        rest * np.log(2 * np.pi)
        - np.linalg.slogdet(inverse)[1]
        + np.linalg.slogdet(information)[1]
        + left @ inverse @ left
    )
    return -value / 2, means, np.linalg.inv(information)


def in_order(model, *arrays):
    """By system, as the data number them."""
    order = np.argsort([int(row.system) for row in model.systems])
    return [array[order] if array.ndim == 1 else array[np.ix_(order, order)] for array in arrays]


@pytest.mark.parametrize("keep", [1.0, 0.55])
def test_means_errors_and_likelihood_are_those_of_the_dense_matrices(keep):
    data = crossed(12, 3, 4, keep=keep)
    model = mixed_model(*data)
    value, means, covariance = dense(data, model)
    estimates = np.array([row.mean.estimate for row in model.systems])
    ours, ours_covariance = in_order(model, estimates, model.covariance)
    assert model.log_likelihood == pytest.approx(value, abs=1e-9)
    assert ours == pytest.approx(means, abs=1e-9)
    assert ours_covariance == pytest.approx(covariance, rel=1e-9)
    assert [row.se for row in model.systems] == pytest.approx(np.sqrt(np.diag(model.covariance)))


@pytest.mark.parametrize("keep", [1.0, 0.55])
def test_no_other_variances_are_likelier(keep):
    data = crossed(12, 3, 4, keep=keep)
    model = mixed_model(*data)
    best = variances(model)
    for place, factor in product(range(4), (0.98, 1.02)):
        other = [v * factor if i == place else v for i, v in enumerate(best)]
        assert dense(data, model, other)[0] < model.log_likelihood


@pytest.mark.parametrize(("keep", "seed"), [(1.0, 2), (0.6, 3)])
def test_statsmodels_finds_the_same(keep, seed):
    data = crossed(14, 3, 4, keep=keep, seed=seed)
    table = pd.DataFrame(dict(zip(("y", "system", "segment", "rater"), data, strict=True)))
    parts = {
        "rater": "0 + C(rater)",
        "segment": "0 + C(segment)",
        "system:segment": "0 + C(segment):C(system)",
    }
    peer = smf.mixedlm(
        "y ~ 0 + C(system)", table, groups=np.ones(len(table)), vc_formula=parts, re_formula="0"
    ).fit(reml=True, gtol=1e-8)
    model = mixed_model(*data)
    theirs = dict(zip(peer.model.exog_vc.names, peer.vcomp, strict=True))
    for name, value in theirs.items():
        assert model.variance(name) == pytest.approx(value, rel=2e-4)
    assert model.variance("residual") == pytest.approx(peer.scale, rel=2e-4)
    means, errors = in_order(
        model,
        np.array([row.mean.estimate for row in model.systems]),
        np.array([row.se for row in model.systems]),
    )
    assert means == pytest.approx(np.asarray(peer.fe_params), abs=1e-4)
    # Theirs come from the observed information of means and variances together.
    assert errors == pytest.approx(np.asarray(peer.bse_fe), rel=1e-8 if keep == 1 else 2e-3)
    at = [theirs[name] for name in ("segment", "rater", "system:segment")] + [peer.scale]
    assert errors == pytest.approx(np.sqrt(np.diag(dense(data, model, at)[2])), rel=1e-4)


def test_a_complete_table_gives_the_analysis_of_variance():
    data = crossed(20, 4, 3)
    y = data[0].reshape(20, 4, 3)
    model = mixed_model(*data)
    cells, segments, systems, raters = y.mean(2), y.mean((1, 2)), y.mean((0, 2)), y.mean((0, 1))
    apart = cells - segments[:, None] - systems + y.mean()
    left = y - cells[:, :, None] - raters + y.mean()
    squares = {
        "segment": 12 * segments.var(ddof=1),
        "rater": 80 * raters.var(ddof=1),
        "both": 3 * (apart**2).sum() / (19 * 3),
        "left": (left**2).sum() / (79 * 2),
    }
    expected = [
        (squares["segment"] - squares["both"]) / 12,
        (squares["rater"] - squares["left"]) / 80,
        (squares["both"] - squares["left"]) / 3,
        squares["left"],
    ]
    assert variances(model) == pytest.approx(expected, rel=1e-8)
    assert [component.n_levels for component in model.components] == [20, 3, 80, 240]


def test_contrasts_of_a_complete_table_are_t_tests_with_the_interaction_as_error():
    data = crossed(20, 4, 3)
    cells = data[0].reshape(20, 4, 3).mean(2)
    apart = cells - cells.mean(1, keepdims=True) - cells.mean(0) + cells.mean()
    error = (apart**2).sum() / (19 * 3)
    model = mixed_model(*data)
    for row in mixed_contrasts(model):
        difference = cells.mean(0)[int(row.first)] - cells.mean(0)[int(row.second)]
        se = (2 * error / 20) ** 0.5
        assert row.difference.estimate == pytest.approx(difference, abs=1e-9)
        assert (row.se, row.df) == (pytest.approx(se, rel=1e-8), pytest.approx(57, rel=1e-5))
        assert row.p == pytest.approx(2 * student.sf(abs(difference) / se, 57), rel=1e-5)
        half = row.difference.high - row.difference.estimate
        assert half == pytest.approx(student.ppf(0.975, 57) * se, rel=1e-6)


def test_contrasts_may_be_with_one_system():
    model = mixed_model(*crossed(10, 4, 2))
    rows = mixed_contrasts(model, against="2")
    assert {row.second for row in rows} == {"2"} and len(rows) == 3
    swapped = {(r.first, r.second): r for r in mixed_contrasts(model)}
    for row in rows:
        other = swapped.get((row.first, "2")) or swapped["2", row.first]
        assert row.p == pytest.approx(other.p)
    with pytest.raises(ValueError, match="no system called 'x'"):
        mixed_contrasts(model, against="x")


def test_systems_with_raters_of_their_own_are_tested_against_the_raters():
    """Two pools of three strict or lenient people: the t test of segments finds too much."""
    rng = np.random.default_rng(5)
    found = 0
    for _ in range(60):
        segment, system, turn = (
            np.array(side) for side in zip(*product(range(30), range(2), range(2)), strict=True)
        )
        rater = 3 * system + (segment + turn) % 3
        y = rng.normal(0, 6, 6)[rater] + rng.normal(0, 3, 30)[segment] + rng.normal(0, 5, len(turn))
        row = mixed_contrasts(mixed_model(y, system, segment, rater))[0]
        found += row.p < 0.05
    assert found <= 8


def test_one_rater_and_one_rating_for_an_output():
    y, system, segment, _ = crossed(30, 3, 1)
    model = mixed_model(y, system, segment, np.zeros(len(y)))
    reasons = {component.name: component.reason for component in model.components}
    assert reasons["rater"] == "only one rater"
    assert "cannot tell" in reasons["system:segment"]
    assert model.variance("rater") == 0 and np.isnan(variances(model)[1])
    deltas = y.reshape(30, 3)[:, 1] - y.reshape(30, 3)[:, 0]
    row = next(r for r in mixed_contrasts(model) if {r.first, r.second} == {"0", "1"})
    assert abs(row.difference.estimate) == pytest.approx(abs(deltas.mean()))
    assert model.reason == "" and row.p < 1


def test_a_variance_of_zero_is_zero_with_a_reason():
    model = mixed_model(*crossed(25, 3, 3, variances=(0, 9, 0, 400), seed=4))
    zero = [c for c in model.components if c.variance == 0]
    assert zero and all("at its bound" in c.reason for c in zero)
    assert all(np.isfinite(row.mean).all() for row in model.systems)


def test_without_the_interaction_its_variance_is_left_out():
    data = crossed(15, 3, 3)
    model = mixed_model(*data, interaction=False)
    assert model.components[2].reason == "not asked for"
    assert model.log_likelihood < mixed_model(*data).log_likelihood


def test_the_order_of_rows_the_names_and_the_unit_do_not_matter():
    y, system, segment, rater = crossed(12, 3, 3, keep=0.7)
    base = mixed_model(y, system, segment, rater)
    mix = np.random.default_rng(0).permutation(len(y))
    names = np.char.add("model ", system.astype(str))
    other = mixed_model((1000 + 10 * y)[mix], names[mix], segment[mix], rater[mix])
    assert variances(other) == pytest.approx([100 * v for v in variances(base)], rel=1e-6)
    for one, two in zip(base.systems, other.systems, strict=True):
        assert two.system == f"model {one.system}"
        assert two.mean == pytest.approx([1000 + 10 * v for v in one.mean], rel=1e-7)


@pytest.mark.parametrize(
    ("scores", "reason"),
    [
        ([np.nan] * 8, "no score is known"),
        ([3.0] * 8, "all scores are equal"),
        ([1.0, np.nan, np.nan, np.nan, 2.0, np.nan, np.nan, np.nan], "no more ratings than"),
        ([1, 1, 5, 5, 2, 2, 4, 4], "no residual variance"),
    ],
)
def test_what_cannot_be_estimated_says_why(scores, reason):
    model = mixed_model(scores, [0, 0, 0, 0, 1, 1, 1, 1], [0, 0, 1, 1] * 2, [0, 1] * 4)
    assert reason in model.reason
    assert all(np.isnan(row.mean.estimate) for row in model.systems)
    assert all(np.isnan(row.p) for row in mixed_contrasts(model))


def test_a_rater_for_each_system_gives_means_without_intervals():
    y, system, segment, _ = crossed(10, 2, 1)
    model = mixed_model(y, system, segment, system)
    assert "one rater" in model.reason
    assert np.isfinite(model.systems[0].mean.estimate) and np.isnan(model.systems[0].mean.low)


def test_many_raters_give_the_same_as_few(monkeypatch):
    """From some number of columns on sums are kept sparse."""
    data = crossed(12, 3, 4, keep=0.6)
    few = mixed_model(*data)
    monkeypatch.setattr(mixed_design, "WIDE", 5)
    many = mixed_model(*data)
    assert variances(many) == pytest.approx(variances(few), rel=1e-9)
    assert many.covariance == pytest.approx(few.covariance, rel=1e-9)


@pytest.mark.parametrize("place", range(3))
def test_the_slopes_are_those_of_small_steps(place):
    _, _, data = mixed._read(*crossed(10, 3, 3, keep=0.7))
    sums = mixed_design.sums_of(data)
    at, step = np.array([0.3, 0.5, 0.4]), np.eye(3)[place] * 1e-5
    ahead, behind, here = (solve(sums, at + move) for move in (step, -step, 0 * step))
    for value, slope in (
        ("log_determinant", "log_slopes"),
        ("squares", "squares_slopes"),
        ("covariance", "covariance_slopes"),
    ):
        numeric = (getattr(ahead, value) - getattr(behind, value)) / 2e-5
        assert getattr(here, slope)[place] == pytest.approx(numeric, rel=1e-6, abs=1e-8)


def test_lists_of_unequal_length_are_refused():
    with pytest.raises(ValueError, match="same length"):
        mixed_model([1.0, 2.0], [0, 1], [0, 1], [0])
