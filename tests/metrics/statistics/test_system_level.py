import numpy as np
import pytest
from scipy import stats

from metrics.statistics import pairwise_accuracy, system_correlation, system_correlation_interval

STATISTICS = ["pearson", "spearman", "kendall_b"]
SCIPY = {"pearson": stats.pearsonr, "spearman": stats.spearmanr, "kendall_b": stats.kendalltau}


def matrices(seed: int, n_segments: int = 60, n_systems: int = 6):
    rng = np.random.default_rng(seed)
    quality = np.arange(n_systems) / 4
    human = quality + rng.normal(size=(n_segments, n_systems))
    metric = quality + rng.normal(size=(n_segments, n_systems))
    human[rng.random(human.shape) < 0.1] = np.nan
    return human, metric


@pytest.mark.parametrize("statistic", STATISTICS)
def test_it_equals_scipy(statistic):
    rng = np.random.default_rng(1)
    for _round in range(20):
        x, y = rng.integers(0, 6, (2, 8)).astype(float)
        found = system_correlation(x, y, statistic=statistic)
        assert found.value == pytest.approx(SCIPY[statistic](x, y)[0])
        assert found.n == 8


@pytest.mark.parametrize("statistic", STATISTICS)
@pytest.mark.parametrize("n", [0, 1, 2, 3])
def test_fewer_than_four_systems_are_refused(n, statistic):
    found = system_correlation(np.arange(n), np.arange(n), statistic=statistic)
    assert np.isnan(found.value)
    assert "at least 4 are needed" in found.reason


def test_two_systems_have_no_interval_either():
    human, metric = matrices(2)
    found = system_correlation_interval(human[:, :2], metric[:, :2], rng=np.random.default_rng(0))
    assert np.isnan([found.value, found.low, found.high]).all()
    assert found.reason.startswith("2 systems")


def test_a_system_without_a_score_is_left_out():
    assert system_correlation([1, 2, 3, 4, np.nan], [1, 2, 3, 4, 9]).n == 4


def test_equal_means_are_not_defined():
    found = system_correlation([1, 1, 1, 1], [1, 2, 3, 4])
    assert np.isnan(found.value)
    assert "does not vary" in found.reason


@pytest.mark.parametrize("statistic", STATISTICS)
def test_the_interval_recomputes_the_means_of_the_drawn_segments(statistic):
    human, metric = matrices(3)
    found = system_correlation_interval(
        human, metric, statistic=statistic, rng=np.random.default_rng(4), resamples=50
    )
    values = []
    for draw in np.random.default_rng(4).integers(0, 60, size=(50, 60)):
        means = np.nanmean(human[draw], axis=0), metric[draw].mean(axis=0)
        values.append(SCIPY[statistic](*means)[0])
    assert (found.low, found.high) == pytest.approx(tuple(np.quantile(values, [0.025, 0.975])))


def test_a_corpus_score_may_be_a_function_of_the_drawn_segments():
    human, metric = matrices(5)

    def corpus(counts):
        return (counts @ metric) / counts.sum(axis=1, keepdims=True)

    by_function = system_correlation_interval(human, corpus, rng=np.random.default_rng(1))
    by_means = system_correlation_interval(human, metric, rng=np.random.default_rng(1))
    assert by_function[2:5] == pytest.approx(by_means[2:5])


def test_it_refuses_matrices_of_different_shape():
    human, metric = matrices(6)
    with pytest.raises(ValueError, match="they must be equal"):
        system_correlation_interval(human, metric[:, :3], rng=np.random.default_rng(0))


def test_pairwise_accuracy_by_hand():
    assert pairwise_accuracy([1, 2, 3], [1, 3, 2]) == (pytest.approx(2 / 3), 2, 3)
    assert pairwise_accuracy([1, 1, 3], [2, 2, 1]) == (pytest.approx(1 / 3), 1, 3)
    assert np.isnan(pairwise_accuracy([1], [1])[0])
