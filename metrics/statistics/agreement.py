"""Krippendorff's alpha in closed form, with an interval.

Ratings come either as a matrix (raters x units, nan where a person gave none) or long: a value
and a unit for each rating.  Everything is O(ratings) but the ratio scale, which is O(values^2).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal, NamedTuple, get_args

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import sparse
from scipy.special import stdtrit

from metrics.statistics.intervals import bootstrap_chunks, percentile_interval, sums_by
from metrics.statistics.types import NAN, Agreement, FloatArray, IntArray

Level = Literal["nominal", "ordinal", "interval", "ratio"]

JACKKNIFE_BELOW = 50
CELLS_AT_ONCE = 4_000_000

# counts (rows, units) -> alpha per row: how often each unit takes part in a sample.
AlphaOfCounts = Callable[[FloatArray], FloatArray]


class Ratings(NamedTuple):
    """Pairable ratings: units with two or more, numbered; values as ranks in `values`."""

    units: IntArray  # (n,) 0 .. n_units-1, sorted
    codes: IntArray  # (n,) index into `values`
    values: FloatArray  # (n_values,) distinct values, ascending; 0, 1, ... for nominal text
    sizes: FloatArray  # (n_units,) ratings per unit, each >= 2
    n_raters: int


def krippendorff_alpha(
    ratings: ArrayLike, units: ArrayLike | None = None, *, level: Level = "interval"
) -> float:
    """Krippendorff's alpha: 1 - observed / expected disagreement; 1 agrees, 0 is chance.

    Parameters
    ----------
    ratings : (raters, units) with nan where missing; or, with `units`, (n,) one rating each
    units : (n,) the unit of each rating (long form)
    level : the scale's metric; nominal ratings may be text (None or nan is missing)

    Returns
    -------
    alpha, at most 1; nan where it is not defined: no unit has two ratings, or all are equal.

    Raises
    ------
    ValueError
        Unknown level, shapes differ, or a negative rating on the ratio scale.

    Source: Krippendorff (2019), ch. 12; ordinal is interval alpha of mid-ranks.
    """
    return _alpha(_gather(ratings, units, None, level), level)


def alpha_interval(
    ratings: ArrayLike,
    units: ArrayLike | None = None,
    *,
    raters: ArrayLike | None = None,
    level: Level = "interval",
    rng: np.random.Generator,
    coverage: float = 0.95,
    resamples: int = 1000,
) -> Agreement:
    """`krippendorff_alpha` with an interval that draws whole units.

    From 50 units a percentile bootstrap; below, Student's t on the delete-one-unit jackknife
    (the bootstrap is too narrow there), cut at 1.  Expected disagreement is recomputed in each
    sample.

    Parameters
    ----------
    raters : (n,) the person behind each rating of the long form, only to count them; without it
        `n_raters` is the most ratings any unit has

    Source: Hughes (2022), arXiv:2210.13265, for the jackknife; the cut-off is ours.
    """
    data = _gather(ratings, units, raters, level)
    value = _alpha(data, level)
    n_units = len(data.sizes)
    low = high = NAN
    method = ""
    reason = _why_undefined(data)
    if not reason and n_units < 3:
        reason = f"no interval from {n_units} units with two ratings"
    elif not reason:
        of_counts = _alpha_of_counts(data, level)
        if n_units < JACKKNIFE_BELOW:
            low, high = _jackknife(of_counts, value, n_units, coverage)
            method = "jackknife over units"
        else:
            chunks = bootstrap_chunks(n_units, resamples, rng, _cells(data))
            draws = np.concatenate([of_counts(counts) for counts in chunks])
            _, low, high = percentile_interval(value, draws, coverage)
            method = f"bootstrap over units, {resamples} resamples"
        if np.isnan(low):
            reason = "no interval: too little variation between units"
    return Agreement(
        "krippendorff_alpha",
        level,
        value,
        low,
        high,
        n_units,
        data.n_raters,
        len(data.codes),
        reason,
        method,
    )


def percent_agreement(ratings: ArrayLike, units: ArrayLike | None = None) -> float:
    """Share of agreeing pairs of ratings within a unit, averaged over units; 0 to 1.

    nan when no unit has two ratings.  Same two forms of input as `krippendorff_alpha`.
    """
    data = _gather(ratings, units, None, "nominal")
    if not len(data.sizes):
        return NAN
    same = _squares_per_unit(data) - data.sizes
    return float(np.mean(same / (data.sizes * (data.sizes - 1))))


def _gather(
    ratings: ArrayLike, units: ArrayLike | None, raters: ArrayLike | None, level: str
) -> Ratings:
    if level not in get_args(Level):
        known = ", ".join(get_args(Level))
        raise ValueError(f"no level called {level!r}; known: {known}")
    array = np.asarray(ratings)
    people: IntArray | None = None
    if units is None:
        if array.ndim != 2:
            raise ValueError("give a raters x units matrix, or the unit of each rating in `units`")
        n_raters, n_units = array.shape
        people, where = np.indices((n_raters, n_units)).reshape(2, -1)
        array = array.ravel()
    else:
        where = np.unique(np.asarray(units), return_inverse=True)[1]
        if array.ndim != 1 or where.shape != array.shape:
            raise ValueError(f"{array.size} ratings but {where.size} units; give one per rating")
        if raters is not None:
            people = np.unique(np.asarray(raters), return_inverse=True)[1]
        if people is not None and people.shape != array.shape:
            raise ValueError(f"{array.size} ratings but {people.size} raters; give one per rating")
    return _pairable(array, where, people, level)


def _pairable(
    array: NDArray[np.generic], where: IntArray, people: IntArray | None, level: str
) -> Ratings:
    known = _known(array)
    if not known.any():
        empty = np.zeros(0, dtype=np.int64)
        return Ratings(empty, empty, np.zeros(0), np.zeros(0), 0)
    sizes = np.bincount(where[known])
    keep = known.copy()
    keep[known] = sizes[where[known]] >= 2
    kept = array[keep]
    if kept.dtype.kind in "OUS" and level == "nominal":
        kept = kept.astype(str)
        values, codes = np.unique(kept, return_inverse=True)
        numbers = np.arange(len(values), dtype=np.float64)
    else:
        numbers, codes = np.unique(kept.astype(np.float64), return_inverse=True)
    if level == "ratio" and numbers.size and numbers[0] < 0:
        raise ValueError("the ratio scale has no negative ratings; use level='interval'")
    unit_codes = np.unique(where[keep], return_inverse=True)[1]
    order = np.argsort(unit_codes, kind="stable")
    unit_sizes = np.bincount(unit_codes).astype(np.float64)
    if people is not None:
        n_raters = len(np.unique(people[keep]))
    else:
        n_raters = int(unit_sizes.max(initial=0))
    return Ratings(unit_codes[order], codes[order], numbers, unit_sizes, n_raters)


def _known(array: NDArray[np.generic]) -> NDArray[np.bool_]:
    if array.dtype.kind == "O":
        return np.array([v is not None and v == v for v in array], dtype=bool)
    if array.dtype.kind in "US":
        return np.ones(array.shape, dtype=bool)
    return np.asarray(np.isfinite(array.astype(np.float64)))


def _why_undefined(data: Ratings) -> str:
    if not len(data.sizes):
        return "no unit has two ratings"
    if len(data.values) == 1:
        return "all ratings are equal"
    return ""


def _alpha(data: Ratings, level: str) -> float:
    """Exact alpha of the data as it is: every unit counted once."""
    if _why_undefined(data):
        return NAN
    if level == "nominal":
        return _nominal(data)
    if level == "ratio":
        return _ratio(data)
    scale = data.values if level == "interval" else mid_ranks(_value_counts(data))
    first, second, within = _moments(data, scale)
    n = data.sizes.sum()
    observed = within.sum() / n
    expected = 2 * (n * second.sum() - first.sum() ** 2) / (n * (n - 1))
    return float(1 - observed / expected)


def mid_ranks(counts: FloatArray) -> FloatArray:
    """Mean rank (from 1/2) of each distinct value, from how often it occurs: (..., values)."""
    return np.asarray(np.cumsum(counts, axis=-1) - counts / 2)


def _value_counts(data: Ratings) -> FloatArray:
    return np.bincount(data.codes, minlength=len(data.values)).astype(np.float64)


def _moments(data: Ratings, scale: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Per unit: sum, sum of squares, and its share of n times the observed disagreement."""
    values = scale[data.codes]
    values = values - values.mean()  # same alpha, fewer lost digits
    n_units = len(data.sizes)
    first = sums_by(data.units, values, n_units)
    second = sums_by(data.units, values**2, n_units)
    centred = values - (first / data.sizes)[data.units]
    spread = sums_by(data.units, centred**2, n_units)
    return first, second, 2 * data.sizes * spread / (data.sizes - 1)


def _squares_per_unit(data: Ratings) -> FloatArray:
    """Per unit, the sum over values of (how often it was given) squared."""
    cells = data.units * max(len(data.values), 1) + data.codes
    names, times = np.unique(cells, return_counts=True)
    units = names // max(len(data.values), 1)
    return sums_by(units, times.astype(np.float64) ** 2, len(data.sizes))


def _nominal(data: Ratings) -> float:
    n = data.sizes.sum()
    observed = ((data.sizes**2 - _squares_per_unit(data)) / (data.sizes - 1)).sum() / n
    expected = (n**2 - (_value_counts(data) ** 2).sum()) / (n * (n - 1))
    return float(1 - observed / expected)


def _ratio(data: Ratings) -> float:
    n = data.sizes.sum()
    observed = _ratio_within(data).sum() / n
    expected = _ratio_between(_value_counts(data)[None, :], data.values)[0] / (n * (n - 1))
    return float(1 - observed / expected)


def _ratio_between(counts: FloatArray, values: FloatArray) -> FloatArray:
    """Per row of (rows, values) counts, the sum of distances over all ordered pairs."""
    total = np.zeros(len(counts))
    step = max(1, CELLS_AT_ONCE // len(values))
    for start in range(0, len(values), step):
        part = slice(start, start + step)
        distance = _ratio_distance(values[part, None], values[None, :])
        total += ((counts[:, part] @ distance) * counts).sum(axis=1)
    return total


def _ratio_distance(a: FloatArray, b: FloatArray) -> FloatArray:
    total = a + b
    return np.asarray(np.divide(a - b, total, out=np.zeros(total.shape), where=total > 0) ** 2)


def _ratio_within(data: Ratings) -> FloatArray:
    """Per unit, the sum of distances over ordered pairs, divided by m - 1."""
    out = np.zeros(len(data.sizes))
    starts = np.concatenate([[0], np.cumsum(data.sizes)[:-1]]).astype(np.int64)
    for size in np.unique(data.sizes).astype(np.int64):
        mine = np.flatnonzero(data.sizes == size)
        step = max(1, CELLS_AT_ONCE // int(size) ** 2)
        for begin in range(0, len(mine), step):
            part = mine[begin : begin + step]
            values = data.values[data.codes[starts[part][:, None] + np.arange(size)]]
            distance = _ratio_distance(values[:, :, None], values[:, None, :])
            out[part] = distance.sum(axis=(1, 2)) / (size - 1)
    return out


def _alpha_of_counts(data: Ratings, level: str) -> AlphaOfCounts:
    sizes = data.sizes
    if level == "interval":
        columns = np.stack([sizes, *_moments(data, data.values)], axis=1)

        def interval(counts: FloatArray) -> FloatArray:
            n, first, second, within = (counts @ columns).T
            return _one_minus(within / n, 2 * (n * second - first**2) / (n * (n - 1)))

        return interval

    cells = sparse.csr_array(
        (np.ones(len(data.codes)), (data.units, data.codes)), (len(sizes), len(data.values))
    )
    if level == "ordinal":
        return lambda counts: _ordinal_of_counts(counts, cells, sizes)
    if level == "ratio":
        within = _ratio_within(data)
    else:
        within = (sizes**2 - _squares_per_unit(data)) / (sizes - 1)

    def tabled(counts: FloatArray) -> FloatArray:
        n = counts @ sizes
        marginal = (cells.T @ counts.T).T
        if level == "nominal":
            expected = n**2 - (marginal**2).sum(axis=1)
        else:
            expected = _ratio_between(marginal, data.values)
        return _one_minus(counts @ within / n, expected / (n * (n - 1)))

    return tabled


def _ordinal_of_counts(
    counts: FloatArray, cells: sparse.csr_array, sizes: FloatArray
) -> FloatArray:
    """Mid-ranks change with every sample: (rows,) alpha, one rank table per row."""
    n = counts @ sizes
    marginal = (cells.T @ counts.T).T
    ranks = mid_ranks(marginal) - n[:, None] / 2
    first = cells @ ranks.T  # (units, rows)
    second = cells @ (ranks**2).T
    per_unit = 2 * (sizes[:, None] * second - first**2) / (sizes[:, None] - 1)
    observed = np.einsum("ru,ur->r", counts, per_unit) / n
    spread = n * (marginal * ranks**2).sum(axis=1) - (marginal * ranks).sum(axis=1) ** 2
    return _one_minus(observed, 2 * spread / (n * (n - 1)))


def _one_minus(observed: FloatArray, expected: FloatArray) -> FloatArray:
    """1 - observed / expected, nan where a sample has no variation at all."""
    out = np.full(observed.shape, NAN)
    varies = expected > 1e-12 * expected.max(initial=0.0)
    np.divide(observed, expected, out=out, where=varies)
    return 1 - out


def _jackknife(
    of_counts: AlphaOfCounts, value: float, n_units: int, coverage: float
) -> tuple[float, float]:
    left_out = of_counts(1.0 - np.eye(n_units))
    if not np.isfinite(left_out).all():
        return NAN, NAN
    variance = (n_units - 1) / n_units * ((left_out - left_out.mean()) ** 2).sum()
    half = float(stdtrit(n_units - 1, (1 + coverage) / 2) * np.sqrt(variance))
    return value - half, min(1.0, value + half)


def _cells(data: Ratings) -> int:
    """Keep the value tables of a chunk as small as its counts."""
    return max(1, CELLS_AT_ONCE * len(data.sizes) // max(len(data.sizes), len(data.values)))
