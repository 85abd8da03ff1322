"""Split-half reliability: how well one half of the people predicts the other."""

from __future__ import annotations

from typing import Literal, get_args

import numpy as np
from numpy.typing import ArrayLike

from metrics.statistics.intervals import bootstrap_chunks, percentile_interval, ratio, sums_by
from metrics.statistics.types import NAN, Agreement, FloatArray, IntArray
from metrics.statistics.variance import RatingTable, rating_table

Split = Literal["unit", "rater"]


def split_half(
    ratings: ArrayLike,
    *,
    items: ArrayLike | None = None,
    split: Split = "unit",
    rng: np.random.Generator,
    splits: int = 100,
    coverage: float = 0.95,
    resamples: int = 1000,
) -> Agreement:
    """Correlation of one half of the people with the other, stepped up to all of them.

    Parameters
    ----------
    ratings : (raters, units), nan where missing; units with one rating are left out
    items : (units,) what is drawn whole, such as the segment of each output; each unit by itself
        when left out
    split : `unit` divides each unit's ratings anew, so that strictness is noise; `rater` divides
        the people once for all units, so that it is not

    Returns
    -------
    Agreement: Pearson's r of the half means, averaged over random splits, and then 2r / (1 + r);
    the interval draws items and keeps the splits.  An odd rating makes one half larger.

    Source: Spearman (1910); Brown (1910).
    """
    if split not in get_args(Split):
        raise ValueError(f"no split called {split!r}; known: unit, rater")
    matrix = np.asarray(ratings, dtype=np.float64)
    table = rating_table(matrix)
    shared = table.sizes >= 2
    table = RatingTable(table.values[:, shared], table.known[:, shared])
    n_units, n_ratings = table.values.shape[1], int(table.known.sum())
    n_raters = int(table.known.any(axis=1).sum())
    found = Agreement("split_half", "interval", NAN, NAN, NAN, n_units, n_raters, n_ratings)
    if n_units < 3:
        return found._replace(reason=f"{n_units} units have two ratings; at least 3 are needed")
    names = np.arange(matrix.shape[1]) if items is None else np.asarray(items)
    names = names[np.isfinite(matrix).any(axis=0)][shared]
    codes = np.unique(names, return_inverse=True)[1]
    moments = _moments(*_half_means(table, split, rng, splits), codes)
    n_items = len(moments)
    value = float(_stepped_up(moments, np.ones((1, n_items)))[0])
    if np.isnan(value):
        return found._replace(reason="the halves do not vary or do not overlap")
    if n_items < 2:
        return found._replace(value=value, reason="no interval from one item")
    chunks = bootstrap_chunks(n_items, resamples, rng)
    draws = np.concatenate([_stepped_up(moments, counts) for counts in chunks])
    _, low, high = percentile_interval(value, draws, coverage)
    drawn = "units" if items is None else "items"
    method = f"{splits} random splits, bootstrap over {drawn}, {resamples} resamples"
    return found._replace(value=value, low=low, high=high, method=method)


def weighted_pearson(x: FloatArray, y: FloatArray, counts: FloatArray) -> FloatArray:
    """(rows,) r when pair u occurs counts[r, u] times; nan where a side does not vary."""
    if not x.size:
        return np.full(len(counts), NAN)
    x, y = x - x.mean(), y - y.mean()
    return _pearson(counts @ np.stack([np.ones_like(x), x, y, x * x, y * y, x * y], 1))


def _pearson(sums: FloatArray) -> FloatArray:
    """r from sums (..., 6) of 1, x, y, xx, yy and xy; nan where a side does not vary."""
    n, sx, sy, xx, yy, xy = np.moveaxis(sums, -1, 0)
    vx, vy = n * xx - sx**2, n * yy - sy**2
    varies = (vx > 1e-12 * n * xx) & (vy > 1e-12 * n * yy)
    out = np.full(n.shape, NAN)
    np.divide(n * xy - sx * sy, np.sqrt(np.where(varies, vx * vy, 1.0)), out=out, where=varies)
    return np.asarray(np.clip(out, -1.0, 1.0))


def _half_means(
    table: RatingTable, split: str, rng: np.random.Generator, splits: int
) -> tuple[FloatArray, FloatArray]:
    """(splits, units) means of each half, nan where a half has no rating."""
    n_raters, n_units = table.values.shape
    halves = np.full((2, splits, n_units), NAN)
    for s in range(splits):
        keys = rng.random((n_raters, n_units if split == "unit" else 1))
        if split == "unit":
            keys = np.where(table.known > 0, keys, 2.0)
            sizes = table.sizes // 2
        else:
            sizes = np.array([n_raters // 2])
        ranks = np.argsort(np.argsort(keys, axis=0), axis=0)
        for half, mine in enumerate((ranks < sizes, ranks >= sizes)):
            weight = table.known * mine
            halves[half, s] = ratio((table.values * mine).sum(axis=0), weight.sum(axis=0))
    return halves[0], halves[1]


def _moments(first: FloatArray, second: FloatArray, codes: IntArray) -> FloatArray:
    """(items, splits, 6) what each item adds to the sums of `_pearson`."""
    n_items = int(codes.max(initial=-1)) + 1
    sums = np.zeros((n_items, len(first), 6))
    for s, (x, y) in enumerate(zip(first, second, strict=True)):
        both = np.isfinite(x) & np.isfinite(y)
        x, y, mine = x[both], y[both], codes[both]
        x, y = x - x.mean() if x.size else x, y - y.mean() if y.size else y
        for column, values in enumerate((np.ones_like(x), x, y, x * x, y * y, x * y)):
            sums[:, s, column] = sums_by(mine, values, n_items)
    return sums


def _stepped_up(moments: FloatArray, counts: FloatArray) -> FloatArray:
    """(rows,) Spearman and Brown's reliability from the mean r over splits."""
    n_items, splits, _ = moments.shape
    r = _pearson((counts @ moments.reshape(n_items, -1)).reshape(len(counts), splits, 6))
    defined = np.isfinite(r)
    mean = ratio(np.where(defined, r, 0.0).sum(axis=1), defined.sum(axis=1).astype(np.float64))
    return ratio(2 * mean, 1 + mean)
