"""Stuart's tau-c within groups, with an interval over segments."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from metrics.statistics.correlation import Grouping
from metrics.statistics.intervals import bootstrap_chunks, percentile_interval, ratio, sums_by
from metrics.statistics.jackknife import fisher_jackknife
from metrics.statistics.pairwise import rows_of_groups, score_matrices
from metrics.statistics.ranks import pair_contributions, pair_sums
from metrics.statistics.types import NAN, Correlation, FloatArray, IntArray


def kendall_c_interval(
    human: ArrayLike,
    metric: ArrayLike,
    *,
    grouping: Grouping = "item",
    rng: np.random.Generator,
    level: float = 0.95,
    resamples: int = 1000,
) -> Correlation:
    """tau-c, 2 (C - D) / (n^2 (k - 1) / k), k the smaller number of distinct values of a group.

    Parameters
    ----------
    human, metric : (segments, systems), higher = better, nan where missing
    grouping : `item`, `system` or `none`, as in `grouped_correlation`; averaged over groups

    Returns
    -------
    Correlation; groups with a side that does not vary are left out.  Interval as for tau-b:
    grouping `item` bootstrap over segments, otherwise delete-one-segment jackknife.

    Source: Stuart (1953).
    """
    x, y = score_matrices(human, metric)
    n = int(np.isfinite(x).sum())
    if grouping == "item":
        values, without = _of_segments(x, y), np.zeros(0)
    else:
        lines = np.broadcast_to(np.arange(len(x), dtype=np.float64)[:, None], x.shape)
        sides = (rows_of_groups(side, grouping) for side in (x, y, lines))
        both = [_of_group(h, m, i, len(x)) for h, m, i in zip(*sides, strict=True)]
        values = np.array([value for value, _ in both])
        without = _means(np.array([left for _, left in both]))
    used = values[np.isfinite(values)]
    if not used.size:
        reason = "one side does not vary" + (
            "" if grouping == "none" else f" within any {grouping}"
        )
        reason = "fewer than two outputs have both a human and a metric score" if n < 2 else reason
        return Correlation("kendall_c", grouping, NAN, NAN, NAN, n, 0, reason)
    value = float(used.mean())
    if grouping != "item":
        low, high = fisher_jackknife(value, without, level)
        method = "jackknife over items, Fisher z"
    else:
        draws = [c @ used / used.size for c in bootstrap_chunks(used.size, resamples, rng)]
        known_draws = np.concatenate(draws) if used.size > 1 else np.full(resamples, NAN)
        _, low, high = percentile_interval(value, known_draws, level)
        method = f"bootstrap over items, {resamples} resamples"
    reason = "no interval: too few items or no variation between them" if np.isnan(low) else ""
    return Correlation("kendall_c", grouping, value, low, high, n, used.size, reason, method)


def _of_segments(x: FloatArray, y: FloatArray) -> FloatArray:
    """(segments,) tau-c over the systems within each segment."""
    lines, columns = np.nonzero(np.isfinite(x))
    if not lines.size:
        return np.full(len(x), NAN)
    balance = pair_sums(x[lines, columns], y[lines, columns], lines, len(x))[:, 0]
    sizes = np.bincount(lines, minlength=len(x))
    return _tau_c(balance, sizes, np.minimum(_distinct(x), _distinct(y)))


def _distinct(rows: FloatArray) -> IntArray:
    """(rows,) different values of each row; nan is none."""
    ordered = np.sort(rows, axis=1)
    changed = (np.diff(ordered, axis=1) != 0) & np.isfinite(ordered[:, 1:])
    return np.asarray(changed.sum(axis=1) + np.isfinite(ordered[:, 0]), dtype=np.int64)


def _of_group(
    x: FloatArray, y: FloatArray, lines: FloatArray, n_items: int
) -> tuple[float, FloatArray]:
    """tau-c of a group, and (n_items,) without each of the items."""
    known = np.isfinite(x)
    x, y, items = x[known], y[known], lines[known].astype(np.int64)
    if x.size < 2:
        return NAN, np.full(n_items, NAN)
    each = pair_contributions(x, y)[:, 0]
    inside = pair_sums(x, y, items, n_items)[:, 0]
    sizes = np.bincount(items, minlength=n_items)
    k = np.minimum(_distinct(x[None])[0], _distinct(y[None])[0])
    left_k = np.minimum(_distinct_without(x, items, n_items), _distinct_without(y, items, n_items))
    balance = each.sum() / 2
    left = balance - sums_by(items, each, n_items) + inside
    whole = _tau_c(np.array([balance]), np.array([x.size]), np.array([k]))[0]
    return float(whole), _tau_c(left, x.size - sizes, left_k)


def _distinct_without(values: FloatArray, items: IntArray, n_items: int) -> IntArray:
    """(n_items,) different values that are left without each item."""
    names, codes = np.unique(values, return_inverse=True)
    pairs = np.unique(np.stack([codes, items]), axis=1)
    alone = np.bincount(pairs[0], minlength=len(names)) == 1
    gone = np.bincount(pairs[1][alone[pairs[0]]], minlength=n_items)
    return np.asarray(len(names) - gone, dtype=np.int64)


def _tau_c(balance: FloatArray, n: IntArray, k: IntArray) -> FloatArray:
    bottom = n.astype(np.float64) ** 2 * (k - 1) / np.maximum(k, 1)
    return ratio(2 * np.asarray(balance, dtype=np.float64), bottom)


def _means(without: FloatArray) -> FloatArray:
    """(items,) mean over the groups that have a value."""
    known = np.isfinite(without)
    return ratio(np.where(known, without, 0.0).sum(axis=0), known.sum(axis=0).astype(np.float64))
