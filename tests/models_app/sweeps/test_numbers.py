"""Best of n, effects, importance and the front: by hand, by statsmodels, by counting."""

from itertools import combinations, product

import numpy as np
import pytest

from models_app.sweeps.best import best_so_far, expected_best, spread
from models_app.sweeps.effects import cells, effects
from models_app.sweeps.importance import importance
from models_app.sweeps.pareto import pareto_front


def table(n_seeds=2, drop=(), noise=1.0, seed=1):
    """Levels and values of a made-up sweep of three factors."""
    rng = np.random.default_rng(seed)
    rows = [
        (rank, bits, size)
        for number, (rank, bits, size, _) in enumerate(
            product((4, 8, 16), ("four", "full"), (64, 256), range(n_seeds))
        )
        if number not in drop
    ]
    levels = {name: [row[at] for row in rows] for at, name in enumerate(("rank", "bits", "size"))}
    y = [
        0.4 * rank + (bits == "full") * (2 + 0.1 * rank) + size / 100 + noise * rng.normal()
        for rank, bits, size in rows
    ]
    return levels, np.array(y)


@pytest.mark.parametrize("greater", [True, False])
def test_the_expected_best_is_the_mean_over_all_draws(greater):
    values, best = [3.0, 1.0, 4.0, 1.5], max if greater else min
    for found in expected_best(values, greater_is_better=greater):
        draws = [best(draw) for draw in product(values, repeat=found.n)]
        assert found.drawn == pytest.approx(np.mean(draws))
        assert found.sd == pytest.approx(np.std(draws))
        subsets = [best(draw) for draw in combinations(values, found.n)]
        assert found.without == pytest.approx(np.mean(subsets))
    assert [row.n for row in expected_best(values, greater_is_better=greater)] == [1, 2, 3, 4]


def test_the_best_of_nothing_is_nothing():
    assert expected_best([], greater_is_better=True) == []
    assert spread([]).n == 0 and np.isnan(spread([]).mean)
    assert np.isnan(spread([2.0]).sd) and spread([2.0]).median == 2
    assert spread([1, 2, 3, 4]).sd == pytest.approx(np.std([1, 2, 3, 4], ddof=1))
    with pytest.raises(ValueError, match="finite"):
        spread([1, float("nan")])


def test_the_best_so_far_passes_over_trials_without_a_value():
    found = best_so_far([None, 3, float("inf"), 5, None, 2], greater_is_better=False)
    assert np.isnan(found[0]) and found[1:] == [3, 3, 3, 3, 2]


@pytest.mark.parametrize("drop", [(), (0, 3, 7, 8, 15)], ids=["balanced", "unbalanced"])
def test_effects_are_those_of_statsmodels(drop):
    pandas = pytest.importorskip("pandas", reason="pandas is not installed")
    api = pytest.importorskip("statsmodels.formula.api", reason="statsmodels is not installed")
    from statsmodels.stats.anova import anova_lm

    levels, y = table(drop=drop)
    frame = pandas.DataFrame({**levels, "y": y})
    model = api.ols("y ~ (C(rank, Sum) + C(bits, Sum) + C(size, Sum))**2", frame).fit()
    theirs = anova_lm(model, typ=2)
    found = effects(levels, y)
    names = {"rank": "C(rank, Sum)", "bits": "C(bits, Sum)", "size": "C(size, Sum)"}
    assert len(found.terms) == 6
    for term in found.terms:
        line = theirs.loc[":".join(names[name] for name in term.factors)]
        assert term.df == line["df"]
        assert term.ss == pytest.approx(line["sum_sq"])
        assert term.f == pytest.approx(line["F"])
        assert term.p == pytest.approx(line["PR(>F)"], rel=1e-6)
    assert found.residual_df == theirs.loc["Residual", "df"]
    additive = api.ols("y ~ C(rank, Sum) + C(bits, Sum) + C(size, Sum)", frame).fit()
    grid = pandas.DataFrame(
        list(product((4, 8, 16), ("four", "full"), (64, 256))), columns=list(levels)
    )
    grid["y"] = additive.predict(grid)
    for level in found.levels:
        assert level.adjusted == pytest.approx(grid[grid[level.factor] == level.level]["y"].mean())
        own = frame[frame[level.factor] == level.level]["y"]
        assert (level.n, level.mean) == (len(own), pytest.approx(own.mean()))
        assert level.sd == pytest.approx(own.std())


def test_in_a_balanced_table_the_shares_sum_to_what_is_explained():
    levels, y = table(noise=0.0)
    found = effects({name: levels[name] for name in ("rank", "bits")}, y - y.mean())
    assert all("add seeds" not in term.reason for term in found.terms)
    alone = effects({"bits": levels["bits"], "size": levels["size"]}, y)
    assert sum(term.share for term in alone.terms) < 1


def test_without_replicates_an_interaction_has_squares_but_no_test():
    levels = {"rank": [4, 4, 8, 8], "bits": [4, 32, 4, 32]}
    found = effects(levels, [1.0, 2.0, 3.0, 7.0])
    assert [term.df for term in found.terms] == [1, 1, 1]
    assert [term.ss for term in found.terms] == pytest.approx([12.25, 6.25, 2.25])
    assert sum(term.share for term in found.terms) == pytest.approx(1)
    assert all(np.isnan(term.p) and "add seeds" in term.reason for term in found.terms)


def test_factors_that_change_together_are_not_told_apart():
    levels = {"rank": [4, 4, 8, 8, 4, 8], "alpha": [8, 8, 16, 16, 8, 16]}
    found = effects(levels, [1.0, 2.0, 3.0, 4.0, 1.5, 3.5])
    assert all(term.df == 0 and "cannot tell" in term.reason for term in found.terms)
    assert all(np.isnan(level.adjusted) for level in found.levels)


@pytest.mark.parametrize(
    ("levels", "values", "reason"),
    [
        ({"rank": [4, 8]}, [1.0, 2.0], "fewer than three"),
        ({"rank": [4, 4, 4]}, [1.0, 2.0, 3.0], "no factor"),
        ({"rank": [4, 8, 4]}, [1.0, 1.0, 1.0], "all values are equal"),
    ],
)
def test_effects_that_are_not_defined_say_why(levels, values, reason):
    found = effects(levels, values)
    assert found.terms == [] and reason in found.reason and found.levels


def test_a_cell_without_a_trial_has_no_mean():
    found = cells([4, 4, 8], ["a", "b", "a"], [1.0, 2.0, 4.0])
    assert [(c.levels, c.n) for c in found] == [
        ((4, "a"), 1), ((4, "b"), 1), ((8, "a"), 1), ((8, "b"), 0),
    ]  # fmt: skip
    assert np.isnan(found[-1].mean) and found[2].mean == 4


def test_the_front_is_who_is_not_beaten():
    rng = np.random.default_rng(3)
    points = rng.integers(0, 6, (40, 3)).astype(float)
    directions = (True, False, False)
    signed = points * np.where(directions, 1, -1)
    for mine, on_front in zip(signed, pareto_front(points, directions), strict=True):
        beaten = any(np.all(other >= mine) and np.any(other > mine) for other in signed)
        assert on_front == (not beaten)
    assert pareto_front([[1, 2], [1, 2]], (True, False)).tolist() == [True, True]
    assert pareto_front(np.empty((0, 2)), (True, False)).tolist() == []
    with pytest.raises(ValueError, match="finite"):
        pareto_front([[1, float("nan")]], (True, True))


def test_the_factor_that_decides_is_the_important_one():
    pytest.importorskip("optuna", reason="Optuna is not installed")
    rng = np.random.default_rng(5)
    conditions = [
        {"rank": int(rng.choice([4, 8, 16])), "bits": int(rng.choice([4, 32])), "rate": rate}
        for rate in rng.uniform(0, 1, 120)
    ]
    space = {"rank": [4, 8, 16], "bits": [4, 32], "rate": {"low": 0.0, "high": 1.0}}
    values = [row["rank"] + 0.01 * row["bits"] for row in conditions]
    found = importance(conditions, values, space, greater_is_better=False)
    for method in ("fanova", "ped_anova"):
        assert next(iter(found[method])) == "rank"
        assert sum(found[method].values()) == pytest.approx(1)
    assert found["n"] == 120
    for fewer, why in (
        (importance(conditions[:3], values[:3], space, greater_is_better=True), "fewer than 4"),
        (importance(conditions, [1.0] * 120, space, greater_is_better=True), "all values"),
        (
            importance([{"rank": n} for n in range(5)], [1, 2, 3, 4, 5], {"rank": [1]},
                       greater_is_better=True),
            "fewer than two factors",
        ),
    ):  # fmt: skip
        assert why in fewer["reason"]
