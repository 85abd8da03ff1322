"""Intervals for means and shares, and the bootstrap counts that the other files share.

A bootstrap sample is kept as how often each thing was drawn, so that any sum over a sample is a
matrix product and no rating is ever copied.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import ndtri

from metrics.statistics.types import NAN, FloatArray, IntArray, Interval

CELLS_AT_ONCE = 4_000_000
ROW_BY_ROW = 500


def bootstrap_counts(n: int, resamples: int, rng: np.random.Generator) -> FloatArray:
    """How often each of `n` things is drawn: (resamples, n), every row sums to `n`.

    Takes 8 * resamples * n bytes; `bootstrap_chunks` gives the same rows a few at a time.
    """
    return np.concatenate(list(bootstrap_chunks(n, resamples, rng)))


def bootstrap_chunks(
    n: int, resamples: int, rng: np.random.Generator, cells: int = CELLS_AT_ONCE
) -> Iterator[FloatArray]:
    """The rows of `bootstrap_counts`, at most about `cells` numbers at once."""
    if n < 1 or resamples < 1:
        raise ValueError("a bootstrap needs at least one thing to draw and one resample")
    step = max(1, cells // n)
    for start in range(0, resamples, step):
        rows = min(step, resamples - start)
        yield _times_drawn(rng.integers(0, n, size=(rows, n)))


def _times_drawn(draws: IntArray) -> FloatArray:
    """(rows, n) how often each of 0 .. n-1 is in each row."""
    rows, n = draws.shape
    if n >= ROW_BY_ROW:  # one row's counts stay in the cache
        counts = np.empty((rows, n))
        for row, drawn in enumerate(draws):
            counts[row] = np.bincount(drawn, minlength=n)
        return counts
    draws += np.arange(rows)[:, None] * n
    return np.bincount(draws.ravel(), minlength=rows * n).reshape(rows, n).astype(np.float64)


def unit_chunks(codes: IntArray, resamples: int, rng: np.random.Generator) -> Iterator[FloatArray]:
    """How often each unit is drawn when whole items are, (rows, units), some rows at a time.

    codes : (units,) the item of each unit, numbered from 0
    """
    n_items = int(codes.max(initial=-1)) + 1
    cells = max(n_items, CELLS_AT_ONCE * n_items // max(len(codes), 1))
    for counts in bootstrap_chunks(n_items, resamples, rng, cells):
        yield counts[:, codes]


def percentile_interval(estimate: float, draws: ArrayLike, level: float = 0.95) -> Interval:
    """Percentile interval from bootstrap values; undefined (nan) values are left out.

    Not defined (nan bounds) when the estimate is nan or fewer than half the values are defined.
    """
    _check_level(level)
    values = np.asarray(draws, dtype=np.float64)
    values = values[np.isfinite(values)]
    if np.isnan(estimate) or values.size == 0 or 2 * values.size < np.size(draws):
        return Interval(float(estimate), NAN, NAN)
    low, high = np.quantile(values, [(1 - level) / 2, (1 + level) / 2])
    return Interval(float(estimate), float(low), float(high))


def mean_interval(
    scores: ArrayLike,
    items: ArrayLike,
    *,
    rng: np.random.Generator,
    level: float = 0.95,
    resamples: int = 2000,
) -> Interval:
    """Percentile bootstrap interval for a mean, drawing whole items.

    Ratings of one item depend on each other, so items are drawn, not ratings.

    Parameters
    ----------
    scores : (n,) one rating each, in the protocol's own unit (DA: points, 0-100)
    items : (n,) the item each rating belongs to
    level : coverage, between 0 and 1

    Returns
    -------
    Interval(estimate, low, high), in the unit of `scores`

    Raises
    ------
    ValueError
        Shapes differ, a score is not finite, or there are fewer than two items.

    Source: Davison and Hinkley (1997), eq. 5.18; items as clusters, sec. 3.8.
    """
    values = np.asarray(scores, dtype=np.float64)
    if not np.isfinite(values).all():
        raise ValueError("every score must be a finite number; leave missing ones out")
    return mean_intervals(values[:, None], items, rng=rng, level=level, resamples=resamples)[0]


def mean_intervals(
    columns: ArrayLike,
    items: ArrayLike | None = None,
    *,
    rng: np.random.Generator,
    level: float = 0.95,
    resamples: int = 2000,
) -> list[Interval]:
    """`mean_interval` for each column, all columns seeing the same drawn items.

    Parameters
    ----------
    columns : (n, k); nan is a missing value and takes no part in its column's mean
    items : (n,) the item of each row; every row is its own item when left out

    Returns
    -------
    k intervals; nan where a column has no value, nan bounds where only one item has one.
    """
    values = np.asarray(columns, dtype=np.float64)
    if values.ndim != 2:
        raise ValueError(f"columns must have two dimensions, not {values.ndim}")
    codes, n_items = item_codes(items, len(values))
    if n_items < 2:
        raise ValueError(f"an interval needs at least two items, not {n_items}")
    known = np.isfinite(values)
    sums = _per_item(np.where(known, values, 0.0), codes, n_items)
    sizes = _per_item(known.astype(np.float64), codes, n_items)
    estimates = ratio(sums.sum(axis=0), sizes.sum(axis=0))
    draws = np.concatenate(
        [ratio(c @ sums, c @ sizes) for c in bootstrap_chunks(n_items, resamples, rng)]
    )
    enough = (sizes > 0).sum(axis=0) >= 2
    return [
        percentile_interval(float(estimate), draws[:, k], level)
        if enough[k]
        else Interval(float(estimate), NAN, NAN)
        for k, estimate in enumerate(estimates)
    ]


def proportion_interval(successes: int, n: int, *, level: float = 0.95) -> Interval:
    """Wilson score interval for a share; all nan when `n` is 0.

    Source: Wilson (1927); without continuity correction.
    """
    _check_level(level)
    if not 0 <= successes <= n:
        raise ValueError(f"{successes} successes of {n} is not a share")
    if n == 0:
        return Interval(NAN, NAN, NAN)
    z = float(ndtri((1 + level) / 2))
    share = successes / n
    centre = (share + z * z / (2 * n)) / (1 + z * z / n)
    half = z / (1 + z * z / n) * float(np.sqrt(share * (1 - share) / n + (z / (2 * n)) ** 2))
    return Interval(share, max(0.0, centre - half), min(1.0, centre + half))


def item_codes(items: ArrayLike | None, n: int) -> tuple[IntArray, int]:
    """Number the items 0, 1, ...: (n,) codes, and how many there are."""
    if items is None:
        return np.arange(n), n
    names, codes = np.unique(np.asarray(items), return_inverse=True)
    if codes.shape != (n,):
        raise ValueError(f"{n} scores but {codes.size} items; give one item per score")
    return codes, len(names)


def sums_by(codes: IntArray, values: FloatArray, n: int) -> FloatArray:
    """Sum of the values of each code 0 .. n-1: (n,)."""
    return np.asarray(np.bincount(codes, values, minlength=n), dtype=np.float64)


def _per_item(values: FloatArray, codes: IntArray, n_items: int) -> FloatArray:
    columns = [sums_by(codes, column, n_items) for column in values.T]
    return np.stack(columns, axis=1) if columns else np.zeros((n_items, 0))


def ratio(top: FloatArray, bottom: FloatArray) -> FloatArray:
    """top / bottom, nan where the bottom is not above zero."""
    out = np.full(top.shape, NAN)
    np.divide(top, bottom, out=out, where=bottom > 0)
    return out


def _check_level(level: float) -> None:
    if not 0 < level < 1:
        raise ValueError(f"level must lie between 0 and 1, not {level}")
