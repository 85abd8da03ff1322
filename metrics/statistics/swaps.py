"""Correlations of two metrics with the people when some outputs' scores change places.

With x = 1 where an output keeps its two scores and -1 where they are swapped, the first metric's
scores are middle + x * half and the second's middle - x * half.  Sums over them are linear in x,
and the concordant and tied pairs of a segment quadratic: a permutation costs a matrix product.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cached_property
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from metrics.statistics.intervals import ratio
from metrics.statistics.pairwise import rows_of_groups
from metrics.statistics.permutations import SIGNS_AT_ONCE, random_signs
from metrics.statistics.types import NAN, FloatArray

# (rows, segments * systems) signs -> (groups, rows) of the first metric, the same of the second
Swapped = Callable[[FloatArray], tuple[FloatArray, FloatArray]]

FLAT = 1e-12
SEGMENTS_AT_ONCE = 16


class Swaps:
    """Which outputs keep their two scores (1) and which exchange them (-1), drawn once.

    shape : (segments, systems);  tests that share it see the same permutations
    """

    def __init__(self, shape: tuple[int, int], resamples: int, rng: np.random.Generator) -> None:
        self.shape = shape
        rows = random_signs(shape[0] * shape[1], resamples, rng)
        self.signs = np.concatenate([part.astype(np.int8) for part in rows])

    @cached_property
    def by_segment(self) -> NDArray[np.float32]:
        """(segments, resamples, systems)"""
        return _by_segment(self.signs, self.shape)

    def chunks(self) -> Iterator[FloatArray]:
        """Rows of segments * systems signs, some at a time."""
        step = max(1, SIGNS_AT_ONCE // self.signs.shape[1])
        for start in range(0, len(self.signs), step):
            yield self.signs[start : start + step].astype(np.float64)


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


class _Form(NamedTuple):
    """constant + linear . x + x' quadratic x of each segment, (segments, ...)."""

    constant: FloatArray
    linear: FloatArray
    quadratic: FloatArray


def kendall_deltas(
    human: FloatArray, first: FloatArray, second: FloatArray, by_segment: NDArray[np.float32]
) -> FloatArray:
    """First minus second metric's mean tau-b within segments, under each permutation: (rows,).

    `human`, `first` and `second` are (segments, systems) with nan at the same outputs;
    `by_segment` is (segments, rows, systems) signs.  Segments in which the people or the mixed
    metric do not vary are left out of its mean, in every permutation anew.

    Where no two scores of a segment are equal, the quadratic part is the same in both metrics: it
    drops out of their difference, unless they are averaged over different segments.  The sums are
    multiples of 1/8 below 2^20 for up to 1000 systems, exact in single precision.
    """
    balance, untied, pairs = _forms(human, first, second)
    steady = ~(untied.quadratic.any(axis=(1, 2)) | untied.linear.any(axis=1))
    steady_bottom = np.sqrt(pairs * untied.constant)
    calm = np.flatnonzero(steady & (steady_bottom > 0))
    moved = np.flatnonzero(~steady & (pairs > 0))
    sums, n = _moved_sums(balance, untied, pairs, moved, by_segment)
    weights = 1 / steady_bottom[calm]
    slope = weights @ _lines(balance, calm, by_segment)
    n += calm.size
    middle = np.full(len(slope), weights @ balance.constant[calm])
    if (n[0] != n[1]).any():
        middle += weights @ _curves(balance, calm, by_segment)
    return ratio(sums[0] + middle + slope, n[0]) - ratio(sums[1] + middle - slope, n[1])


def _moved_sums(
    balance: _Form,
    untied: _Form,
    pairs: FloatArray,
    segments: NDArray[np.int64],
    x: NDArray[np.float32],
) -> tuple[FloatArray, FloatArray]:
    """(2, rows) sums of both metrics' tau-b over these segments, and how many have one."""
    sums, n = np.zeros((2, x.shape[1])), np.zeros((2, x.shape[1]))
    for start in range(0, len(segments), SEGMENTS_AT_ONCE):
        some = segments[start : start + SEGMENTS_AT_ONCE]
        middle, slope, free, free_slope = (
            part
            for form in (balance, untied)
            for part in (form.constant[some, None] + _curves(form, some, x), _lines(form, some, x))
        )
        for side, sign in enumerate((1, -1)):
            bottom = np.sqrt(pairs[some, None] * np.maximum(free + sign * free_slope, 0.0))
            tau = ratio(middle + sign * slope, bottom)
            known = np.isfinite(tau)
            sums[side] += np.where(known, tau, 0.0).sum(axis=0)
            n[side] += known.sum(axis=0)
    return sums, n


def _lines(form: _Form, segments: NDArray[np.int64], x: NDArray[np.float32]) -> FloatArray:
    """(segments, rows) linear parts."""
    out = np.empty((len(segments), x.shape[1]))
    linear = form.linear.astype(np.float32)
    for start in range(0, len(segments), SEGMENTS_AT_ONCE):
        some = segments[start : start + SEGMENTS_AT_ONCE]
        out[start : start + len(some)] = (x[some] @ linear[some, :, None])[..., 0]
    return out


def _curves(form: _Form, segments: NDArray[np.int64], x: NDArray[np.float32]) -> FloatArray:
    """(segments, rows) quadratic parts."""
    out = np.empty((len(segments), x.shape[1]))
    quadratic = form.quadratic.astype(np.float32)
    for start in range(0, len(segments), SEGMENTS_AT_ONCE):
        some = segments[start : start + SEGMENTS_AT_ONCE]
        part = x[some]
        out[start : start + len(some)] = np.einsum("srn,srn->sr", part @ quadratic[some], part)
    return out


def _forms(
    human: FloatArray, first: FloatArray, second: FloatArray
) -> tuple[_Form, _Form, FloatArray]:
    """Concordant minus discordant pairs, pairs the metric does not tie; pairs people do not."""
    known = np.isfinite(human)
    both = known[:, :, None] & known[:, None, :] & ~np.eye(human.shape[1], dtype=bool)
    order = np.where(both, _order(human, human), 0.0)
    signs_of = [[_order(i, j) for j in (first, second)] for i in (first, second)]
    balance = _quadratic([[order * sign for sign in row] for row in signs_of])
    untied = _quadratic([[np.where(both, np.abs(sign), 0.0) for sign in row] for row in signs_of])
    return balance, untied, np.abs(order).sum(axis=(1, 2)) / 2


def _quadratic(of_signs: list[list[FloatArray]]) -> _Form:
    """Coefficients per segment of half the sum over i and j.

    `of_signs[p][q]` is (segments, i, j): what the pair adds when output i has the first (p = 0)
    or second metric's score and j the first or second's.
    """
    (kept, right), (left, swapped) = of_signs
    constant = (kept + right + left + swapped).sum(axis=(1, 2)) / 8
    linear = (kept + right - left - swapped).sum(axis=2) / 4
    return _Form(constant, linear, (kept - right - left + swapped) / 8)


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


def _by_segment(signs: NDArray[np.int8], shape: tuple[int, int]) -> NDArray[np.float32]:
    cells = signs.reshape(len(signs), *shape).transpose(1, 0, 2)
    return np.ascontiguousarray(cells, dtype=np.float32)


def _centred(values: FloatArray, known: np.ndarray) -> FloatArray:
    filled = np.where(known, values, 0.0)
    n = np.maximum(known.sum(axis=1, keepdims=True), 1)
    return np.where(known, filled - filled.sum(axis=1, keepdims=True) / n, 0.0)


def _varies(values: FloatArray, grouping: str) -> np.ndarray:
    rows = rows_of_groups(values, grouping)
    known = np.isfinite(rows)
    high = np.where(known, rows, -np.inf).max(axis=1)
    return np.asarray(high > np.where(known, rows, np.inf).min(axis=1))
