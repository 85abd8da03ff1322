from itertools import combinations

import numpy as np
import pytest
from scipy import stats

from metrics.statistics import pairwise_p_values, soft_pairwise_accuracy
from metrics.statistics.permutations import random_signs


def study(seed: int, n_segments: int = 60, n_systems: int = 4):
    rng = np.random.default_rng(seed)
    human = rng.integers(0, 7, (n_segments, n_systems)) + np.arange(n_systems) * 0.3
    return human, human + rng.normal(0, 4, human.shape)


def naive_p(scores, seed, resamples):
    """Mid-p of each pair by flipping its own differences, one permutation at a time."""
    n = scores.shape[1]
    p = np.full((n, n), np.nan)
    flips = np.concatenate(list(random_signs(len(scores), resamples, np.random.default_rng(seed))))
    for i, j in combinations(range(n), 2):
        delta = scores[:, i] - scores[:, j]
        sums = np.array([(row * delta).sum() for row in flips])
        equal = np.isclose(sums, delta.sum(), rtol=0, atol=1e-9)
        greater = (sums > delta.sum()) & ~equal
        p[i, j] = (greater.sum() + equal.sum() / 2 + 0.5) / (resamples + 1)
        p[j, i] = 1 - p[i, j]
    return p


def test_p_values_equal_flipping_each_pair_by_itself():
    human, _ = study(1)
    found = pairwise_p_values(human, rng=np.random.default_rng(3), resamples=200)
    np.testing.assert_allclose(found, naive_p(human, 3, 200), rtol=0, atol=1e-12)


def test_it_is_one_minus_the_mean_difference_of_p():
    human, metric = study(2)
    found = soft_pairwise_accuracy(human, metric, rng=np.random.default_rng(4), resamples=150)
    apart = np.abs(naive_p(human, 4, 150) - naive_p(metric, 4, 150))
    assert found.value == pytest.approx(1 - np.nanmean(apart), abs=1e-12)
    assert (found.n_pairs, found.n_segments) == (6, 60)


def test_two_systems():
    human, metric = study(3, n_systems=2)
    found = soft_pairwise_accuracy(human, metric, rng=np.random.default_rng(0))
    apart = abs(found.human_p[0, 1] - found.metric_p[0, 1])
    assert found.value == pytest.approx(1 - apart, abs=1e-12)
    assert found.n_pairs == 1


def test_p_is_near_that_of_the_t_test_and_small_for_the_better_system():
    human, _ = study(4, n_segments=400)
    found = pairwise_p_values(human, rng=np.random.default_rng(0), resamples=4000)
    for i, j in combinations(range(4), 2):
        t = stats.ttest_rel(human[:, i], human[:, j], alternative="greater")
        assert found[i, j] == pytest.approx(t.pvalue, abs=0.03)


def test_tied_systems_get_one_half_in_any_order():
    human, metric = study(5, n_systems=3)
    human[:, 2] = human[:, 0]
    for order in ([0, 1, 2], [2, 0, 1], [1, 2, 0]):
        found = soft_pairwise_accuracy(
            human[:, order], metric[:, order], rng=np.random.default_rng(1)
        )
        assert found.human_p[order.index(0), order.index(2)] == 0.5
        if order == [0, 1, 2]:
            value = found.value
        assert found.value == pytest.approx(value, abs=1e-12)


def test_a_metric_that_is_the_people_scores_one():
    human, _ = study(6)
    found = soft_pairwise_accuracy(human, 3 * human - 7, rng=np.random.default_rng(0))
    assert found.value == pytest.approx(1, abs=1e-12)
    turned = soft_pairwise_accuracy(human, -human, rng=np.random.default_rng(0))
    assert turned.value < 0.5


def test_segments_with_a_hole_are_left_out_whole():
    human, metric = study(7)
    human[3, 1] = metric[8, 0] = np.nan
    whole = [s for s in range(60) if s not in (3, 8)]
    found = soft_pairwise_accuracy(human, metric, rng=np.random.default_rng(2))
    alone = soft_pairwise_accuracy(human[whole], metric[whole], rng=np.random.default_rng(2))
    assert (found.value, found.n_segments) == (alone.value, 58)


def test_it_says_when_there_is_nothing_to_compare():
    rng = np.random.default_rng(0)
    one = soft_pairwise_accuracy(np.zeros((5, 1)), np.zeros((5, 1)), rng=rng)
    assert (np.isnan(one.value), one.reason) == (True, "fewer than two systems")
    holes = soft_pairwise_accuracy([[1, np.nan]], [[1, 2]], rng=rng)
    assert holes.reason == "no segment has all its scores"
    assert np.isnan(pairwise_p_values([[1, np.nan]], rng=rng)).all()


def test_signs_do_not_depend_on_how_many_are_drawn_at_once():
    drawn = [
        np.concatenate(list(random_signs(70, 9, np.random.default_rng(1), cells)))
        for cells in (70, 200, 10_000)
    ]
    np.testing.assert_array_equal(drawn[0], drawn[1])
    np.testing.assert_array_equal(drawn[0], drawn[2])
    assert set(drawn[0].ravel()) == {-1.0, 1.0}
    with pytest.raises(ValueError, match="at least one value"):
        list(random_signs(0, 1, np.random.default_rng(0)))
