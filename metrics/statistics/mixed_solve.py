"""Generalised least squares at given variances, with the derivatives along them."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from scipy.sparse import diags_array, issparse

from metrics.statistics.mixed_design import Sums
from metrics.statistics.types import FloatArray


class Solved(NamedTuple):
    """Variances are in units of the residual one; derivatives are along the three ratios."""

    log_determinant: float  # of V and of X'V^-1 X together
    squares: float  # y'Py
    means: FloatArray  # (systems,)
    covariance: FloatArray  # (systems, systems) of the means
    log_slopes: FloatArray  # (3,)
    squares_slopes: FloatArray  # (3,)
    covariance_slopes: FloatArray  # (3, systems, systems)


class Weighted(NamedTuple):
    """Sums of products with outputs and segments, but not raters, taken into account."""

    products: FloatArray  # (columns, columns)
    log_determinant: float
    along_segment: tuple[FloatArray, float]  # derivatives of the two along the ratios
    along_output: tuple[FloatArray, float]


def solve(sums: Sums, ratios: FloatArray) -> Solved:
    """At the ratios of segment, rater and system:segment to the residual variance, 0 or more.

    Outputs lie within segments, so their variances are inverted in closed form; only the systems'
    and raters' equations, (I + variance x products), are solved.
    """
    segment, rater, output = ratios.tolist()
    p = sums.n_systems
    weighted = _weighted(sums, segment, output)
    inner, right = weighted.products[:-1, :-1], weighted.products[:-1, -1]
    of_rater = np.arange(len(right)) >= p
    scale = np.where(of_rater, rater, 1.0)
    equations = inner * scale
    equations[p:, p:] += np.eye(len(right) - p)
    inverse = np.linalg.inv(equations)
    solution, left = inverse @ right, inverse.T @ (scale * right)
    squares = weighted.products[-1, -1] - (scale * right) @ solution
    log_determinant = weighted.log_determinant + np.linalg.slogdet(equations)[1]

    # Of the equations, the right side, its scaled copy, the scores' own square and log |V|.
    moves: list[tuple[FloatArray, FloatArray, FloatArray, float, float]] = []
    for products, log_v in (weighted.along_segment, weighted.along_output):
        side = products[:-1, -1]
        moves.append(
            (products[:-1, :-1] * scale, side, scale * side, float(products[-1, -1]), log_v)
        )
    moves.insert(1, (inner * of_rater, np.zeros_like(right), right * of_rater, 0.0, 0.0))
    logs, squared, covariances = [], [], []
    for of_equations, of_right, of_scaled, own, log_v in moves:
        logs.append(log_v + float((inverse.T * of_equations).sum()))
        change = own - of_scaled @ solution - left @ of_right + left @ of_equations @ solution
        squared.append(float(change))
        covariances.append(-(inverse[:p] @ of_equations @ inverse[:, :p]))
    return Solved(
        float(log_determinant),
        float(squares),
        solution[:p],
        np.asarray(inverse[:p, :p], dtype=np.float64),
        np.array(logs),
        np.array(squared),
        np.stack(covariances),
    )


def _weighted(sums: Sums, segment: float, output: float) -> Weighted:
    m = sums.sizes
    shrunk, shrinking = 1 / (1 + m * output), -m / (1 + m * output) ** 2
    sides = _combined(shrunk, sums.sums)
    moved = _combined(shrinking, sums.sums)
    weight, moving = (m * shrunk) @ sums.counts, (m * shrinking) @ sums.counts
    share = 1 / (1 + segment * weight)
    products = sums.products - _combined(output * shrunk, sums.within)
    products = products - _gram(sides, segment * share, sides)
    both = _gram(moved, segment * share, sides)
    along_output = -_combined(shrunk**2, sums.within) - both - both.T
    along_output += _gram(sides, (segment * share) ** 2 * moving, sides)
    n_outputs = sums.counts.sum(axis=1)
    log_v = float(n_outputs @ np.log1p(m * output) + np.log1p(segment * weight).sum())
    return Weighted(
        products,
        log_v,
        (-_gram(sides, share**2, sides), float((weight * share).sum())),
        (along_output, float(n_outputs @ (m * shrunk) + (segment * share * moving).sum())),
    )


def _combined(weights: FloatArray, parts: list[Any]) -> Any:
    return sum(weight * part for weight, part in zip(weights.tolist(), parts, strict=True))


def _gram(a: Any, weights: FloatArray, b: Any) -> FloatArray:
    """a' diag(weights) b, dense."""
    if issparse(a):
        return np.asarray((a.T @ (diags_array(weights) @ b)).toarray())
    return np.asarray((a * weights[:, None]).T @ b)
