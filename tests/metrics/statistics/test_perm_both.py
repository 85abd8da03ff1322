from itertools import combinations

import numpy as np
import pytest
from scipy import stats

from metrics.statistics import acc_eq, perm_both
from metrics.statistics.permutations import random_signs
from metrics.statistics.swaps import Swaps

SCIPY = {"pearson": stats.pearsonr, "kendall_b": stats.kendalltau}
CASES = [
    ("pearson", "none"),
    ("pearson", "item"),
    ("pearson", "system"),
    ("kendall_b", "item"),
]


def study(seed: int, shape: tuple[int, int] = (9, 4), missing: float = 0.12):
    """People, a metric close to them and one less so; ties, holes and constant segments."""
    rng = np.random.default_rng(seed)
    human = rng.integers(0, 4, shape).astype(float)
    first = np.round(human + rng.normal(0, 1, shape))
    second = np.round(human + rng.normal(0, 2, shape)) * 3 + 1
    human[0] = 2
    first[1] = second[1] = 4
    for scores in (human, first, second):
        scores[rng.random(shape) < missing] = np.nan
    known = np.isfinite(human) & np.isfinite(first) & np.isfinite(second)
    return tuple(np.where(known, scores, np.nan) for scores in (human, first, second))


def correlation(human, metric, statistic, grouping):
    rows = {"none": (human.reshape(1, -1), metric.reshape(1, -1)), "item": (human, metric)}
    values = []
    for h, m in zip(*rows.get(grouping, (human.T, metric.T)), strict=True):
        known = np.isfinite(h)
        if known.sum() > 1 and np.ptp(h[known]) and np.ptp(m[known]):
            values.append(SCIPY[statistic](h[known], m[known])[0])
    return np.mean(values)


def naive(human, first, second, statistic, grouping, seed, resamples):
    """Swap the standardised scores and evaluate anew, one permutation at a time."""
    first, second = ((s - np.nanmean(s)) / np.nanstd(s) for s in (first, second))

    def delta(a, b):
        one, two = (correlation(human, m, statistic, grouping) for m in (a, b))
        return one - two

    observed = delta(first, second)
    deltas = []
    for rows in random_signs(human.size, resamples, np.random.default_rng(seed)):
        for row in rows:
            kept = row.reshape(human.shape) > 0
            deltas.append(delta(np.where(kept, first, second), np.where(kept, second, first)))
    above = (np.array(deltas) >= observed - 1e-12).sum()
    beyond = (np.abs(deltas) >= abs(observed) - 1e-12).sum()
    return observed, (above + 1) / (resamples + 1), (beyond + 1) / (resamples + 1)


@pytest.mark.parametrize(("statistic", "grouping"), CASES)
def test_p_is_exactly_that_of_evaluating_each_permutation(statistic, grouping):
    for seed in range(3):
        data = study(seed)
        found = perm_both(
            *data,
            statistic=statistic,
            grouping=grouping,
            rng=np.random.default_rng(seed),
            resamples=60,
        )
        delta, p, p_two_sided = naive(*data, statistic, grouping, seed, 60)
        assert found.delta == pytest.approx(delta, abs=1e-12)
        assert (found.p, found.p_two_sided) == (p, p_two_sided)


def outcomes(human, metric, epsilon):
    """Per segment, whether the metric has each pair right."""
    found = []
    for h, m in zip(human, metric, strict=True):
        known = np.flatnonzero(np.isfinite(h))
        pairs = [(i, j) for i, j in combinations(known, 2)]
        found.append(
            np.array(
                [
                    h[i] == h[j]
                    if abs(m[i] - m[j]) <= epsilon
                    else h[i] != h[j] and (h[i] > h[j]) == (m[i] > m[j])
                    for i, j in pairs
                ],
                dtype=bool,
            )
        )
    return found


def test_acc_eq_p_is_that_of_swapping_the_drawn_number_of_pairs():
    human, first, second = study(4)
    found = perm_both(
        human, first, second, statistic="acc_eq", rng=np.random.default_rng(8), resamples=40
    )
    one, two = acc_eq(human, first), acc_eq(human, second)
    assert (found.first, found.second, found.n) == (one.value, two.value, one.n_pairs)
    a, b = outcomes(human, first, one.epsilon), outcomes(human, second, two.epsilon)
    sizes = sorted({len(rows) for rows in a if len(rows)})
    rng, pick = np.random.default_rng(8), np.random.default_rng(0)
    draws = {}
    for size in sizes:
        mine = [g for g in range(len(a)) if len(a[g]) == size]
        only = [sum((a[g] & ~b[g]).sum() for g in mine), sum((b[g] & ~a[g]).sum() for g in mine)]
        draws[size] = rng.binomial(only, 0.5, size=(40, 2))
    deltas = []
    for k in range(40):
        new_a, new_b = [rows.copy() for rows in a], [rows.copy() for rows in b]
        for size in sizes:
            for column, (x, y) in enumerate([(a, b), (b, a)]):
                cells = [
                    (g, c)
                    for g in range(len(a))
                    if len(a[g]) == size
                    for c in np.flatnonzero(x[g] & ~y[g])
                ]
                for where in pick.permutation(len(cells))[: draws[size][k, column]]:
                    g, c = cells[where]
                    new_a[g][c], new_b[g][c] = new_b[g][c], new_a[g][c]
        deltas.append(
            np.mean([r.mean() for r in new_a if len(r)])
            - np.mean([r.mean() for r in new_b if len(r)])
        )
    above = (np.array(deltas) >= found.delta - 1e-12).sum()
    assert found.p == (above + 1) / 41


@pytest.mark.parametrize(("statistic", "grouping"), [*CASES, ("acc_eq", "none")])
def test_swapping_the_metrics_turns_the_difference(statistic, grouping):
    human, first, second = study(5)
    how = {"statistic": statistic, "grouping": grouping, "resamples": 200}
    one = perm_both(human, first, second, rng=np.random.default_rng(1), **how)
    two = perm_both(human, second, first, rng=np.random.default_rng(1), **how)
    assert one.delta == pytest.approx(-two.delta, abs=1e-12)
    assert one.p_two_sided == pytest.approx(two.p_two_sided, abs=0.15)


@pytest.mark.parametrize("statistic", ["pearson", "kendall_b", "acc_eq"])
def test_a_metric_against_itself_and_against_noise(statistic):
    rng = np.random.default_rng(6)
    human = rng.normal(size=(60, 5))
    close, noise = human + rng.normal(0, 0.5, human.shape), rng.normal(size=human.shape)
    same = perm_both(human, close, close, statistic=statistic, rng=rng, resamples=50)
    assert (same.delta, same.p, same.p_two_sided) == (0, 1, 1)
    clear = perm_both(human, close, noise, statistic=statistic, rng=rng, resamples=99)
    assert (clear.p, clear.p_two_sided) == (0.01, 0.01)
    assert clear.n_groups == (60, 60)


def test_the_scale_of_a_metric_does_not_matter():
    human, first, second = study(7)
    one = perm_both(human, first, second, rng=np.random.default_rng(0), resamples=99)
    two = perm_both(human, first * 50 - 3, second, rng=np.random.default_rng(0), resamples=99)
    assert one.p == two.p


@pytest.mark.parametrize("statistic", ["pearson", "kendall_b"])
def test_the_null_is_rejected_about_as_often_as_it_should_be(statistic):
    rng = np.random.default_rng(9)
    low = 0
    for _round in range(200):
        human = rng.normal(size=(15, 4))
        first, second = human + rng.normal(size=(2, 15, 4))
        found = perm_both(human, first, second, statistic=statistic, rng=rng, resamples=99)
        low += found.p <= 0.1
    assert 10 <= low <= 32


def test_it_says_when_a_metric_does_not_vary():
    human, first, _ = study(10)
    found = perm_both(human, first, np.ones(human.shape), rng=np.random.default_rng(0))
    assert np.isnan(found.p)
    assert found.reason == "one side does not vary in any item"
    nothing = perm_both([[1.0]], [[1.0]], [[1.0]], rng=np.random.default_rng(0))
    assert nothing.reason == "fewer than two outputs have all three scores"
    alone = perm_both([[1.0]], [[1.0]], [[1.0]], statistic="acc_eq", rng=np.random.default_rng(0))
    assert alone.reason.startswith("no group has two outputs")


def test_it_refuses_what_it_cannot_test():
    rng, scores = np.random.default_rng(0), np.ones((3, 2))
    with pytest.raises(ValueError, match="no statistic called"):
        perm_both(scores, scores, scores, statistic="tau", rng=rng)
    with pytest.raises(ValueError, match="grouping='item' only"):
        perm_both(scores, scores, scores, grouping="none", rng=rng)


@pytest.mark.parametrize(("statistic", "grouping"), CASES)
def test_shared_swaps_give_what_a_test_of_its_own_gives(statistic, grouping):
    data = study(11)
    swaps = Swaps(data[0].shape, 50, np.random.default_rng(2))
    how = {"statistic": statistic, "grouping": grouping}
    shared = perm_both(*data, rng=np.random.default_rng(0), swaps=swaps, **how)
    assert shared == perm_both(*data, rng=np.random.default_rng(2), resamples=50, **how)


@pytest.mark.parametrize("statistic", ["pearson", "kendall_b", "acc_eq"])
def test_the_normal_tail_goes_on_where_permutations_end(statistic):
    rng = np.random.default_rng(12)
    human = rng.normal(size=(80, 5))
    first, second = human + rng.normal(0, 1, human.shape), human + rng.normal(0, 1.6, human.shape)
    how = {"statistic": statistic, "grouping": "item"}
    many = perm_both(human, first, second, rng=rng, resamples=40_000, **how)
    few = perm_both(human, first, second, rng=rng, resamples=300, normal_tail=True, **how)
    assert few.method.endswith("normal tail")
    assert few.p_two_sided == pytest.approx(many.p_two_sided, rel=1.5, abs=2e-4)
    assert few.p_two_sided < 1 / 301 or many.p_two_sided > 1 / 301
    plain = perm_both(human, first, second, rng=rng, resamples=300, **how)
    assert not plain.method.endswith("normal tail")


def test_few_groups_have_no_normal_tail():
    human = np.arange(40.0).reshape(10, 4)
    noise = np.random.default_rng(1).normal(size=human.shape)
    found = perm_both(
        human, human, noise, rng=np.random.default_rng(0), resamples=200, normal_tail=True
    )
    assert found.p >= 1 / 201 and not found.method.endswith("normal tail")
