"""Restricted maximum likelihood of the variances of crossed ratings, and how sure it is of them."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from scipy.optimize import minimize

from metrics.statistics.mixed_design import Sums
from metrics.statistics.mixed_solve import Solved, solve
from metrics.statistics.types import FloatArray, IntArray

LARGEST = 1e5  # a ratio to the residual variance beyond which there is no residual
ROUNDS = 30
TINY = 1e-14  # share of the scores' squares below which what is left is rounding


class Fit(NamedTuple):
    """`ratios` of segment, rater and system:segment to the residual; 0 where left out."""

    ratios: FloatArray
    residual: float
    solved: Solved
    log_likelihood: float
    converged: bool


class Spread(NamedTuple):
    """For Satterthwaite's degrees of freedom, over the variances above 0, the residual first."""

    covariance: FloatArray  # (k, k) of the variances, from the observed information
    slopes: FloatArray  # (k, systems, systems) of the means' covariance along each variance


def fit_reml(sums: Sums, chosen: FloatArray) -> Fit:
    """The ratios that are most likely; those not chosen (False) stay 0.

    The criterion is smooth in the standard deviations: BFGS finds the place, Newton's method the
    last digits.  A ratio that only helps by vanishing is set to 0.
    """
    free = np.array(chosen, dtype=bool)
    ratios = np.where(free, 1.0, 0.0)
    while True:
        ratios, converged = _search(sums, ratios, free)
        bound = _at_zero(sums, ratios, free)
        if bound is None:
            break
        free[bound], ratios[bound] = False, 0.0
    solved = solve(sums, ratios)
    rest = sums.n - sums.n_systems
    residual = float(solved.squares) / rest
    log_likelihood = -0.5 * (_criterion(sums, ratios)[0] + rest * (1 + np.log(2 * np.pi / rest)))
    return Fit(ratios, residual, solved, float(log_likelihood), converged)


def spread_of(sums: Sums, fit: Fit) -> Spread:
    """Observed information of the variances that are not 0."""
    above = np.flatnonzero(fit.ratios > 0)
    at = np.concatenate([[1.0], fit.ratios[above]]) * fit.residual
    rows = []
    for j, step in enumerate(1e-4 * at):
        ahead, behind = at.copy(), at.copy()
        ahead[j] += step
        behind[j] -= step
        rows.append((_slope(sums, ahead, above) - _slope(sums, behind, above)) / (2 * step))
    hessian = (np.array(rows) + np.array(rows).T) / 2
    scale = np.outer(at, at)
    covariance = 2 * np.linalg.pinv(hessian * scale, hermitian=True) * scale
    along = fit.solved.covariance_slopes[above]
    of_residual = fit.solved.covariance - np.tensordot(fit.ratios[above], along, 1)
    return Spread(covariance, np.concatenate([of_residual[None], along]))


def _search(sums: Sums, start: FloatArray, free: FloatArray) -> tuple[FloatArray, bool]:
    ratios = start.copy()
    if not free.any():
        return ratios, True

    def full(sds: FloatArray) -> FloatArray:
        out = ratios.copy()
        out[free] = np.minimum(sds**2, 10 * LARGEST)
        return out

    def both(sds: FloatArray) -> tuple[float, FloatArray]:
        value, slope = _criterion(sums, full(sds))
        return value, slope[free] * 2 * sds

    found = minimize(both, np.sqrt(start[free]), jac=True, method="BFGS")
    sds, slope = np.abs(found.x), found.jac
    for _ in range(ROUNDS):
        width = 1e-5 * (sds + 1e-3)
        moved = [
            both(sds + w * e)[1] - both(sds - w * e)[1]
            for w, e in zip(width, np.eye(len(sds)), strict=True)
        ]
        hessian = np.array(moved) / (2 * width[:, None])
        step = np.linalg.lstsq((hessian + hessian.T) / 2, -slope, rcond=None)[0]
        if np.abs(step).max() > 0.1 * (1e-3 + sds.max()):
            break
        sds = np.abs(sds + step)
        slope = both(sds)[1]
        if np.abs(step).max() <= 1e-10 * (1 + sds.max()):
            break
    return full(sds), bool(np.abs(slope).max() < 1e-4)


def _at_zero(sums: Sums, ratios: FloatArray, free: FloatArray) -> int | None:
    """A small ratio that is no less likely at 0, where the likelihood falls away from it."""
    for j in np.flatnonzero(free)[np.argsort(ratios[free])]:
        if ratios[j] > 1e-2:
            break
        without = ratios.copy()
        without[j] = 0.0
        value, slope = _criterion(sums, without)
        if value <= _criterion(sums, ratios)[0] + 1e-7 and slope[j] >= 0:
            return int(j)
    return None


def _criterion(sums: Sums, ratios: FloatArray) -> tuple[float, FloatArray]:
    """-2 log likelihood with the residual variance at its best, without constants; its slopes."""
    solved = solve(sums, ratios)
    rest, squares = (
        sums.n - sums.n_systems,
        max(solved.squares, TINY * float(sums.products[-1, -1])),
    )
    value = solved.log_determinant + rest * float(np.log(squares))
    return value, solved.log_slopes + rest * solved.squares_slopes / squares


def _slope(sums: Sums, variances: FloatArray, above: IntArray) -> FloatArray:
    """Derivative of -2 log likelihood along the residual and the other variances."""
    residual = float(variances[0])
    ratios = np.zeros(3)
    ratios[above] = variances[1:] / residual
    solved = solve(sums, ratios)
    rest = sums.n - sums.n_systems
    along = (solved.log_slopes + solved.squares_slopes / residual)[above] / residual
    first = (rest - solved.squares / residual) / residual - float(ratios[above] @ along)
    return np.concatenate([[first], along])
