import numpy as np
import pytest

from metrics.statistics import (
    pairwise_accuracy,
    pairwise_accuracy_interval,
    soft_pairwise_accuracy,
    soft_pairwise_interval,
)


def study(seed: int, n_systems: int = 6, n_segments: int = 80):
    """Systems that differ a little, and a metric that follows the people a little."""
    rng = np.random.default_rng(seed)
    human = rng.normal(size=(n_segments, n_systems)) + np.arange(n_systems) / 6
    return human, human + rng.normal(0, 2, human.shape)


def means_of(metric):
    return lambda counts: counts @ metric / counts.sum(axis=1, keepdims=True)


def test_pairwise_accuracy_is_that_of_the_means_and_its_interval_draws_segments():
    human, metric = study(1)
    found = pairwise_accuracy_interval(
        human, means_of(metric), rng=np.random.default_rng(3), resamples=40
    )
    value, _, pairs = pairwise_accuracy(human.mean(axis=0), metric.mean(axis=0))
    assert (found.value, found.n, found.n_pairs) == (value, 6, pairs)
    draws = []
    for rows in np.random.default_rng(3).integers(0, 80, size=(40, 80)):
        draws.append(pairwise_accuracy(human[rows].mean(axis=0), metric[rows].mean(axis=0))[0])
    assert (found.low, found.high) == pytest.approx(tuple(np.quantile(draws, [0.025, 0.975])))


@pytest.mark.parametrize("n", [1, 2, 3])
def test_fewer_than_four_systems_have_no_pairwise_accuracy(n):
    human, metric = study(2, n_systems=n)
    found = pairwise_accuracy_interval(human, means_of(metric), rng=np.random.default_rng(0))
    assert np.isnan(found.value)
    assert found.reason.endswith("with both scores; at least 4 are needed")


def test_soft_pairwise_accuracy_keeps_its_value_and_gets_an_interval_around_it():
    human, metric = study(3)
    found, behind = soft_pairwise_interval(human, metric, rng=np.random.default_rng(1))
    plain = soft_pairwise_accuracy(human, metric, rng=np.random.default_rng(1))
    assert found.value == plain.value == behind.value
    assert found.low < found.value < found.high
    assert (found.n, found.n_pairs, found.n_segments) == (6, 15, 80)


def test_the_soft_interval_is_about_as_wide_as_the_value_varies():
    values, widths = [], []
    for seed in range(60):
        human, metric = study(seed + 10)
        found, _ = soft_pairwise_interval(
            human, metric, rng=np.random.default_rng(seed), resamples=200
        )
        values.append(found.value)
        widths.append(found.high - found.low)
    assert 0.6 < np.median(widths) / (2 * 1.96 * np.std(values)) < 1.7


def test_without_a_complete_segment_there_is_no_soft_pairwise_accuracy():
    found, _ = soft_pairwise_interval([[1, np.nan]], [[1, 2]], rng=np.random.default_rng(0))
    assert np.isnan(found.value) and found.reason == "no segment has all its scores"


def test_soft_accuracy_says_how_many_segments_had_all_scores():
    human = np.random.default_rng(3).normal(size=(12, 4))
    human[0, 1] = np.nan
    found, _ = soft_pairwise_interval(human, human[:, ::-1], rng=np.random.default_rng(1))
    assert found.method.startswith("11 of 12 segments have all scores; ")
