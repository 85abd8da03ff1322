"""How a correlation varies: many metrics against the same people, on the same drawn items."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from scipy.special import ndtri

from metrics.statistics.intervals import bootstrap_chunks, ratio, sums_by
from metrics.statistics.ranks import pair_contributions, pair_sums, tau_b
from metrics.statistics.types import NAN, FloatArray, IntArray

COUNTS_AT_ONCE = 1_000_000
RANKS_AT_ONCE = 250_000  # numbers that stay in a processor's cache


class Side(NamedTuple):
    """One side of a group's pairs in rising order."""

    order: IntArray
    starts: IntArray | None  # of the runs of equal values; None where no value occurs twice
    run: IntArray | None


def resampled_groups(values: FloatArray, rng: np.random.Generator, resamples: int) -> FloatArray:
    """(resamples,) mean of drawn groups' values (groups, each an item); nan groups are left out."""
    used = values[np.isfinite(values)]
    if used.size < 2:
        return np.full(resamples, NAN)
    chunks = bootstrap_chunks(used.size, resamples, rng)
    return np.concatenate([counts @ used / used.size for counts in chunks])


def resampled_items(
    x: FloatArray,
    ys: FloatArray,
    items: IntArray,
    groups: IntArray,
    *,
    ranked: bool,
    rng: np.random.Generator,
    resamples: int,
) -> FloatArray:
    """(k, resamples) mean over groups of the correlation of x with each y in samples of items.

    x : (n,);  ys : (k, n);  items, groups : (n,) numbered from 0
    ranked : Spearman, ranks made anew in each sample; otherwise Pearson
    """
    n_items, n_groups = (int(codes.max(initial=-1)) + 1 for codes in (items, groups))
    if n_items < 2:
        return np.full((len(ys), resamples), NAN)
    members = [np.flatnonzero(groups == g) for g in range(n_groups)]
    make = _Spearman if ranked else _Pearson
    sides = [make(x[m], ys[:, m], items[m]) for m in members]
    draws = []
    for counts in bootstrap_chunks(n_items, resamples, rng, COUNTS_AT_ONCE):
        per_group = np.stack([side.weighted(counts) for side in sides])
        defined = np.isfinite(per_group)
        total = np.where(defined, per_group, 0.0).sum(axis=0)
        draws.append(ratio(total, defined.sum(axis=0)))
    return np.concatenate(draws, axis=1)


class _Pearson:
    """Pearson's r of one group under weights, from weighted sums."""

    def __init__(self, x: FloatArray, ys: FloatArray, items: IntArray) -> None:
        x = x - x.mean()
        ys = ys - ys.mean(axis=1, keepdims=True)
        columns = np.concatenate([[np.ones_like(x), x, x * x], ys, ys * ys, ys * x])
        n_items = int(items.max(initial=-1)) + 1
        self.columns = np.stack([sums_by(items, c, n_items) for c in columns], axis=1)
        self.n_items, self.k = n_items, len(ys)

    def weighted(self, counts: FloatArray) -> FloatArray:
        sums = (counts[:, : self.n_items] @ self.columns).T
        n, sx, sxx = sums[:3]
        sy, syy, sxy = np.split(sums[3:], 3)
        return _from_moments(n, sx, sy, sxx, syy, sxy)


class _Spearman:
    """Spearman's rho of one group under weights; everything lies in rising order of x or y."""

    def __init__(self, x: FloatArray, ys: FloatArray, items: IntArray) -> None:
        self.x = _sorted(x)
        self.items_x = items[self.x.order]
        place = np.empty(len(x), dtype=np.int64)
        place[self.x.order] = np.arange(len(x))
        self.ys = [_sorted(y) for y in ys]
        self.items_y = [items[side.order] for side in self.ys]
        self.places = [place[side.order] for side in self.ys]

    def weighted(self, counts: FloatArray) -> FloatArray:
        step = max(1, RANKS_AT_ONCE // max(1, len(self.items_x)))
        parts = [self._part(counts[i : i + step]) for i in range(0, len(counts), step)]
        return np.concatenate(parts, axis=1)

    def _part(self, counts: FloatArray) -> FloatArray:
        weights = counts[:, self.items_x]
        n = weights.sum(axis=1)
        ranks, sxx = _centred_ranks(self.x, weights, n)
        weights *= ranks
        found = []
        for side, items, places in zip(self.ys, self.items_y, self.places, strict=True):
            other, syy = _centred_ranks(side, counts[:, items], n)
            sxy = np.einsum("rn,rn->r", weights[:, places], other)
            found.append(_from_moments(n, 0.0, 0.0, sxx, syy, sxy))
        return np.stack(found)


def _sorted(values: FloatArray) -> Side:
    order = np.argsort(values, kind="stable")
    ordered = values[order]
    first = np.concatenate([[True], ordered[1:] != ordered[:-1]])
    if first.all():
        return Side(order, None, None)
    return Side(order, np.flatnonzero(first), np.cumsum(first) - 1)


def _centred_ranks(side: Side, weights: FloatArray, n: FloatArray) -> tuple[FloatArray, FloatArray]:
    """(rows, n) mid-ranks minus their mean, in the side's order, and their weighted squares."""
    times = weights if side.starts is None else np.add.reduceat(weights, side.starts, axis=1)
    ranks = np.cumsum(times, axis=1)
    ranks -= times / 2
    ranks -= n[:, None] / 2
    squares = np.einsum("rn,rn,rn->r", times, ranks, ranks)
    return (ranks if side.run is None else ranks[:, side.run]), squares


def _from_moments(
    n: FloatArray,
    sx: FloatArray | float,
    sy: FloatArray | float,
    sxx: FloatArray,
    syy: FloatArray,
    sxy: FloatArray,
) -> FloatArray:
    vx, vy = n * sxx - sx**2, n * syy - sy**2
    varies = (vx > 1e-12 * n * sxx) & (vy > 1e-12 * n * syy)
    bottom = np.sqrt(np.where(varies, vx * vy, 1.0))
    out = np.full(varies.shape, NAN)
    np.divide(n * sxy - sx * sy, bottom, out=out, where=varies)
    return np.asarray(np.clip(out, -1.0, 1.0))


def jackknife(
    x: FloatArray, y: FloatArray, items: IntArray, groups: IntArray, value: float, level: float
) -> tuple[float, float]:
    """Ends of the normal interval on Fisher's z of tau-b, from each item left out in turn."""
    left_out = _without_each_item(x, y, items, groups)
    n = len(left_out)
    if n < 3 or not np.isfinite(left_out).all() or np.abs(left_out).max() >= 1 or abs(value) >= 1:
        return NAN, NAN
    z = np.arctanh(left_out)
    error = np.sqrt((n - 1) / n * ((z - z.mean()) ** 2).sum())
    half = float(ndtri((1 + level) / 2) * error)
    centre = float(np.arctanh(value))
    return float(np.tanh(centre - half)), float(np.tanh(centre + half))


def _without_each_item(
    x: FloatArray, y: FloatArray, items: IntArray, groups: IntArray
) -> FloatArray:
    """(n_items,) mean tau-b over groups with one item left out."""
    n_items, n_groups = int(items.max(initial=-1)) + 1, int(groups.max(initial=-1)) + 1
    total, n = np.zeros(n_items), np.zeros(n_items)
    for group in range(n_groups):
        mine = groups == group
        tau = _tau_without(x[mine], y[mine], items[mine], n_items)
        defined = np.isfinite(tau)
        total += np.where(defined, tau, 0.0)
        n += defined
    return ratio(total, n)


def _tau_without(x: FloatArray, y: FloatArray, items: IntArray, n_items: int) -> FloatArray:
    each = pair_contributions(x, y)
    touching = np.stack([sums_by(items, c, n_items) for c in each.T], axis=1)
    both_inside = pair_sums(x, y, items, n_items)
    return tau_b(each.sum(axis=0) / 2 - touching + both_inside)


def same_rows(known: Sequence[np.ndarray]) -> list[IntArray]:
    """Numbers of the masks that are alike, a list for each kind."""
    if not known:
        return []
    _, which = np.unique(np.stack(known), axis=0, return_inverse=True)
    return [np.flatnonzero(which.ravel() == kind) for kind in range(int(which.max()) + 1)]
