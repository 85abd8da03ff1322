"""Restricted maximum likelihood of the variances of crossed ratings, and how sure it is of them."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from scipy.optimize import minimize

from metrics.statistics.mixed_design import Numbers, Solved, Sums, solve
from metrics.statistics.types import FloatArray, IntArray

STEP = 1e-20  # of the complex step: far below rounding, so that nothing cancels
LARGEST = 1e5  # a ratio to the residual variance beyond which there is no residual
ROUNDS = 30
TINY = 1e-300


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
    log_likelihood = -0.5 * (_criterion(sums, ratios) + rest * (1 + np.log(2 * np.pi / rest)))
    return Fit(ratios, residual, solved, float(log_likelihood), converged)


def spread_of(sums: Sums, fit: Fit) -> Spread:
    """Observed information of the variances that are not 0."""
    above = np.flatnonzero(fit.ratios > 0)
    at = np.concatenate([[1.0], fit.ratios[above]]) * fit.residual
    steps = 1e-4 * at
    rows = []
    for j, step in enumerate(steps):
        ahead, behind = at.copy(), at.copy()
        ahead[j] += step
        behind[j] -= step
        rows.append((_slope(sums, ahead, above) - _slope(sums, behind, above)) / (2 * step))
    hessian = (np.array(rows) + np.array(rows).T) / 2
    scale = np.outer(at, at)
    covariance = 2 * np.linalg.pinv(hessian * scale, hermitian=True) * scale
    slopes = []
    for j in range(len(at)):
        residual, ratios = _ratios(_stepped(at, j), above)
        slopes.append((residual * solve(sums, ratios).covariance).imag / STEP)
    return Spread(covariance, np.stack(slopes))


def _search(sums: Sums, start: FloatArray, free: FloatArray) -> tuple[FloatArray, bool]:
    ratios = start.copy()
    if not free.any():
        return ratios, True

    def full(sds: FloatArray) -> FloatArray:
        out = ratios.copy()
        out[free] = np.minimum(sds**2, 10 * LARGEST)
        return out

    def value(sds: FloatArray) -> float:
        return float(_criterion(sums, full(sds)))

    def gradient(sds: FloatArray) -> FloatArray:
        return np.asarray(_gradient(sums, full(sds))[free] * 2 * sds)

    found = minimize(value, np.sqrt(start[free]), jac=gradient, method="BFGS")
    sds = np.abs(found.x)
    for _ in range(ROUNDS):
        slope = gradient(sds)
        width = 1e-5 * (sds + 1e-3)
        ahead = [gradient(sds + w * e) for w, e in zip(width, np.eye(len(sds)), strict=True)]
        behind = [gradient(sds - w * e) for w, e in zip(width, np.eye(len(sds)), strict=True)]
        hessian = (np.array(ahead) - np.array(behind)) / (2 * width[:, None])
        step = np.linalg.lstsq((hessian + hessian.T) / 2, -slope, rcond=None)[0]
        if np.abs(step).max() > 0.1 * (1e-3 + sds.max()):
            break
        sds = np.abs(sds + step)
        if np.abs(step).max() <= 1e-11 * (1 + sds.max()):
            break
    flat = bool(np.abs(gradient(sds)).max() < 1e-4)
    return full(sds), flat


def _at_zero(sums: Sums, ratios: FloatArray, free: FloatArray) -> int | None:
    """A small ratio that is no less likely at 0, where the likelihood falls away from it."""
    for j in np.flatnonzero(free)[np.argsort(ratios[free])]:
        without = ratios.copy()
        without[j] = 0.0
        if ratios[j] > 1e-2 or _criterion(sums, without) > _criterion(sums, ratios) + 1e-7:
            continue
        if _gradient(sums, without)[j] >= 0:
            return int(j)
    return None


def _criterion(sums: Sums, ratios: FloatArray) -> float:
    """-2 log likelihood with the residual variance at its best, without constants."""
    solved = solve(sums, ratios)
    rest = sums.n - sums.n_systems
    return float(solved.log_determinant + rest * np.log(np.maximum(solved.squares, TINY)))


def _gradient(sums: Sums, ratios: FloatArray) -> FloatArray:
    rest = sums.n - sums.n_systems
    found = []
    for j in range(len(ratios)):
        solved = solve(sums, _stepped(ratios, j))
        found.append((solved.log_determinant + rest * np.log(solved.squares + TINY)).imag / STEP)
    return np.array(found)


def _slope(sums: Sums, variances: FloatArray, above: IntArray) -> FloatArray:
    """Derivative of -2 log likelihood along the residual and the other variances."""
    rest = sums.n - sums.n_systems
    found = []
    for j in range(len(variances)):
        residual, ratios = _ratios(_stepped(variances, j), above)
        solved = solve(sums, ratios)
        value = rest * np.log(residual) + solved.log_determinant + solved.squares / residual
        found.append(value.imag / STEP)
    return np.array(found)


def _ratios(variances: Numbers, above: IntArray) -> tuple[Any, Numbers]:
    ratios: Numbers = np.zeros(3, dtype=variances.dtype)
    ratios[above] = variances[1:] / variances[0]
    return variances[0], ratios


def _stepped(at: FloatArray, j: int) -> Numbers:
    out: Numbers = at.astype(np.complex128)
    out[j] += STEP * 1j
    return out
