from itertools import combinations

import numpy as np
import pytest
from scipy import stats

from metrics.statistics import acc_eq, kendall_b_by_item, kendall_c

GROUPINGS = ["none", "item", "system"]


def study(seed: int, shape: tuple[int, int] = (12, 5), missing: float = 0.1):
    """Human scores 0-3 with many ties and a metric in steps of 1/4, some outputs missing."""
    rng = np.random.default_rng(seed)
    human = rng.integers(0, 4, shape).astype(float)
    metric = np.round((human + rng.normal(0, 1.5, shape)) * 4) / 4
    human[rng.random(shape) < missing] = np.nan
    metric[rng.random(shape) < missing] = np.nan
    return human, metric


def groups_of(human, metric, grouping):
    """Lists of (human, metric) pairs of known outputs, one list per group."""
    cells = [
        [*zip(h, m, strict=True)] for h, m in zip(human.tolist(), metric.tolist(), strict=True)
    ]
    groups = {
        "item": cells,
        "system": [list(column) for column in zip(*cells, strict=True)],
        "none": [[pair for row in cells for pair in row]],
    }[grouping]
    return [[p for p in group if not np.isnan(p).any()] for group in groups]


def naive_accuracy(human, metric, grouping, epsilon):
    """C, D and the three kinds of ties, counted one pair at a time as Deutsch et al. define."""
    values = []
    for group in groups_of(human, metric, grouping):
        right = pairs = 0
        for (h1, m1), (h2, m2) in combinations(group, 2):
            pairs += 1
            if abs(m1 - m2) <= epsilon:
                right += h1 == h2
            else:
                right += h1 != h2 and (h1 > h2) == (m1 > m2)
        if pairs:
            values.append(right / pairs)
    return float(np.mean(values)), len(values)


@pytest.mark.parametrize("grouping", GROUPINGS)
def test_no_epsilon_does_better(grouping):
    for seed in range(3):
        human, metric = study(seed)
        found = acc_eq(human, metric, grouping=grouping)
        known = metric[np.isfinite(human) & np.isfinite(metric)]
        candidates = np.unique(np.abs(np.subtract.outer(known, known)))
        values = [naive_accuracy(human, metric, grouping, e)[0] for e in candidates]
        assert found.value == pytest.approx(max(values), abs=1e-12)
        best = candidates[np.isclose(values, max(values), rtol=0, atol=1e-12)]
        assert found.epsilon == best[0]


@pytest.mark.parametrize("grouping", GROUPINGS)
@pytest.mark.parametrize("epsilon", [0.0, 0.5, 100.0])
def test_a_given_epsilon_is_used(grouping, epsilon):
    human, metric = study(7)
    found = acc_eq(human, metric, grouping=grouping, epsilon=epsilon)
    value, n_groups = naive_accuracy(human, metric, grouping, epsilon)
    assert (found.value, found.n_groups) == (pytest.approx(value, abs=1e-12), n_groups)
    assert found.tau_23 == pytest.approx(2 * value - 1)
    assert found.constant == pytest.approx(naive_accuracy(human, metric, grouping, 1e9)[0])
    assert found.coin == pytest.approx((1 - found.constant) / 2)


def test_acc_eq_by_hand():
    # Pairs: people 1=1<2, metric 0, 0.1, 0.5.  Without ties 2 of 3 are right; up to 0.1 all are.
    found = acc_eq([[1, 1, 2]], [[0, 0.1, 0.5]])
    assert (found.value, found.epsilon, found.n_pairs, found.n_groups) == (1, 0.1, 3, 1)
    assert acc_eq([[1, 1, 2]], [[0, 0.1, 0.5]], epsilon=0).value == pytest.approx(2 / 3)


def test_a_constant_metric_gets_the_share_of_human_ties():
    human, _ = study(3, missing=0)
    found = acc_eq(human, np.zeros(human.shape))
    assert found.value == found.constant
    assert found.epsilon == 0


def test_systems_in_another_order_change_nothing():
    human, metric = study(4)
    order = np.random.default_rng(0).permutation(5)
    assert acc_eq(human, metric) == acc_eq(human[:, order], metric[:, order])


def test_two_systems_and_turning_both_sides():
    human, metric = study(5, (30, 2), missing=0)
    found = acc_eq(human, metric)
    assert found.n_pairs == found.n_groups == 30
    assert acc_eq(-human, -metric) == found


def test_groups_of_one_have_no_pairs():
    found = acc_eq([[1.0], [2.0]], [[1.0], [2.0]])
    assert np.isnan(found.value)
    assert found.reason.startswith("no group has two outputs")


def test_tau_b_by_item_equals_scipy():
    human, metric = study(8, (40, 6), missing=0.3)
    found = kendall_b_by_item(human, metric)
    for h, m, value in zip(human, metric, found, strict=True):
        known = np.isfinite(h) & np.isfinite(m)
        if known.sum() > 1 and np.ptp(h[known]) and np.ptp(m[known]):
            assert value == pytest.approx(stats.kendalltau(h[known], m[known])[0], abs=1e-12)
        else:
            assert np.isnan(value)


def test_tau_c_equals_scipy():
    rng = np.random.default_rng(9)
    for size in (2, 5, 60):
        x, y = rng.integers(0, 4, (2, size)).astype(float)
        x[0], y[0], x[1], y[1] = 0, 0, 1, 1
        expected = stats.kendalltau(x, y, variant="c")[0]
        with_hole = kendall_c([*x, np.nan], [*y, 3.0])
        assert with_hole == pytest.approx(expected, abs=1e-12)
    assert np.isnan(kendall_c([1, 1, 1], [1, 2, 3]))


def test_it_refuses_what_makes_no_sense():
    with pytest.raises(ValueError, match="one shape"):
        acc_eq([[1, 2]], [[1, 2, 3]])
    with pytest.raises(ValueError, match="no grouping called"):
        acc_eq([[1, 2]], [[1, 2]], grouping="domain")
    with pytest.raises(ValueError, match="0 or more"):
        acc_eq([[1, 2]], [[1, 2]], epsilon=-1)
    with pytest.raises(ValueError, match="one length"):
        kendall_c([1, 2], [1])
