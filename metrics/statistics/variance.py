"""Variance between units, between people, and left over, from a raters x units matrix.

Estimates are by analysis of variance, not REML: closed form, unbiased, and on complete ratings
the textbook mean squares.  They can come out below zero and are not cut there.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property, partial
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from metrics.statistics.intervals import ratio
from metrics.statistics.shared_units import Overlap, is_sparse
from metrics.statistics.types import NAN, FloatArray

PAIRS_AT_ONCE = 4_000_000  # pairs of raters, for all units at hand


class VarianceComponents(NamedTuple):
    """Variances in the squared unit of the ratings.

    `unit` is between the things rated, `rater` between people's means, `residual` all the rest;
    in a one-way model `rater` is nan and `residual` holds it.
    """

    unit: float
    rater: float
    residual: float
    n_units: int
    n_raters: int
    n_ratings: int
    reason: str = ""
    method: str = ""


@dataclass(frozen=True)
class RatingTable:
    """Ratings with no empty row or column; the grand mean is taken off, holes hold 0."""

    values: FloatArray  # (raters, units)
    known: FloatArray  # (raters, units) 1 or 0

    @property
    def sizes(self) -> FloatArray:
        """(units,) ratings of each unit."""
        return np.asarray(self.known.sum(axis=0), dtype=np.float64)

    @property
    def complete(self) -> bool:
        """Whether every person rated every unit."""
        return bool(self.known.all())

    def shared(self, counts: FloatArray) -> FloatArray:
        """(rows, raters, raters) units that each two share, each unit divided by its ratings.

        counts : (rows, units) how often each unit occurs
        """
        return self._shared_of(counts)

    @cached_property
    def _shared_of(self) -> Callable[[FloatArray], FloatArray]:
        if is_sparse(self.known):
            return Overlap(self.known, 1 / self.sizes).of_counts
        return partial(_shared, self.known, self.sizes)


def variance_components(ratings: ArrayLike, *, model: str = "two-way") -> VarianceComponents:
    """Variance components of units and raters.

    Parameters
    ----------
    ratings : (raters, units), nan where missing
    model : `two-way` when rows are people who rated several units; `one-way` when they are not
        (the first, second, ... rating of each unit, whoever gave it)

    Returns
    -------
    VarianceComponents; nan with a reason when ratings are too few to tell them apart.

    Source: Henderson (1953), method 3 (two-way, no interaction, any pattern of holes); Searle,
    Casella and McCulloch (1992), sec. 3.6 (one-way, unequal numbers).
    """
    if model not in ("one-way", "two-way"):
        raise ValueError(f"no model called {model!r}; known: one-way, two-way")
    table = rating_table(ratings)
    n_raters, n_units = table.values.shape
    once = np.ones((1, n_units))
    if model == "two-way":
        unit, rater, residual = two_way(table, once)[0].tolist()
        method = "analysis of variance" if table.complete else "Henderson's method 3"
    else:
        (unit, residual), rater = one_way(table, once)[0].tolist(), NAN
        method = "one-way analysis of variance"
    reason = ""
    if np.isnan(unit):
        reason = "too few ratings share units and raters to tell their variances apart"
    n_ratings = int(table.known.sum())
    return VarianceComponents(
        unit, rater, residual, n_units, n_raters, n_ratings, reason, "" if reason else method
    )


def rating_table(ratings: ArrayLike) -> RatingTable:
    """Check a (raters, units) matrix and leave out people and units without a rating."""
    matrix = np.asarray(ratings, dtype=np.float64)
    if matrix.ndim != 2:
        raise ValueError(f"ratings must be a raters x units matrix, not {matrix.ndim}-dimensional")
    known = np.isfinite(matrix)
    rows, columns = known.any(axis=1), known.any(axis=0)
    matrix, known = matrix[rows][:, columns], known[rows][:, columns]
    centre = float(matrix[known].mean()) if known.any() else 0.0
    return RatingTable(np.where(known, matrix - centre, 0.0), known.astype(np.float64))


def two_way(table: RatingTable, counts: FloatArray) -> FloatArray:
    """(rows, 3) variances of unit, rater and residual when unit u occurs counts[r, u] times.

    A unit drawn twice counts as two units; nan where there is nothing to estimate from.
    """
    values, known, sizes = table.values, table.known, table.sizes
    n_raters = len(values)
    if not n_raters:
        return np.full((len(counts), 3), NAN)
    sums = values.sum(axis=0)
    n = counts @ sizes
    n_units = counts.sum(axis=1)
    per_rater = counts @ known.T
    totals = counts @ values.T
    overlap = -table.shared(counts)
    overlap[:, np.arange(n_raters), np.arange(n_raters)] += per_rater
    adjusted = totals - counts @ (known * sums / sizes).T
    raters_given_units, rank = _fitted(overlap, adjusted)
    squares = counts @ (values**2).sum(axis=0)
    both = counts @ (sums**2 / sizes) + raters_given_units
    units_given_raters = both - np.nansum(ratio(totals**2, per_rater), axis=1)
    active = (per_rater > 0).sum(axis=1)
    # Differences of sums of squares: what is left below rounding is nothing.
    left = np.maximum(squares - both, 0.0)
    left[left <= 1e-13 * squares] = 0.0
    residual = ratio(left, n - n_units - rank)
    rater = ratio(raters_given_units - rank * residual, n - n_units)
    unit = ratio(units_given_raters - (n_units + rank - active) * residual, n - active)
    return np.stack([unit, rater, residual], axis=1)


def _shared(known: FloatArray, sizes: FloatArray, counts: FloatArray) -> FloatArray:
    """As `RatingTable.shared`, some units at a time: pairs by units may be more than fits."""
    n_raters = len(known)
    step = max(1, PAIRS_AT_ONCE // n_raters**2)
    found = np.zeros((len(counts), n_raters**2))
    for start in range(0, sizes.size, step):
        some = slice(start, start + step)
        here = known[:, some]
        shares = (here[:, None, :] * here[None, :, :] / sizes[some]).reshape(n_raters**2, -1)
        found += counts[:, some] @ shares.T
    return found.reshape(-1, n_raters, n_raters)


def one_way(table: RatingTable, counts: FloatArray) -> FloatArray:
    """(rows, 2) variances of unit and residual; as `two_way`."""
    if not len(table.values):
        return np.full((len(counts), 2), NAN)
    sizes, sums = table.sizes, table.values.sum(axis=0)
    n, n_units = counts @ sizes, counts.sum(axis=1)
    between = counts @ (sums**2 / sizes) - (counts @ sums) ** 2 / n
    squares = counts @ (table.values**2).sum(axis=0)
    left = np.maximum(squares - counts @ (sums**2 / sizes), 0.0)
    left[left <= 1e-13 * squares] = 0.0
    residual = ratio(left, n - n_units)
    unit = ratio(between - (n_units - 1) * residual, n - counts @ sizes**2 / n)
    unit[n_units < 2] = NAN
    return np.stack([unit, residual], axis=1)


def mean_size(table: RatingTable, counts: FloatArray) -> FloatArray:
    """(rows,) harmonic mean of the ratings per unit: the mean of 1 / size is 1 / this."""
    return ratio(counts.sum(axis=1), counts @ (1 / table.sizes))


def _fitted(matrix: FloatArray, right: FloatArray) -> tuple[FloatArray, FloatArray]:
    """right' matrix^- right and the rank, of singular symmetric matrices."""
    if not matrix.shape[1]:
        return np.zeros(len(matrix)), np.zeros(len(matrix))
    roots, vectors = np.linalg.eigh(matrix)
    used = roots > 1e-10 * np.maximum(roots[:, -1:], 1e-300)
    along = np.einsum("rij,ri->rj", vectors, right)
    parts = np.where(used, along**2 / np.where(used, roots, 1.0), 0.0)
    return np.asarray(parts.sum(axis=1)), used.sum(axis=1).astype(np.float64)
