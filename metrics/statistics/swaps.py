"""Correlations of two metrics with the people when some outputs' scores change places.

With x = 1 where an output keeps its two scores and -1 where they are swapped, the first metric's
scores are middle + x * half and the second's middle - x * half.  Sums over them are linear in x,
and the concordant and tied pairs of a segment quadratic: a permutation costs a matrix product.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from metrics.statistics.pairwise import rows_of_groups
from metrics.statistics.types import NAN, FloatArray

# (rows, segments * systems) signs -> (groups, rows) of the first metric, the same of the second
Swapped = Callable[[FloatArray], tuple[FloatArray, FloatArray]]

FLAT = 1e-12


def pearson_swapped(
    human: FloatArray, first: FloatArray, second: FloatArray, grouping: str
) -> Swapped:
    """Pearson's r within each group as a function of the signs.

    `human`, `first` and `second` are (segments, systems) with nan at the same outputs; the two
    metrics are on one scale.  nan where the people or the mixed metric do not vary.
    """
    shape = human.shape
    h, a, b = (rows_of_groups(side, grouping) for side in (human, first, second))
    known = np.isfinite(h)
    n = known.sum(axis=1)[:, None].astype(np.float64)
    h, middle, half = _centred(h, known), _centred((a + b) / 2, known), (a - b) / 2
    half = np.where(known, half, 0.0)
    weights = np.stack([half, 2 * middle * half, h * half], axis=2)
    squares = (middle**2 + half**2).sum(axis=1)[:, None]
    cross = (h * middle).sum(axis=1)[:, None]
    spread = np.where(_varies(human, grouping), (h**2).sum(axis=1), 0.0)[:, None]

    def correlations(signs: FloatArray) -> tuple[FloatArray, FloatArray]:
        moved = _by_group(signs, shape, grouping) @ weights
        return side(moved), side(-moved)

    def side(moved: FloatArray) -> FloatArray:
        total, square, product = moved[..., 0], moved[..., 1], moved[..., 2]
        with np.errstate(invalid="ignore", divide="ignore"):
            varies = squares + square - total**2 / n
            defined = (varies > FLAT * squares) & (spread > 0)
            r = (cross + product) / np.sqrt(spread * varies)
        return np.where(defined, np.clip(r, -1.0, 1.0), NAN)

    return correlations


def kendall_swapped(human: FloatArray, first: FloatArray, second: FloatArray) -> Swapped:
    """Kendall's tau-b within each segment as a function of the signs; as `pearson_swapped`.

    The sums are multiples of 1/8 below 2^20 for up to 1000 systems, exact in single precision.
    """
    n_segments, n_systems = human.shape
    known = np.isfinite(human)
    both = known[:, :, None] & known[:, None, :] & ~np.eye(n_systems, dtype=bool)
    order = np.where(both, _order(human, human), 0.0)
    untied_human = np.abs(order).sum(axis=(1, 2))[:, None] / 2
    signs_of = [[_order(i, j) for j in (first, second)] for i in (first, second)]
    balance = _quadratic([[order * sign for sign in row] for row in signs_of])
    untied = _quadratic([[np.where(both, np.abs(sign), 0.0) for sign in row] for row in signs_of])
    forms = np.concatenate([balance[2], untied[2]], axis=2).astype(np.float32)
    lines = np.stack([balance[1], untied[1]], axis=2).astype(np.float32)

    def correlations(signs: FloatArray) -> tuple[FloatArray, FloatArray]:
        x = _by_group(signs, human.shape, "item").astype(np.float32)
        halves = (x @ forms).reshape(n_segments, len(signs), 2, n_systems)
        curve = np.einsum("srcn,srn->src", halves, x).astype(np.float64)
        slope = (x @ lines).astype(np.float64)
        return side(curve + slope), side(curve - slope)

    def side(moved: FloatArray) -> FloatArray:
        agreeing = balance[0][:, None] + moved[..., 0]
        bottom = np.sqrt(untied_human * (untied[0][:, None] + moved[..., 1]))
        tau = np.full(agreeing.shape, NAN)
        np.divide(agreeing, bottom, out=tau, where=bottom > 0)
        return tau

    return correlations


def _quadratic(of_signs: list[list[FloatArray]]) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Constant, linear and quadratic coefficients per segment of half the sum over i and j.

    `of_signs[p][q]` is (segments, i, j): what the pair adds when output i has the first (p = 0)
    or second metric's score and j the first or second's.
    """
    (kept, right), (left, swapped) = of_signs
    constant = (kept + right + left + swapped).sum(axis=(1, 2)) / 8
    linear = (kept + right - left - swapped).sum(axis=2) / 4
    return constant, linear, (kept - right - left + swapped) / 8


def _order(left: FloatArray, right: FloatArray) -> FloatArray:
    """(segments, i, j) sign of left[i] - right[j], 0 where either is missing."""
    i, j = left[:, :, None], right[:, None, :]
    return (i > j).astype(np.float64) - (i < j)


def _by_group(signs: FloatArray, shape: tuple[int, ...], grouping: str) -> FloatArray:
    """(groups, rows, outputs) from (rows, segments * systems)."""
    if grouping == "none":
        return signs[None]
    cells = signs.reshape(len(signs), *shape)
    axes = (1, 0, 2) if grouping == "item" else (2, 0, 1)
    return np.ascontiguousarray(cells.transpose(axes))


def _centred(values: FloatArray, known: np.ndarray) -> FloatArray:
    filled = np.where(known, values, 0.0)
    n = np.maximum(known.sum(axis=1, keepdims=True), 1)
    return np.where(known, filled - filled.sum(axis=1, keepdims=True) / n, 0.0)


def _varies(values: FloatArray, grouping: str) -> np.ndarray:
    rows = rows_of_groups(values, grouping)
    known = np.isfinite(rows)
    high = np.where(known, rows, -np.inf).max(axis=1)
    return np.asarray(high > np.where(known, rows, np.inf).min(axis=1))
