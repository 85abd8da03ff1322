"""Building blocks of rank correlation: grouped mid-ranks, counted pairs."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from metrics.statistics.types import NAN, FloatArray, IntArray

PAIRS_AT_ONCE = 4_000_000


def grouped_mid_ranks(values: FloatArray, groups: IntArray) -> FloatArray:
    """Mean rank of each value within its group, up to a constant per group: (n,)."""
    order = np.lexsort((values, groups))
    _, run = _runs(values[order], groups[order])
    times = np.bincount(run)
    middle = np.cumsum(times) - (times - 1) / 2
    ranks = np.empty(len(values))
    ranks[order] = middle[run]
    return ranks


def pair_sums(x: FloatArray, y: FloatArray, groups: IntArray, n_groups: int) -> FloatArray:
    """Pairs within each group: (n_groups, 3) concordant - discordant, untied in x, untied in y.

    Groups of one size are compared at once through their sign matrices.
    """
    sums = np.zeros((n_groups, 3))
    order = np.argsort(groups, kind="stable")
    sizes = np.bincount(groups, minlength=n_groups)
    starts = np.cumsum(sizes) - sizes
    for size in np.unique(sizes[sizes > 1]):
        mine = np.flatnonzero(sizes == size)
        if size > 200:
            for group in mine:
                rows = order[starts[group] : starts[group] + size]
                sums[group] = pair_contributions(x[rows], y[rows]).sum(axis=0) / 2
            continue
        left, right = np.triu_indices(int(size), 1)
        step = max(1, PAIRS_AT_ONCE // len(left))
        for begin in range(0, len(mine), step):
            part = mine[begin : begin + step]
            rows = order[starts[part][:, None] + np.arange(size)]
            dx = np.sign(x[rows[:, left]] - x[rows[:, right]])
            dy = np.sign(y[rows[:, left]] - y[rows[:, right]])
            sums[part, 0] = (dx * dy).sum(axis=1)
            sums[part, 1] = np.abs(dx).sum(axis=1)
            sums[part, 2] = np.abs(dy).sum(axis=1)
    return sums


def pair_contributions(x: FloatArray, y: FloatArray) -> FloatArray:
    """What each point adds, paired with all others: (n, 3), columns as in `pair_sums`.

    Every pair counts for both of its points.  O(n log n).
    """
    _, cx, times_x = np.unique(x, return_inverse=True, return_counts=True)
    _, cy, times_y = np.unique(y, return_inverse=True, return_counts=True)
    both = cx.astype(np.int64) * len(times_y) + cy
    _, cb, times_both = np.unique(both, return_inverse=True, return_counts=True)
    n, tied_x, tied_y = len(x), times_x[cx], times_y[cy]
    concordant = count_below(cx, cy) + count_below(-cx, -cy)
    untied = n - tied_x - tied_y + times_both[cb]
    return np.stack([2 * concordant - untied, n - tied_x, n - tied_y], axis=1).astype(np.float64)


def tau_b(sums: FloatArray) -> FloatArray:
    """Kendall's tau-b from `pair_sums` rows (..., 3); nan where a side is constant."""
    bottom = np.sqrt(np.maximum(sums[..., 1], 0) * np.maximum(sums[..., 2], 0))
    out = np.full(bottom.shape, NAN)
    np.divide(sums[..., 0], bottom, out=out, where=bottom > 0)
    return out


def count_below(x: IntArray, y: IntArray, counted: NDArray[np.bool_] | None = None) -> IntArray:
    """For each point, how many others are smaller in both x and y; only `counted` ones count.

    Points are put in order of y (equal y: larger x first, so that they never count); then, one
    bit of x at a time from the highest, every point whose bit is 1 gains the points before it
    that share its higher bits and have a 0.
    """
    x = x - x.min(initial=0)
    order = np.lexsort((-x, y))
    ranks: NDArray[np.integer[Any]] = x[order]
    if x.max(initial=0) < 2**16:
        ranks = ranks.astype(np.uint16)  # sorted by counting, not by comparing
    weights = np.ones(len(x), dtype=np.int64) if counted is None else counted[order].astype(int)
    found = np.zeros(len(x), dtype=np.int64)
    where = np.arange(len(x))
    for bit in range(int(ranks.max(initial=0)).bit_length() - 1, -1, -1):
        higher = ranks >> (bit + 1)
        one = (ranks >> bit) & 1 == 1
        zeros = np.where(one, 0, weights)
        before = np.cumsum(zeros) - zeros
        first = np.concatenate([[True], higher[1:] != higher[:-1]])
        start = before[np.maximum.accumulate(np.where(first, np.arange(len(x)), 0))]
        found[where[one]] += (before - start)[one]
        shuffle = np.argsort(ranks >> bit, kind="stable")
        ranks, where, weights = ranks[shuffle], where[shuffle], weights[shuffle]
    out = np.empty(len(x), dtype=np.int64)
    out[order] = found
    return out


def _runs(values: FloatArray, groups: IntArray) -> tuple[IntArray, NDArray[np.int64]]:
    """Starts of the runs of equal (group, value) in sorted arrays, and each entry's run."""
    changed = (values[1:] != values[:-1]) | (groups[1:] != groups[:-1])
    first = np.concatenate([[True], changed])
    return np.flatnonzero(first), np.cumsum(first) - 1
