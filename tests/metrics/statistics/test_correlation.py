import numpy as np
import pytest
from scipy import stats

from metrics.statistics import (
    correlation_interval,
    grouped_correlation,
    kendall_b,
    pearson,
    spearman,
)
from metrics.statistics.ranks import pair_contributions

STATISTICS = ["pearson", "spearman", "kendall_b"]
GROUPINGS = ["none", "item", "system"]
SCIPY = {"pearson": stats.pearsonr, "spearman": stats.spearmanr, "kendall_b": stats.kendalltau}


def study(seed: int, n_items: int = 40, n_systems: int = 5, missing: float = 0.1):
    """Human scores 0-6 and a metric that follows them a little, some cells missing."""
    rng = np.random.default_rng(seed)
    items, systems = np.indices((n_items, n_systems)).reshape(2, -1)
    human = rng.integers(0, 7, items.size).astype(float)
    metric = np.round(human + rng.normal(0, 4, items.size))
    human[rng.random(items.size) < missing] = np.nan
    return human, metric, items, systems


def naive(human, metric, items, systems, statistic, grouping):
    groups = {"none": np.zeros(len(items)), "item": items, "system": systems}[grouping]
    values = []
    for group in np.unique(groups):
        mine = (groups == group) & np.isfinite(human) & np.isfinite(metric)
        x, y = human[mine], metric[mine]
        if x.size >= 2 and np.ptp(x) and np.ptp(y):
            values.append(SCIPY[statistic](x, y)[0])
    return np.mean(values), len(values)


@pytest.mark.parametrize("grouping", GROUPINGS)
@pytest.mark.parametrize("statistic", STATISTICS)
def test_it_equals_scipy_group_by_group(statistic, grouping):
    for seed in range(5):
        data = study(seed)
        found = grouped_correlation(*data, statistic=statistic, grouping=grouping)
        value, n_groups = naive(*data, statistic, grouping)
        assert found.value == pytest.approx(value, abs=1e-12)
        assert (found.n, found.n_groups) == (np.isfinite(data[0]).sum(), n_groups)


def test_tau_by_hand():
    # Pairs of (1,1) (2,3) (3,2) (3,4): 4 concordant, 1 discordant, 1 tied in x only.
    assert kendall_b([1, 2, 3, 3], [1, 3, 2, 4]) == pytest.approx(3 / np.sqrt(5 * 6))


@pytest.mark.parametrize("statistic", STATISTICS)
def test_groups_without_variation_are_not_counted(statistic):
    human = [1, 2, 3, 3, 1, 2, 5]
    metric = [1, 2, 1, 2, 7, 7, 5]
    items = ["a", "a", "b", "b", "c", "c", "d"]
    found = grouped_correlation(human, metric, items, items, statistic=statistic)
    assert found[2] == pytest.approx(1)
    assert (found.n, found.n_groups) == (7, 1)


@pytest.mark.parametrize("grouping", GROUPINGS)
def test_a_constant_metric_is_not_defined(grouping):
    human, _metric, items, systems = study(1)
    found = correlation_interval(
        human, np.full(200, 0.1), items, systems, grouping=grouping, rng=np.random.default_rng(0)
    )
    assert np.isnan([found.value, found.low, found.high]).all()
    assert found.n_groups == 0
    assert "does not vary" in found.reason


@pytest.mark.parametrize("n", [0, 1])
def test_too_few_pairs_are_not_defined(n):
    found = grouped_correlation([1.0] * n, [1.0] * n, [1] * n, [1] * n, grouping="none")
    assert np.isnan(found.value)
    assert found.reason.startswith("fewer than two outputs")


@pytest.mark.parametrize("coefficient", [pearson, spearman, kendall_b])
def test_turning_the_metric_turns_the_sign_and_swapping_does_nothing(coefficient):
    human, metric, *_ = study(2)
    value = coefficient(human, metric)
    assert coefficient(human, -metric) == pytest.approx(-value)
    assert coefficient(metric, human) == pytest.approx(value)
    assert coefficient(human, human) == pytest.approx(1)


@pytest.mark.parametrize("coefficient", [spearman, kendall_b])
def test_rank_statistics_ignore_a_monotone_change(coefficient):
    human, metric, *_ = study(3)
    assert coefficient(human, np.exp(metric)) == pytest.approx(coefficient(human, metric))


def test_pairs_of_each_point_are_counted_exactly():
    rng = np.random.default_rng(4)
    for size in (1, 2, 3, 17, 64, 65, 200):
        x, y = rng.integers(-9, 9, (2, size)) / 2
        dx, dy = np.sign(x[:, None] - x), np.sign(y[:, None] - y)
        expected = np.stack([(dx * dy).sum(1), np.abs(dx).sum(1), np.abs(dy).sum(1)], axis=1)
        np.testing.assert_array_equal(pair_contributions(x, y), expected)


@pytest.mark.parametrize("grouping", ["none", "system"])
@pytest.mark.parametrize("statistic", ["pearson", "spearman"])
def test_the_bootstrap_recomputes_the_value_of_the_drawn_items(statistic, grouping):
    human, metric, items, systems = study(5, missing=0.0)
    found = correlation_interval(
        human,
        metric,
        items,
        systems,
        statistic=statistic,
        grouping=grouping,
        rng=np.random.default_rng(6),
        resamples=40,
    )
    rows = np.arange(200).reshape(40, 5)
    values = []
    for draw in np.random.default_rng(6).integers(0, 40, size=(40, 40)):
        pick = rows[draw].ravel()
        drawn = (human[pick], metric[pick], items[pick], systems[pick])
        values.append(naive(*drawn, statistic, grouping)[0])
    assert (found.low, found.high) == pytest.approx(tuple(np.quantile(values, [0.025, 0.975])))


@pytest.mark.parametrize("grouping", ["none", "system"])
def test_the_jackknife_leaves_out_each_item_exactly(grouping):
    human, metric, items, systems = study(7)
    found = correlation_interval(
        human,
        metric,
        items,
        systems,
        statistic="kendall_b",
        grouping=grouping,
        rng=np.random.default_rng(0),
    )
    left = []
    for item in range(40):
        rest = items != item
        data = (human[rest], metric[rest], items[rest], systems[rest])
        left.append(naive(*data, "kendall_b", grouping)[0])
    z = np.arctanh(left)
    half = 1.959963985 * np.sqrt(39 / 40 * ((z - z.mean()) ** 2).sum())
    centre = np.arctanh(found.value)
    assert (found.low, found.high) == pytest.approx(
        (np.tanh(centre - half), np.tanh(centre + half)), abs=1e-9
    )


@pytest.mark.parametrize("statistic", STATISTICS)
def test_item_grouping_draws_the_items_values(statistic):
    data = study(8, n_systems=4)
    found = correlation_interval(
        *data, statistic=statistic, grouping="item", rng=np.random.default_rng(1)
    )
    assert found.low < found.value < found.high
    assert found.method.startswith("bootstrap over items")


@pytest.mark.parametrize("statistic", STATISTICS)
def test_the_interval_covers_about_as_often_as_it_says(statistic):
    rng = np.random.default_rng(9)
    r = 0.5
    truth = {
        "pearson": r,
        "spearman": 6 / np.pi * np.arcsin(r / 2),
        "kendall_b": 2 / np.pi * np.arcsin(r),
    }[statistic]
    hits = 0
    for _round in range(150):
        x, e = rng.normal(size=(2, 120))
        y = r * x + np.sqrt(1 - r * r) * e
        names = np.arange(120)
        found = correlation_interval(
            x, y, names, names, statistic=statistic, grouping="none", rng=rng, resamples=300
        )
        hits += found.low <= truth <= found.high
    assert 131 <= hits <= 149


def test_two_items_correlate_at_1_or_minus_1_and_have_no_interval_within_systems():
    human = np.array([1.0, 2, 4, 3, 5, 9])
    found = correlation_interval(
        human, human[::-1], [0, 0, 0, 1, 1, 1], [0, 1, 2, 0, 1, 2], statistic="pearson",
        grouping="system", rng=np.random.default_rng(0),
    )  # fmt: skip
    assert abs(found.value) <= 1 and np.isnan([found.low, found.high]).all()
    assert found.reason.startswith("no interval: too few items")


def test_perfect_agreement_has_no_jackknife_interval():
    values = np.arange(20.0)
    found = correlation_interval(
        values,
        values,
        values,
        values,
        statistic="kendall_b",
        grouping="none",
        rng=np.random.default_rng(0),
    )
    assert found.value == 1
    assert np.isnan(found.low)
    assert found.reason


@pytest.mark.parametrize(
    ("choice", "message"),
    [({"statistic": "tau"}, "no statistic called"), ({"grouping": "domain"}, "no grouping called")],
)
def test_it_refuses_unknown_words(choice, message):
    with pytest.raises(ValueError, match=message):
        grouped_correlation([1, 2], [1, 2], [1, 2], [1, 1], **choice)


def test_it_refuses_lists_of_different_lengths():
    with pytest.raises(ValueError, match="same length"):
        grouped_correlation([1, 2], [1, 2, 3], [1, 2], [1, 1])
