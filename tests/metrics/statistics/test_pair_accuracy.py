import numpy as np
import pytest
from scipy import stats
from scipy.special import expit, logit

from metrics.statistics import acc_eq, acc_eq_interval, kendall_c_interval
from metrics.statistics.tied_pairs import count_pairs

GROUPINGS = ["none", "item", "system"]


def study(seed: int, shape=(30, 4), missing: float = 0.1):
    """Human scores 0-6 and a metric in halves that follows them a little, some cells missing."""
    rng = np.random.default_rng(seed)
    human = rng.integers(0, 7, shape).astype(float)
    metric = np.round(2 * human + rng.normal(0, 6, shape)) / 2
    human[rng.random(shape) < missing] = np.nan
    return human, metric


@pytest.mark.parametrize("epsilon", [0, 0.5, 1, 3.25])
@pytest.mark.parametrize("n", [1, 2, 5, 60])
def test_pairs_with_ties_are_counted_exactly(n, epsilon):
    rng = np.random.default_rng(n)
    human, metric = rng.integers(0, 5, n).astype(float), rng.integers(0, 20, n) / 4
    gaps = metric[:, None] - metric
    dm = np.where(np.abs(gaps) <= epsilon, 0, np.sign(gaps))
    dh = np.sign(human[:, None] - human)
    found = count_pairs(human, metric, epsilon)
    np.testing.assert_array_equal(found.right, (dh == dm).sum(axis=1) - 1)
    above = np.triu_indices(n, 1)
    assert found.human_ties == (dh[above] == 0).sum()
    assert found.metric_ties == (dm[above] == 0).sum()


@pytest.mark.parametrize("grouping", GROUPINGS)
def test_the_value_is_that_of_acc_eq(grouping):
    for seed in range(4):
        data = study(seed)
        wanted = acc_eq(*data, grouping=grouping)
        found = acc_eq_interval(*data, grouping=grouping, rng=np.random.default_rng(0))
        assert found.value == pytest.approx(wanted.value, abs=1e-12)
        assert (found.epsilon, found.n_pairs, found.n_groups) == (
            wanted.epsilon,
            wanted.n_pairs,
            wanted.n_groups,
        )
        assert (found.constant, found.coin) == pytest.approx((wanted.constant, wanted.coin))
        assert found.low < found.value < found.high


@pytest.mark.parametrize("grouping", ["none", "system"])
def test_the_jackknife_leaves_out_each_segment_exactly(grouping):
    human, metric = study(5)
    found = acc_eq_interval(human, metric, grouping=grouping, rng=np.random.default_rng(0))
    left = []
    for line in range(30):
        rest = np.arange(30) != line
        part = acc_eq(human[rest], metric[rest], grouping=grouping, epsilon=found.epsilon)
        left.append(part.value)
    z = logit(left)
    half = 1.959963985 * np.sqrt(29 / 30 * ((z - z.mean()) ** 2).sum())
    centre = logit(found.value)
    assert (found.low, found.high) == pytest.approx((expit(centre - half), expit(centre + half)))
    assert found.method.startswith("jackknife over segments")


@pytest.mark.parametrize("grouping", GROUPINGS)
def test_beyond_so_many_pairs_epsilon_comes_from_some_segments_and_the_value_from_all(grouping):
    data = study(6, shape=(60, 4))
    rng = np.random.default_rng(1)
    found = acc_eq_interval(*data, grouping=grouping, rng=rng, most_pairs=100)
    again = acc_eq(*data, grouping=grouping, epsilon=found.epsilon)
    assert found.value == pytest.approx(again.value)
    assert found.n_pairs == again.n_pairs
    assert "of 60 segments" in found.method


def test_a_metric_that_ties_everything_is_right_where_people_tie():
    human, _ = study(7)
    found = acc_eq_interval(human, np.ones_like(human), rng=np.random.default_rng(0))
    assert found.value == pytest.approx(found.constant)
    assert found.metric_ties == found.n_pairs


def test_without_a_pair_it_is_not_defined_and_one_segment_has_no_interval():
    rng = np.random.default_rng(0)
    nothing = acc_eq_interval(np.full((3, 2), np.nan), np.ones((3, 2)), rng=rng)
    assert np.isnan(nothing.value) and nothing.reason.startswith("no group")
    one = acc_eq_interval([[1, 2]], [[1, 2]], rng=rng)
    assert one.value == 1 and np.isnan(one.low) and one.reason.startswith("no interval")


@pytest.mark.parametrize("grouping", GROUPINGS)
def test_tau_c_is_scipy_s_group_by_group(grouping):
    human, metric = study(8)
    groups = {"none": [slice(None)], "item": list(range(30)), "system": list(range(4))}[grouping]
    values = []
    for group in groups:
        spot = (slice(None), group) if grouping == "system" else group
        x, y = human[spot].ravel(), metric[spot].ravel()
        x, y = x[~np.isnan(x)], y[~np.isnan(x)]
        if x.size > 1 and np.ptp(x) and np.ptp(y):
            values.append(stats.kendalltau(x, y, variant="c")[0])
    found = kendall_c_interval(human, metric, grouping=grouping, rng=np.random.default_rng(0))
    assert found.value == pytest.approx(np.mean(values))
    assert (found.n, found.n_groups) == (np.isfinite(human).sum(), len(values))
    assert found.low < found.value < found.high


@pytest.mark.parametrize("grouping", ["none", "system"])
def test_tau_c_is_computed_again_without_each_segment(grouping):
    human, metric = study(9)
    rng = np.random.default_rng(0)
    found = kendall_c_interval(human, metric, grouping=grouping, rng=rng)
    left = [
        kendall_c_interval(
            np.delete(human, line, 0), np.delete(metric, line, 0), grouping=grouping, rng=rng
        ).value
        for line in range(30)
    ]
    z = np.arctanh(left)
    half = 1.959963985 * np.sqrt(29 / 30 * ((z - z.mean()) ** 2).sum())
    centre = np.arctanh(found.value)
    assert (found.low, found.high) == pytest.approx(tuple(np.tanh([centre - half, centre + half])))


@pytest.mark.parametrize("grouping", GROUPINGS)
def test_tau_c_of_a_constant_is_not_defined(grouping):
    human, metric = study(10)
    rng = np.random.default_rng(0)
    found = kendall_c_interval(human, np.ones_like(metric), grouping=grouping, rng=rng)
    assert np.isnan(found.value)
    assert found.reason.startswith("one side does not vary")
    assert kendall_c_interval([[1]], [[1]], grouping=grouping, rng=rng).reason.startswith("fewer")
