"""Krippendorff's alpha on a fine scale that is nominal, ordinal or ratio: no table of all values.

Ordinal alpha is interval alpha of mid-ranks.  All take time in proportion to the ratings but the
ratio scale, which compares every value with every other.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from scipy import sparse

from metrics.statistics.coincidences import mid_ranks, ratio_distance
from metrics.statistics.intervals import sums_by
from metrics.statistics.moments import moments, one_minus
from metrics.statistics.over_units import OfCounts
from metrics.statistics.ratings import Listed
from metrics.statistics.types import NAN, FloatArray, IntArray

CELLS_AT_ONCE = 4_000_000


class Fine(NamedTuple):
    """Units with two or more ratings on a scale of many values."""

    data: Listed
    codes: IntArray  # (n,) place of each rating among the values
    values: FloatArray  # (values,) ascending
    level: str

    @property
    def sizes(self) -> FloatArray:
        """(units,) ratings of each."""
        return self.data.sizes

    def value(self) -> float:
        """Alpha; nan when no unit is left or only one value was given."""
        if len(self.values) < 2:
            return NAN
        given = np.bincount(self.codes, minlength=len(self.values)).astype(np.float64)
        if self.level == "ordinal":
            return moments(self.data._replace(values=mid_ranks(given)[self.codes])).value()
        n = self.sizes.sum()
        expected = self._expected(given[None, :])[0]
        return float(1 - (n - 1) * self.within().sum() / expected)

    def resampler(self) -> OfCounts:
        """Alpha when units are drawn as often as told."""
        shape = (len(self.sizes), len(self.values))
        cells = sparse.csr_array((np.ones(len(self.codes)), (self.data.units, self.codes)), shape)
        if self.level == "ordinal":
            return lambda counts: _ordinal_of_counts(counts, cells, self.sizes)
        within = self.within()

        def of_counts(counts: FloatArray) -> FloatArray:
            expected = self._expected((cells.T @ counts.T).T)
            return one_minus((counts @ within) * (counts @ self.sizes - 1), expected)

        return of_counts

    def within(self) -> FloatArray:
        """Per unit, its ordered pairs' differences over m - 1."""
        if self.level == "ratio":
            return _ratio_within(self.data)
        names, times = np.unique(
            self.data.units * len(self.values) + self.codes, return_counts=True
        )
        alike = sums_by(names // len(self.values), times.astype(np.float64) ** 2, len(self.sizes))
        return np.asarray((self.sizes**2 - alike) / (self.sizes - 1))

    def _expected(self, given: FloatArray) -> FloatArray:
        """(rows,) the differences over all ordered pairs, from (rows, values) counts."""
        if self.level == "nominal":
            return np.asarray(given.sum(axis=1) ** 2 - (given**2).sum(axis=1))
        total = np.zeros(len(given))
        step = max(1, CELLS_AT_ONCE // len(self.values))
        for start in range(0, len(self.values), step):
            part = slice(start, start + step)
            distance = ratio_distance(self.values[part, None], self.values[None, :])
            total += ((given[:, part] @ distance) * given).sum(axis=1)
        return total


def fine(data: Listed, level: str) -> Fine:
    """Number the values of listed ratings."""
    values, codes = np.unique(data.values, return_inverse=True)
    return Fine(data, codes, values, level)


def _ratio_within(data: Listed) -> FloatArray:
    out = np.zeros(len(data.sizes))
    starts = np.concatenate([[0], np.cumsum(data.sizes)[:-1]]).astype(np.int64)
    for size in np.unique(data.sizes).astype(np.int64):
        mine = np.flatnonzero(data.sizes == size)
        step = max(1, CELLS_AT_ONCE // int(size) ** 2)
        for begin in range(0, len(mine), step):
            part = mine[begin : begin + step]
            values = data.values[starts[part][:, None] + np.arange(size)]
            distance = ratio_distance(values[:, :, None], values[:, None, :])
            out[part] = distance.sum(axis=(1, 2)) / (size - 1)
    return out


def _ordinal_of_counts(
    counts: FloatArray, cells: sparse.csr_array, sizes: FloatArray
) -> FloatArray:
    """Mid-ranks change with every sample: (rows,) alpha, one rank table per row."""
    n = counts @ sizes
    given = (cells.T @ counts.T).T
    ranks = mid_ranks(given) - n[:, None] / 2
    first = cells @ ranks.T  # (units, rows)
    second = cells @ (ranks**2).T
    per_unit = 2 * (sizes[:, None] * second - first**2) / (sizes[:, None] - 1)
    observed = np.einsum("ru,ur->r", counts, per_unit)
    spread = n * (given * ranks**2).sum(axis=1) - (given * ranks).sum(axis=1) ** 2
    return one_minus(observed * (n - 1), 2 * spread)
