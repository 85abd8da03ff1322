"""How much of the gap's variance each cause explains: marginal R² of the mixed model, divided.

Marginal R² (Nakagawa and Schielzeth) is the variance of the fixed part over that of everything,
random effects and residual too.  A set of causes explains what the fitted model says it would if
the other causes were not known; averaged over all orders (LMG) that gives each cause its share.
"""

from __future__ import annotations

import numpy as np

from metrics.statistics.gap_fit import Data
from metrics.statistics.intervals import bootstrap_chunks, percentile_interval
from metrics.statistics.shapley import r2_shares
from metrics.statistics.types import FloatArray, Interval


def gap_shares(
    data: Data,
    coefficients: FloatArray,
    variances: FloatArray,
    *,
    rng: np.random.Generator,
    level: float = 0.95,
    resamples: int = 1000,
) -> tuple[list[Interval], float]:
    """Each cause's share with an interval, and marginal R², which the shares add up to.

    Parameters
    ----------
    coefficients : (k,) of the columns of x
    variances : (3,) of segments, systems and the residual, 0 where left out

    Returns
    -------
    Percentile intervals that draw whole segments and fit the coefficients again, at the ratios of
    the variances and with the systems that the model found.  A share is never negative, so that
    those of the samples lie above a share near 0: the interval is then widened down to it.

    Source: Nakagawa and Schielzeth (2013), eq. 26; Lindeman, Merenda and Gold (1980), p. 119.
    """
    k = data.x.shape[1]
    spread = np.cov(data.x, rowvar=False, bias=True).reshape(k, k)
    estimate = r2_shares(_moments(spread, coefficients, float(variances.sum())))
    products = _products(data, variances)
    draws = np.concatenate(
        [
            r2_shares(_refitted(counts @ products, k, variances))
            for counts in bootstrap_chunks(data.n_segments, resamples, rng)
        ]
    )
    intervals = [
        _holding(percentile_interval(float(value), draws[:, j], level))
        for j, value in enumerate(estimate)
    ]
    return intervals, float(estimate.sum())


def _holding(found: Interval) -> Interval:
    """The interval, widened to its estimate where it does not reach it; nan stays nan."""
    value, low, high = found
    return Interval(value, float(np.minimum(low, value)), float(np.maximum(high, value)))


def _moments(spread: FloatArray, slopes: FloatArray, rest: FloatArray | float) -> FloatArray:
    """(..., k + 1, k + 1) covariances of the causes and the response, as the model has them."""
    with_response = (spread @ slopes[..., None])[..., 0]
    explained = (with_response * slopes).sum(axis=-1)
    k = slopes.shape[-1]
    moments = np.empty((*slopes.shape[:-1], k + 1, k + 1))
    moments[..., :k, :k] = spread
    moments[..., :k, k] = moments[..., k, :k] = with_response
    moments[..., k, k] = explained + rest
    return moments


def _refitted(drawn: FloatArray, k: int, variances: FloatArray) -> FloatArray:
    """(resamples, k + 1, k + 1) moments, from the sums of `_products` over the segments drawn."""
    columns = k + 2
    cut = columns * (columns + 1) // 2
    normal, plain = _square(drawn[:, :cut], columns), _square(drawn[:, cut:], k + 1)
    right = normal[:, :-1, -1]
    beta = (np.linalg.pinv(normal[:, :-1, :-1], hermitian=True) @ right[..., None])[..., 0]
    n = plain[:, 0, 0]
    squares = normal[:, -1, -1] - (right * beta).sum(axis=-1)
    residual = np.maximum(squares, 0.0) / np.maximum(n - k - 1, 1.0)
    means = plain[:, 0, 1:] / n[:, None]
    spread = plain[:, 1:, 1:] / n[:, None, None] - means[:, :, None] * means[:, None, :]
    return _moments(spread, beta[:, 1:], residual * float(variances.sum() / variances[2]))


def _products(data: Data, variances: FloatArray) -> FloatArray:
    """(segments, sums) of products of intercept, causes and gap as the model weighs them, then
    of intercept and causes as they are; upper triangles only."""
    columns = np.column_stack([np.ones(len(data.y)), data.x, data.y])
    weighed = _weighed(columns, data, variances)
    order = np.argsort(data.segments, kind="stable")
    starts = np.searchsorted(data.segments[order], np.arange(data.n_segments))

    def summed(left: FloatArray, right: FloatArray) -> FloatArray:
        i, j = np.triu_indices(left.shape[1])
        both = left[:, i] * right[:, j] + left[:, j] * right[:, i]
        found: FloatArray = np.add.reduceat(both[order], starts, axis=0) / 2
        return found

    return np.hstack([summed(columns, weighed), summed(columns[:, :-1], columns[:, :-1])])


def _weighed(columns: FloatArray, data: Data, variances: FloatArray) -> FloatArray:
    """V^-1 times the columns, V in units of the residual variance."""
    segment, system = (variances[:2] / variances[2]).tolist()
    sizes = np.bincount(data.segments, minlength=data.n_segments)
    shrunk = segment / (1 + segment * sizes)

    def within(some: FloatArray) -> FloatArray:
        sums = np.zeros((data.n_segments, some.shape[1]))
        np.add.at(sums, data.segments, some)
        taken: FloatArray = (shrunk[:, None] * sums)[data.segments]
        return some - taken

    found = within(columns)
    if not system:
        return found
    member = np.eye(data.n_systems)[data.systems]
    of_systems = within(member)
    middle = np.eye(data.n_systems) / system + member.T @ of_systems
    taken: FloatArray = of_systems @ np.linalg.solve(middle, of_systems.T @ columns)
    return found - taken


def _square(triangles: FloatArray, size: int) -> FloatArray:
    """(..., size, size) symmetric matrices of their upper triangles."""
    i, j = np.triu_indices(size)
    whole = np.empty((*triangles.shape[:-1], size, size))
    whole[..., i, j] = whole[..., j, i] = triangles
    return whole
