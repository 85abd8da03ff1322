"""Krippendorff's alpha on an interval scale: sums and sums of squares of each unit, no table.

Source: with m ratings of mean a and sum of squares q about it, a unit's pairs differ by 2 m q in
all; the squared differences of all n ratings are 2 n times their sum of squares about their mean.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from metrics.statistics.intervals import sums_by
from metrics.statistics.over_units import OfCounts
from metrics.statistics.ratings import Listed
from metrics.statistics.types import NAN, FloatArray

BLOCK = 32_768


class Moments(NamedTuple):
    """Units with two or more ratings; means are about the mean of all their ratings."""

    sizes: FloatArray  # (units,)
    means: FloatArray  # (units,)
    spreads: FloatArray  # (units,) sum of squares about the unit's mean

    def value(self) -> float:
        """Alpha; nan when no unit is left or nothing varies."""
        n = float(self.sizes.sum())
        between = float(self.sizes @ self.means**2)
        spread = float(self.spreads.sum())
        if between + spread == 0:
            return NAN
        observed = float(self.spreads @ (self.sizes / (self.sizes - 1)))
        return 1 - (n - 1) * observed / (n * (between + spread))

    def resampler(self) -> OfCounts:
        """Alpha when units are drawn as often as told."""
        columns = unit_columns(self)
        return lambda counts: alpha_of_sums(counts @ columns)


def unit_columns(units: Moments) -> FloatArray:
    """(units, 4) what a unit adds to n, sum, sum of squares, and n times the disagreement."""
    sizes, means, spreads = units
    within = 2 * sizes * spreads / (sizes - 1)
    return np.stack([sizes, sizes * means, spreads + sizes * means**2, within], axis=1)


def alpha_of_sums(sums: FloatArray) -> FloatArray:
    """(rows,) alpha from (rows, 4) summed columns; nan where a row has no variation."""
    n, first, second, within = sums.T
    return one_minus(within * (n - 1), 2 * (n * second - first**2))


def one_minus(observed: FloatArray, expected: FloatArray) -> FloatArray:
    """1 - observed / expected, nan where a sample has no variation at all."""
    out = np.full(observed.shape, NAN)
    varies = expected > 1e-12 * expected.max(initial=0.0)
    np.divide(observed, expected, out=out, where=varies)
    return 1 - out


def moments(data: FloatArray | Listed) -> Moments:
    """Moments of a (raters, units) matrix, in blocks of units, or of listed ratings."""
    if isinstance(data, Listed):
        return _of_list(data)
    step = max(1, BLOCK // max(len(data), 1))
    origin: float | None = None
    parts = []
    for start in range(0, data.shape[1], step):
        block = data[:, start : start + step]
        known = np.isfinite(block)
        sizes = known.sum(axis=0)
        if origin is None:
            origin = _a_rating(block, known, sizes)
        if origin is not None:
            parts.append(_of_block(block - origin, known, sizes))
    if not parts:
        return Moments(*np.zeros((3, 0)))
    if len(parts) == 1:
        return _about_the_mean(*parts[0])
    return _about_the_mean(*(np.concatenate(column) for column in zip(*parts, strict=True)))


def _a_rating(block: FloatArray, known: FloatArray, sizes: FloatArray) -> float | None:
    """Any rating of a unit with two: taken off all, it makes equal ratings exactly 0."""
    column = int(np.argmax(sizes >= 2))
    if sizes[column] < 2:
        return None
    return float(block[int(np.argmax(known[:, column])), column])


def _of_block(
    shifted: FloatArray, known: FloatArray, counts: FloatArray
) -> tuple[FloatArray, FloatArray, FloatArray]:
    paired = counts >= 2
    if not paired.all():
        shifted, known, counts = shifted[:, paired], known[:, paired], counts[paired]
    sizes = counts.astype(np.float64)
    whole = int(counts.sum()) == shifted.size
    means = (shifted if whole else np.where(known, shifted, 0.0)).sum(axis=0) / sizes
    about = shifted - means if whole else np.where(known, shifted - means, 0.0)
    return sizes, means, np.einsum("ru,ru->u", about, about)


def _of_list(data: Listed) -> Moments:
    values, units, sizes, _ = data
    values = values - values[0] if values.size else values
    means = sums_by(units, values, len(sizes)) / sizes
    about = values - means[units]
    return _about_the_mean(sizes, means, sums_by(units, about**2, len(sizes)))


def _about_the_mean(sizes: FloatArray, means: FloatArray, spreads: FloatArray) -> Moments:
    n = float(sizes.sum())
    return Moments(sizes, means - float(sizes @ means) / n if n else means, spreads)
