"""Sparse tables of shared units say what going through all pairs says."""

from itertools import combinations

import numpy as np
import pytest

from metrics.statistics.kappa import disagreement_weights, kappa_of_counts
from metrics.statistics.shared_units import Overlap, PairTables, is_sparse, shared_units
from metrics.statistics.variance import RatingTable, _shared, rating_table, two_way

N_PEOPLE, N_UNITS, N_LABELS = 9, 40, 4


@pytest.fixture
def codes():
    """Two or three answers to most units, one or none to others; the last person gave none."""
    rng = np.random.default_rng(7)
    found = rng.integers(0, N_LABELS, (N_PEOPLE, N_UNITS))
    found[rng.random(found.shape) > 0.3] = -1
    found[-1] = -1
    return found


def drawn(rows=5):
    return np.random.default_rng(3).integers(0, 3, (rows, N_UNITS)).astype(np.float64)


def naive_kappas(codes, penalty, counts):
    total, weight = np.zeros(len(counts)), np.zeros(len(counts))
    for i, j in combinations(range(len(codes)), 2):
        both = (codes[i] >= 0) & (codes[j] >= 0)
        if both.any():
            mine = counts[:, both]
            kappa = kappa_of_counts(codes[i][both], codes[j][both], penalty, mine)
            defined = np.isfinite(kappa)
            n = np.where(defined, mine.sum(axis=1), 0.0)
            total += np.where(defined, kappa, 0.0) * n
            weight += n
    return total / weight


@pytest.mark.parametrize("few", [0, 10_000])
@pytest.mark.parametrize("weights", [None, "linear", "quadratic"])
def test_the_mean_kappa_is_that_of_each_pair_in_turn(codes, weights, few, monkeypatch):
    monkeypatch.setattr("metrics.statistics.shared_units.FEW", few)
    penalty = disagreement_weights(N_LABELS, weights)
    counts = drawn()
    found = PairTables(codes, penalty).mean_kappa(counts)
    assert np.array_equal(found, naive_kappas(codes, penalty, counts))


def test_nobody_who_shares_a_unit_has_no_kappa():
    codes = np.array([[0, -1], [-1, 1]])
    found = PairTables(codes, disagreement_weights(2, None)).mean_kappa(np.ones((3, 2)))
    assert np.isnan(found).all()


def test_units_are_shared_by_every_two_who_rated_them(codes, monkeypatch):
    known = codes >= 0
    monkeypatch.setattr("metrics.statistics.shared_units.AT_ONCE", 4)
    found = [one for part in shared_units(known) for one in zip(*part, strict=True)]
    pairs = {
        (i, j, u)
        for i, j in combinations(range(N_PEOPLE), 2)
        for u in range(N_UNITS)
        if known[i, u] and known[j, u]
    }
    assert set(found) == pairs and len(found) == len(pairs)


def test_the_overlap_is_that_of_a_table_of_all_pairs(codes):
    matrix = np.where(codes >= 0, codes, np.nan)
    table = rating_table(matrix[:, (codes >= 0).any(axis=0)])
    counts = drawn()[:, : table.sizes.size]
    dense = _shared(table.known, table.sizes, counts)
    found = Overlap(table.known, 1 / table.sizes).of_counts(counts)
    assert np.allclose(found, dense, rtol=1e-14, atol=1e-14)
    assert np.array_equal(found, found.transpose(0, 2, 1))


def test_variances_are_the_same_from_a_sparse_table(monkeypatch):
    rng = np.random.default_rng(5)
    matrix = rng.normal(50, 10, (30, 200))
    matrix[rng.random(matrix.shape) > 0.1] = np.nan
    table = rating_table(matrix)
    assert is_sparse(table.known) and not is_sparse(np.ones((3, 50)))
    counts = rng.integers(0, 3, (4, table.sizes.size)).astype(np.float64)
    found = two_way(table, counts)
    monkeypatch.setattr("metrics.statistics.variance.is_sparse", lambda known: False)
    again = two_way(RatingTable(table.values, table.known), counts)
    assert np.allclose(found, again, rtol=1e-10)
