"""Which units every two people share, as sparse tables: of many people each rates few units.

A dense table of all pairs by all units has (people / ratings of a unit)^2 times as many cells.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from scipy import sparse

from metrics.statistics.intervals import ratio
from metrics.statistics.types import NAN, FloatArray, IntArray

SPARSE_FROM = 3  # times as many cells as shared units


class Shared(NamedTuple):
    """Every two people on every unit that both rated, in the order of the pairs; first < second."""

    first: IntArray  # (n,) people, numbered from 0
    second: IntArray  # (n,)
    units: IntArray  # (n,)


def shared_units(known: np.ndarray, *, itself: bool = False) -> Shared:
    """From (people, units), true where somebody rated. itself : with everybody beside themselves"""
    units, people = np.nonzero(known.T)
    sizes = np.bincount(units, minlength=known.shape[1])
    starts = np.cumsum(sizes) - sizes
    parts = []
    for size in np.unique(sizes[sizes > 0]).tolist():
        mine = np.flatnonzero(sizes == size)
        row = people[starts[mine][:, None] + np.arange(size)]
        a, b = np.triu_indices(size, 0 if itself else 1)
        parts.append(np.stack([row[:, a].ravel(), row[:, b].ravel(), np.repeat(mine, a.size)]))
    first, second, where = np.concatenate([np.zeros((3, 0), dtype=np.int64), *parts], axis=1)
    order = np.lexsort((where, second, first))
    return Shared(first[order], second[order], where[order])


def is_sparse(known: np.ndarray) -> bool:
    """Whether so few units are shared that a sparse table is quicker than a dense one."""
    sizes = known.sum(axis=0)
    n_shared = float((sizes * (sizes + 1) / 2).sum())
    return bool(SPARSE_FROM * n_shared < len(known) ** 2 * known.shape[1])


class Overlap:
    """For every two people, and everybody beside themselves, a sum over the units they share."""

    def __init__(self, known: np.ndarray, weights: FloatArray) -> None:
        """known : (people, units); weights : (units,) what each unit adds"""
        self._n = len(known)
        found = shared_units(known > 0, itself=True)
        pairs = found.first * self._n + found.second
        self._pairs, places = np.unique(pairs, return_inverse=True)
        shape = (known.shape[1], self._pairs.size)
        self._cells = sparse.csr_array((weights[found.units], (found.units, places)), shape)

    def of_counts(self, counts: FloatArray) -> FloatArray:
        """(rows, people, people) when unit u occurs counts[r, u] times."""
        sums = (self._cells.T @ np.ascontiguousarray(counts.T)).T
        found = np.zeros((len(counts), self._n, self._n))
        first, second = np.divmod(self._pairs, self._n)
        found[:, first, second] = sums
        found[:, second, first] = sums
        return found


class PairTables:
    """How often every two people gave every two labels to a unit that both rated."""

    def __init__(self, codes: IntArray, penalty: FloatArray) -> None:
        """codes : (people, units), -1 where missing; penalty : (labels, labels) of two answers"""
        self._penalty, n_labels = penalty, len(penalty)
        found = shared_units(codes >= 0)
        a, b = codes[found.first, found.units], codes[found.second, found.units]
        _, pairs = np.unique(found.first * len(codes) + found.second, return_inverse=True)
        names, places = np.unique((pairs * n_labels + a) * n_labels + b, return_inverse=True)
        shape = (codes.shape[1], names.size)
        self._cells = sparse.csr_array((np.ones(places.size), (found.units, places)), shape)
        self._of, self._a, self._b = names // n_labels**2, names // n_labels, names % n_labels
        self._n_pairs = int(pairs.max(initial=-1)) + 1

    @property
    def n_cells(self) -> int:
        """Numbers that a sample takes."""
        return max(self._of.size, self._n_pairs * len(self._penalty))

    def mean_kappa(self, counts: FloatArray) -> FloatArray:
        """(rows,) mean kappa of the pairs, each weighing as the units that they share.

        counts : (rows, units) how often each unit occurs
        """
        times = self._cells.T @ np.ascontiguousarray(counts.T)
        n = self._sums(self._of, times, self._n_pairs)
        apart = self._penalty[self._a % len(self._penalty), self._b]
        observed = self._sums(self._of, apart[:, None] * times, self._n_pairs) * n
        kappas = 1 - ratio(observed, self._expected(times))
        total, weight = np.zeros(len(counts)), np.zeros(len(counts))
        for kappa, units in zip(kappas, n, strict=True):
            defined = np.isfinite(kappa)
            total += np.where(defined, kappa, 0.0) * units
            weight += np.where(defined, units, 0.0)
        out = np.full(len(counts), NAN)
        np.divide(total, weight, out=out, where=weight > 0)
        return out

    def _expected(self, times: FloatArray) -> FloatArray:
        """(pairs, rows) the penalty by chance, times the square of the units."""
        n_labels = len(self._penalty)
        shape = (self._n_pairs, n_labels, times.shape[1])
        of_first = self._sums(self._a, times, shape[0] * n_labels).reshape(shape)
        of_second = self._sums(self._of * n_labels + self._b, times, shape[0] * n_labels)
        by_chance = np.matmul(self._penalty.T, of_first) * of_second.reshape(shape)
        return np.asarray(by_chance.sum(axis=1))

    def _sums(self, groups: IntArray, times: FloatArray, n: int) -> FloatArray:
        """(n, rows) of the cells of each group."""
        ones = np.ones(groups.size)
        cells = sparse.csr_array((ones, (groups, np.arange(groups.size))), (n, groups.size))
        return np.asarray(cells @ times)
