"""Pairs of points that two scores order alike when small differences of one count as ties."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from metrics.statistics.ranks import count_below
from metrics.statistics.types import FloatArray, IntArray


class PairCounts(NamedTuple):
    """Pairs of one group's points: `right` for each point, the rest for the whole group."""

    right: FloatArray  # (n,) every pair counts for both of its points
    human_ties: int
    metric_ties: int


def count_pairs(human: FloatArray, metric: FloatArray, epsilon: float) -> PairCounts:
    """How many pairs are in the same order, or tied on both sides, metric ties up to epsilon.

    Parameters
    ----------
    human, metric : (n,) finite;  epsilon : 0 or more; above 0, differences that exceed it by no
        more than rounding are ties, too

    O(n log n), where acc_eq looks at every pair.
    """
    if epsilon > 0:
        epsilon += 1e-12 * (epsilon + float(np.abs(metric).max(initial=0.0)))
    _, codes, times = np.unique(human, return_inverse=True, return_counts=True)
    right = _ordered(codes, metric, epsilon) + _ordered(-codes, -metric, epsilon)
    right += _tied(codes, metric, epsilon)
    ordered = np.sort(metric)
    reach = np.searchsorted(ordered, ordered + epsilon, side="right")
    metric_ties = int((reach - np.arange(1, len(metric) + 1)).sum())
    human_ties = int((times * (times - 1) // 2).sum())
    return PairCounts(right.astype(np.float64), human_ties, metric_ties)


def _ordered(codes: IntArray, metric: FloatArray, epsilon: float) -> IntArray:
    """For each point, the points below it in `codes` and below it by more than epsilon."""
    n = len(codes)
    values = np.concatenate([metric, metric - epsilon])
    _, places = np.unique(values, return_inverse=True)
    counted = np.arange(2 * n) < n
    return count_below(np.concatenate([codes, codes]), places, counted)[n:]


def _tied(codes: IntArray, metric: FloatArray, epsilon: float) -> IntArray:
    """For each point, the others with the same code and at most epsilon away."""
    upto = _same_code_upto(codes, metric, metric + epsilon)
    below = _same_code_upto(-codes, -metric, -metric + epsilon)
    _, same, times = np.unique(codes, return_inverse=True, return_counts=True)
    return upto + below - times[same] - 1


def _same_code_upto(codes: IntArray, metric: FloatArray, limits: FloatArray) -> IntArray:
    """For each point, the points of its code whose metric is at most its limit."""
    n = len(codes)
    asks = np.repeat([0, 1], n)
    order = np.lexsort((asks, np.concatenate([metric, limits]), np.tile(codes, 2)))
    seen = np.cumsum(order < n)
    upto = np.empty(2 * n, dtype=np.int64)
    upto[order] = seen
    _, same, times = np.unique(codes, return_inverse=True, return_counts=True)
    before = np.cumsum(times) - times
    return upto[n:] - before[same]
