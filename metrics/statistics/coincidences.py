"""Krippendorff's alpha on a scale of few values: how often each value was given to each unit.

Source: Krippendorff (2019), ch. 12, canonical form: coincidences of values within units against
those of all ratings thrown together, each times the scale's squared difference.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from metrics.statistics.moments import one_minus
from metrics.statistics.over_units import OfCounts
from metrics.statistics.ratings import Listed
from metrics.statistics.types import NAN, FloatArray

MOST_VALUES = 20
BLOCK = 32_768
SAMPLE = 512


class Tally(NamedTuple):
    """Units with two or more ratings on a scale of few values."""

    table: FloatArray  # (values, units) how often each was given
    values: FloatArray  # (values,) ascending
    sizes: FloatArray  # (units,) ratings of each
    level: str

    def value(self) -> float:
        """Alpha; nan when no unit is left or only one value was given."""
        together = (self.table / (self.sizes - 1)) @ self.table.T
        given = self.table.sum(axis=1)
        distance = squared_differences(given, self.values, self.level)
        expected = float(given @ distance @ given)
        if expected == 0:
            return NAN
        return 1 - (float(given.sum()) - 1) * float((together * distance).sum()) / expected

    def resampler(self) -> OfCounts:
        """Alpha when units are drawn as often as told."""
        columns = pair_columns(self.table.T, self.sizes)
        return lambda counts: alpha_of_pairs(counts @ columns, self.values, self.level)


def squared_differences(given: FloatArray, values: FloatArray, level: str) -> FloatArray:
    """(..., values, values) of the scale, from how often each value was given: (..., values)."""
    if level == "nominal":
        return 1.0 - np.eye(len(values))
    if level == "ordinal":
        scale = mid_ranks(given)
        return np.asarray((scale[..., :, None] - scale[..., None, :]) ** 2)
    return ratio_distance(values[:, None], values)


def mid_ranks(counts: FloatArray) -> FloatArray:
    """Mean rank (from 1/2) of each distinct value, from how often it occurs: (..., values)."""
    return np.asarray(np.cumsum(counts, axis=-1) - counts / 2)


def ratio_distance(a: FloatArray, b: FloatArray) -> FloatArray:
    """((a - b) / (a + b))^2, 0 where both are 0."""
    total = a + b
    return np.asarray(np.divide(a - b, total, out=np.zeros(total.shape), where=total > 0) ** 2)


def pair_columns(table: FloatArray, sizes: FloatArray) -> FloatArray:
    """(rows, values + pairs): what units, (rows, values), add to the values and coincidences."""
    first, second = np.triu_indices(table.shape[1], 1)
    columns = np.empty((len(table), table.shape[1] + len(first)))
    columns[:, : table.shape[1]] = table
    np.multiply(table[:, first], table[:, second], out=columns[:, table.shape[1] :])
    columns[:, table.shape[1] :] /= (sizes - 1)[:, None]
    return columns


def alpha_of_pairs(sums: FloatArray, values: FloatArray, level: str) -> FloatArray:
    """(rows,) alpha from summed `pair_columns`; nan where a row has no variation."""
    given, together = sums[:, : len(values)], sums[:, len(values) :]
    first, second = np.triu_indices(len(values), 1)
    distance = squared_differences(given, values, level)[..., first, second]
    observed = (together * distance).sum(axis=1)
    expected = (given[:, first] * given[:, second] * distance).sum(axis=1)
    return one_minus(observed * (given.sum(axis=1) - 1), expected)


def tally(data: FloatArray | Listed, level: str) -> Tally | None:
    """Count a (raters, units) matrix, in blocks of units, or a list; None above `MOST_VALUES`."""
    if isinstance(data, Listed):
        return _of_list(data, level)
    step = max(1, BLOCK // max(len(data), 1))
    values = _distinct(data[:, : max(1, SAMPLE // max(len(data), 1))])
    parts: list[FloatArray] = []
    for start in range(0, data.shape[1], step):
        if len(values) > MOST_VALUES:
            return None
        block = data[:, start : start + step]
        counted = _count(block, values)
        if counted.sum() < np.isfinite(block).sum():
            extra = np.setdiff1d(_distinct(block), values)
            if len(values) + len(extra) > MOST_VALUES:
                return None
            parts = [np.pad(part, ((0, len(extra)), (0, 0))) for part in parts]
            values = np.concatenate([values, extra])
            counted = _count(block, values)
        parts.append(counted)
    order = np.argsort(values)
    table = np.concatenate(parts or [np.zeros((0, 0))], axis=1)[order].astype(np.float64)
    return _paired(table, values[order], level)


def _distinct(block: FloatArray) -> FloatArray:
    return np.unique(block[np.isfinite(block)])


def _count(block: FloatArray, values: FloatArray) -> FloatArray:
    """(values, units) how often each value is in each column."""
    same = block == values[:, None, None]
    dtype = np.uint8 if len(block) < 256 else np.uint32
    return np.asarray(np.add.reduce(same.view(np.uint8), axis=1, dtype=dtype))


def _of_list(data: Listed, level: str) -> Tally | None:
    values = np.unique(data.values)
    if len(values) > MOST_VALUES:
        return None
    codes = np.searchsorted(values, data.values)
    shape = (len(data.sizes), len(values))
    table = np.bincount(data.units * shape[1] + codes, minlength=shape[0] * shape[1])
    return _paired(table.reshape(shape).T.astype(np.float64), values, level)


def _paired(table: FloatArray, values: FloatArray, level: str) -> Tally:
    sizes = table.sum(axis=0)
    paired = sizes >= 2
    if not paired.all():
        table, sizes = table[:, paired], sizes[paired]
    return Tally(table, values, sizes, level)
