"""Correlation of a metric with the people, segment by segment.

Grouping decides what is compared: `none` takes every pair together (and so also rewards a metric
that only knows hard sources), `item` the systems within each segment, `system` the segments
within each system; grouped values are averaged over groups.
"""

from __future__ import annotations

from typing import Literal, NamedTuple, get_args

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import ndtri

from metrics.statistics.intervals import (
    bootstrap_chunks,
    percentile_interval,
    ratio,
    sums_by,
)
from metrics.statistics.ranks import (
    grouped_mid_ranks,
    pair_contributions,
    pair_sums,
    tau_b,
    weighted_mid_ranks,
)
from metrics.statistics.types import NAN, Correlation, FloatArray, IntArray

Statistic = Literal["pearson", "spearman", "kendall_b"]
Grouping = Literal["none", "item", "system"]


class Pairs(NamedTuple):
    """Known pairs, both sides oriented, with their item and group numbered from 0."""

    human: FloatArray
    metric: FloatArray
    items: IntArray
    groups: IntArray
    n_items: int
    n_groups: int


def grouped_correlation(
    human: ArrayLike,
    metric: ArrayLike,
    items: ArrayLike,
    systems: ArrayLike,
    *,
    statistic: Statistic = "pearson",
    grouping: Grouping = "item",
) -> Correlation:
    """Correlation within groups, averaged over them.

    Parameters
    ----------
    human, metric : (n,) one value per output, both higher = better; nan drops the pair
    items, systems : (n,) the segment and the system of each output

    Returns
    -------
    Correlation without an interval.  Groups with fewer than two pairs or a side that does not
    vary have no correlation: they are left out of the mean and of `n_groups`.  nan with a reason
    when no group is left.

    Source: Kendall (1945) for tau-b; groupings as in the WMT metrics tasks.
    """
    pairs = _pairs(human, metric, items, systems, statistic, grouping)
    return _summary(pairs, _per_group(pairs, statistic), statistic, grouping)


def correlation_interval(
    human: ArrayLike,
    metric: ArrayLike,
    items: ArrayLike,
    systems: ArrayLike,
    *,
    statistic: Statistic = "pearson",
    grouping: Grouping = "item",
    rng: np.random.Generator,
    level: float = 0.95,
    resamples: int = 1000,
) -> Correlation:
    """`grouped_correlation` with an interval that draws whole items (segments).

    Pearson and Spearman: percentile bootstrap over items, ranks made anew in each sample.
    Kendall: with `item` grouping the same; otherwise the delete-one-item jackknife of Fisher's z,
    computed exactly.  `method` says which.

    Source: Davison and Hinkley (1997), sec. 3.8; Arvesen (1969) for the jackknife.
    """
    pairs = _pairs(human, metric, items, systems, statistic, grouping)
    values = _per_group(pairs, statistic)
    found = _summary(pairs, values, statistic, grouping)
    if found.reason:
        return found
    if statistic == "kendall_b" and grouping != "item":
        low, high = _jackknife(found.value, _without_each_item(pairs), level)
        method = "jackknife over items, Fisher z"
    else:
        if grouping == "item":
            draws = _resampled_groups(values, rng, resamples)
        else:
            draws = _resampled_items(pairs, statistic, rng, resamples)
        _, low, high = percentile_interval(found.value, draws, level)
        method = f"bootstrap over items, {resamples} resamples"
    reason = "no interval: too few items or no variation between them" if np.isnan(low) else ""
    return found._replace(low=low, high=high, method=method, reason=reason)


def pearson(x: ArrayLike, y: ArrayLike) -> float:
    """Pearson's r of two arrays; nan pairs are dropped, nan when a side does not vary."""
    return _simple(x, y, "pearson")


def spearman(x: ArrayLike, y: ArrayLike) -> float:
    """Spearman's rho (mid-ranks for ties); nan pairs dropped, nan when a side does not vary."""
    return _simple(x, y, "spearman")


def kendall_b(x: ArrayLike, y: ArrayLike) -> float:
    """Kendall's tau-b in O(n log n); nan pairs dropped, nan when a side does not vary."""
    return _simple(x, y, "kendall_b")


def _simple(x: ArrayLike, y: ArrayLike, statistic: Statistic) -> float:
    items = np.arange(np.size(x))
    return grouped_correlation(x, y, items, items, statistic=statistic, grouping="none").value


def _pairs(
    human: ArrayLike,
    metric: ArrayLike,
    items: ArrayLike,
    systems: ArrayLike,
    statistic: str,
    grouping: str,
) -> Pairs:
    if statistic not in get_args(Statistic):
        raise ValueError(f"no statistic called {statistic!r}; known: pearson, spearman, kendall_b")
    if grouping not in get_args(Grouping):
        raise ValueError(f"no grouping called {grouping!r}; known: none, item, system")
    x, y = np.asarray(human, dtype=np.float64), np.asarray(metric, dtype=np.float64)
    item_names, system_names = np.asarray(items), np.asarray(systems)
    if x.ndim != 1 or not x.shape == y.shape == item_names.shape == system_names.shape:
        raise ValueError("human, metric, items and systems must be lists of the same length")
    known = np.isfinite(x) & np.isfinite(y)
    item_codes = _numbered(item_names[known])
    groups = {
        "none": np.zeros(len(item_codes), dtype=np.int64),
        "item": item_codes,
        "system": _numbered(system_names[known]),
    }[grouping]
    return Pairs(x[known], y[known], item_codes, groups, _count(item_codes), _count(groups))


def _numbered(names: np.ndarray) -> IntArray:
    return np.asarray(np.unique(names, return_inverse=True)[1], dtype=np.int64)


def _count(codes: IntArray) -> int:
    return int(codes.max(initial=-1)) + 1


def _summary(pairs: Pairs, values: FloatArray, statistic: str, grouping: str) -> Correlation:
    used = values[np.isfinite(values)]
    value = float(used.mean()) if used.size else NAN
    reason = ""
    if len(pairs.human) < 2:
        reason = "fewer than two outputs have both a human and a metric score"
    elif not used.size:
        reason = "one side does not vary" + (
            "" if grouping == "none" else f" within any {grouping}"
        )
    return Correlation(statistic, grouping, value, NAN, NAN, len(pairs.human), used.size, reason)


def _per_group(pairs: Pairs, statistic: str) -> FloatArray:
    """(n_groups,) correlation of each group, nan where it has none."""
    x, y, groups, n_groups = pairs.human, pairs.metric, pairs.groups, pairs.n_groups
    if not n_groups:
        return np.zeros(0)
    if statistic == "kendall_b":
        return tau_b(pair_sums(x, y, groups, n_groups))
    if statistic == "spearman":
        x, y = grouped_mid_ranks(x, groups), grouped_mid_ranks(y, groups)
    sizes = np.bincount(groups, minlength=n_groups)
    x = x - (sums_by(groups, x, n_groups) / sizes)[groups]
    y = y - (sums_by(groups, y, n_groups) / sizes)[groups]
    cross = sums_by(groups, x * y, n_groups)
    bottom = np.sqrt(sums_by(groups, x * x, n_groups) * sums_by(groups, y * y, n_groups))
    varies = _varies(pairs.human, groups, n_groups) & _varies(pairs.metric, groups, n_groups)
    out = np.full(n_groups, NAN)
    np.divide(cross, bottom, out=out, where=varies & (bottom > 0))
    return np.asarray(np.clip(out, -1.0, 1.0))


def _varies(values: FloatArray, groups: IntArray, n_groups: int) -> np.ndarray:
    low, high = np.full(n_groups, np.inf), np.full(n_groups, -np.inf)
    np.minimum.at(low, groups, values)
    np.maximum.at(high, groups, values)
    return np.asarray(high > low)


def _resampled_groups(values: FloatArray, rng: np.random.Generator, resamples: int) -> FloatArray:
    used = values[np.isfinite(values)]
    if used.size < 2:
        return np.full(resamples, NAN)
    chunks = bootstrap_chunks(used.size, resamples, rng)
    return np.concatenate([counts @ used / used.size for counts in chunks])


def _resampled_items(
    pairs: Pairs, statistic: str, rng: np.random.Generator, resamples: int
) -> FloatArray:
    """Per sample of items, the mean over groups of the weighted correlation."""
    if pairs.n_items < 2:
        return np.full(resamples, NAN)
    members = [np.flatnonzero(pairs.groups == g) for g in range(pairs.n_groups)]
    sides = [(_centred(pairs.human[m]), _centred(pairs.metric[m]), pairs.items[m]) for m in members]
    rows = []
    for counts in bootstrap_chunks(pairs.n_items, resamples, rng, 1_000_000):
        per_group = np.stack([_weighted(x, y, counts[:, i], statistic) for x, y, i in sides])
        defined = np.isfinite(per_group)
        n = defined.sum(axis=0)
        total = np.where(defined, per_group, 0.0).sum(axis=0)
        rows.append(ratio(total, n))
    return np.concatenate(rows)


def _centred(values: FloatArray) -> FloatArray:
    return np.asarray(values - values.mean()) if values.size else values


def _weighted(x: FloatArray, y: FloatArray, weights: FloatArray, statistic: str) -> FloatArray:
    """(rows,) correlation when pair i occurs weights[r, i] times."""
    if statistic == "spearman":
        return _weighted_pearson_rows(
            weighted_mid_ranks(x, weights), weighted_mid_ranks(y, weights), weights
        )
    columns = np.stack([np.ones_like(x), x, y, x * x, y * y, x * y], axis=1)
    n, sx, sy, sxx, syy, sxy = (weights @ columns).T
    return _from_moments(n, sx, sy, sxx, syy, sxy)


def _weighted_pearson_rows(x: FloatArray, y: FloatArray, weights: FloatArray) -> FloatArray:
    n = weights.sum(axis=1)
    x = x - n[:, None] / 2
    y = y - n[:, None] / 2
    wx, wy = weights * x, weights * y
    return _from_moments(
        n,
        wx.sum(axis=1),
        wy.sum(axis=1),
        np.einsum("rn,rn->r", wx, x),
        np.einsum("rn,rn->r", wy, y),
        np.einsum("rn,rn->r", wx, y),
    )


def _from_moments(
    n: FloatArray,
    sx: FloatArray,
    sy: FloatArray,
    sxx: FloatArray,
    syy: FloatArray,
    sxy: FloatArray,
) -> FloatArray:
    vx, vy = n * sxx - sx**2, n * syy - sy**2
    out = np.full(n.shape, NAN)
    varies = (vx > 1e-12 * n * sxx) & (vy > 1e-12 * n * syy)
    bottom = np.sqrt(np.where(varies, vx * vy, 1.0))
    np.divide(n * sxy - sx * sy, bottom, out=out, where=varies)
    return np.asarray(np.clip(out, -1.0, 1.0))


def _without_each_item(pairs: Pairs) -> FloatArray:
    """(n_items,) mean tau-b over groups with one item left out."""
    total = np.zeros(pairs.n_items)
    n = np.zeros(pairs.n_items)
    for group in range(pairs.n_groups):
        mine = pairs.groups == group
        tau = _tau_without(pairs.human[mine], pairs.metric[mine], pairs.items[mine], pairs.n_items)
        defined = np.isfinite(tau)
        total += np.where(defined, tau, 0.0)
        n += defined
    return ratio(total, n)


def _tau_without(x: FloatArray, y: FloatArray, items: IntArray, n_items: int) -> FloatArray:
    each = pair_contributions(x, y)
    touching = np.stack([sums_by(items, c, n_items) for c in each.T], axis=1)
    both_inside = pair_sums(x, y, items, n_items)
    return tau_b(each.sum(axis=0) / 2 - touching + both_inside)


def _jackknife(value: float, left_out: FloatArray, level: float) -> tuple[float, float]:
    """Normal interval on Fisher's z from the values with one item left out."""
    n = len(left_out)
    if n < 3 or not np.isfinite(left_out).all() or np.abs(left_out).max() >= 1 or abs(value) >= 1:
        return NAN, NAN
    z = np.arctanh(left_out)
    error = np.sqrt((n - 1) / n * ((z - z.mean()) ** 2).sum())
    half = float(ndtri((1 + level) / 2) * error)
    centre = float(np.arctanh(value))
    return float(np.tanh(centre - half)), float(np.tanh(centre + half))
