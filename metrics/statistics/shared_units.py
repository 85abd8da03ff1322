"""Which units every two people share, as sparse tables: of many people each rates few units.

A dense table of all pairs by all units has (people / ratings of a unit)^2 times as many cells.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from metrics.statistics.intervals import ratio
from metrics.statistics.types import NAN, FloatArray, IntArray

SPARSE_FROM = 3  # times as many cells as shared units
AT_ONCE = 500_000  # shared units listed at once
FEW = 5_000_000  # numbers that are told apart by a table of all

Numbers = NDArray[np.int32]


class Shared(NamedTuple):
    """Two people, first < second or the same, on a unit that both rated."""

    first: Numbers  # (n,) people, numbered from 0
    second: Numbers  # (n,)
    units: Numbers  # (n,)


def shared_units(known: np.ndarray, *, itself: bool = False) -> Iterator[Shared]:
    """Every two people on every unit that both rated, some units at a time.

    known : (people, units), true where somebody rated; itself : with everybody beside themselves
    """
    units, people = np.nonzero(known.T)
    sizes = np.bincount(units, minlength=known.shape[1])
    starts = np.cumsum(sizes) - sizes
    for size in np.unique(sizes[sizes > 0]).tolist():
        a, b = np.triu_indices(size, 0 if itself else 1)
        mine = np.flatnonzero(sizes == size)
        step = max(1, AT_ONCE // max(a.size, 1))
        for start in range(0, len(mine) if a.size else 0, step):
            some = mine[start : start + step]
            row = people[starts[some][:, None] + np.arange(size)]
            columns = row[:, a].ravel(), row[:, b].ravel(), np.repeat(some, a.size)
            yield Shared(*(column.astype(np.int32) for column in columns))


def is_sparse(known: np.ndarray) -> bool:
    """Whether so few units are shared that a sparse table is quicker than a dense one."""
    sizes = known.sum(axis=0)
    n_shared = float((sizes * (sizes + 1) / 2).sum())
    return bool(SPARSE_FROM * n_shared < len(known) ** 2 * known.shape[1])


class Overlap:
    """For every two people, and everybody beside themselves, a sum over the units they share."""

    def __init__(self, known: np.ndarray, weights: FloatArray) -> None:
        """known : (people, units); weights : (units,) what each unit adds"""
        n = len(known)
        parts = [
            (one.first.astype(np.int64) * n + one.second, one.units)
            for one in shared_units(known > 0, itself=True)
        ]
        pairs, units = _joined(parts)
        self._n = n
        self._pairs, places = _numbered(pairs, n * n)
        shape = (known.shape[1], self._pairs.size)
        self._cells = sparse.csr_array((weights[units], (units, places)), shape)

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
        n, n_labels = len(codes), len(penalty)
        parts = []
        for one in shared_units(codes >= 0):
            a, b = codes[one.first, one.units], codes[one.second, one.units]
            pairs = one.first.astype(np.int64) * n + one.second
            parts.append(((pairs * n_labels + a) * n_labels + b, one.units))
        cells, units = _joined(parts)
        names, places = _numbered(cells, n * n * n_labels**2)
        shape = (codes.shape[1], names.size)
        self._penalty = penalty
        self._cells = sparse.csr_array((np.ones(places.size), (units, places)), shape)
        self._of = np.unique(names // max(n_labels, 1) ** 2, return_inverse=True)[1]
        self._a, self._b = names // max(n_labels, 1) % n_labels, names % n_labels
        self._n_pairs = int(self._of.max(initial=-1)) + 1

    @property
    def n_cells(self) -> int:
        """Numbers that a sample takes."""
        return max(self._of.size, self._n_pairs * len(self._penalty))

    def mean_kappa(self, counts: FloatArray) -> FloatArray:
        """(rows,) mean kappa of the pairs, each weighing as the units that they share.

        counts : (rows, units) how often each unit occurs
        """
        times = self._cells.T @ np.ascontiguousarray(counts.T)
        n = _sums(self._of, times, self._n_pairs)
        apart = self._penalty[self._a, self._b]
        observed = _sums(self._of, apart[:, None] * times, self._n_pairs) * n
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
        of_first, of_second = (
            _sums(self._of * n_labels + label, times, shape[0] * n_labels).reshape(shape)
            for label in (self._a, self._b)
        )
        return np.asarray((np.matmul(self._penalty.T, of_first) * of_second).sum(axis=1))


def _joined(parts: list[tuple[IntArray, Numbers]]) -> tuple[IntArray, Numbers]:
    if not parts:
        return np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int32)
    return np.concatenate([one for one, _ in parts]), np.concatenate([two for _, two in parts])


def _numbered(codes: IntArray, n: int) -> tuple[IntArray, Numbers]:
    """The different codes, ascending, of `n` that there can be, and the place of each given one."""
    if n > FEW:
        names, places = np.unique(codes, return_inverse=True)
        return names, places.astype(np.int32)
    there = np.zeros(n, dtype=bool)
    there[codes] = True
    return np.flatnonzero(there), (np.cumsum(there, dtype=np.int32) - 1)[codes]


def _sums(groups: IntArray, times: FloatArray, n: int) -> FloatArray:
    """(n, rows) of the cells of each group."""
    ones = np.ones(groups.size)
    cells = sparse.csr_array((ones, (groups, np.arange(groups.size))), (n, groups.size))
    return np.asarray(cells @ times)
