"""How much of a variance each of several regressors explains, fairly divided.

A regressor's share is what it adds to R² on top of the others, averaged over all orders in which
they could be added (LMG, the Shapley value of R²).  Shares add up to R² and are never negative.
"""

from __future__ import annotations

from functools import cache
from math import comb

import numpy as np

from metrics.statistics.types import FloatArray

MOST = 14  # regressors: twice as many subsets for each
AT_ONCE = 32  # matrices, so that those of all subsets stay in the processor's cache
_NOTHING_LEFT = 1e-10  # of a regressor's own variance, once the others are taken out


def r2_shares(moments: FloatArray) -> FloatArray:
    """(..., k) shares of R² of k regressors; they sum to R².

    Parameters
    ----------
    moments : (..., k + 1, k + 1) covariances or correlations, the response last; any number of
        matrices at once

    Returns
    -------
    A regressor that is constant, or a combination of those before it, adds nothing where it comes
    later.  nan where the response does not vary.

    Source: Lindeman, Merenda and Gold (1980), p. 119; Grömping (2007) on its properties.
    """
    k = moments.shape[-1] - 1
    if k > MOST:
        raise ValueError(f"{k} regressors have too many subsets; give at most {MOST}")
    left = _unexplained(moments)
    total = moments[..., -1, -1]
    out = left @ _weights(k)
    varies = total > 0
    shares = np.full(out.shape, np.nan)
    np.divide(out, total[..., None], out=shares, where=varies[..., None])
    return shares


@cache
def _weights(k: int) -> FloatArray:
    """(2^k, k) what a subset's unexplained variance counts in each regressor's share."""
    members = np.arange(2**k)[:, None] >> np.arange(k) & 1
    sizes = members.sum(axis=1, keepdims=True)
    of_size = np.array([1 / (k * comb(k - 1, size)) for size in range(k)])
    gained = -of_size[np.maximum(sizes - 1, 0)]
    weights: FloatArray = np.where(members == 1, gained, of_size[np.minimum(sizes, k - 1)])
    return weights


def _unexplained(moments: FloatArray) -> FloatArray:
    """(..., 2^k) variance of the response left by each subset; bit j is regressor j.

    Regressors are taken in from the first on: what is left of the later ones and the response is
    the Schur complement, so that each step works on smaller matrices, of twice as many subsets.
    """
    size = moments.shape[-1]
    whole = np.moveaxis(moments.reshape(-1, size, size), 0, -1)  # long runs of memory last
    left = np.empty((whole.shape[-1], 2 ** (size - 1)))
    for start in range(0, len(left), AT_ONCE):
        some = np.ascontiguousarray(whole[..., start : start + AT_ONCE])
        left[start : start + AT_ONCE] = _left(some).T
    return left.reshape(*moments.shape[:-2], -1)


def _left(moments: FloatArray) -> FloatArray:
    """(2^k, n) of (k + 1, k + 1, n) moments."""
    rest = moments[:, :, None]
    for j in range(len(moments) - 1):
        first, later = rest[0, 1:], rest[1:, 1:]
        usable = rest[0, 0] > _NOTHING_LEFT * moments[j, j]
        slopes = np.zeros(first.shape)
        np.divide(first, rest[0, 0], out=slopes, where=usable)
        twice = np.empty((*later.shape[:2], 2 * later.shape[2], later.shape[3]))
        without, within = np.split(twice, 2, axis=2)
        without[:] = later
        np.multiply(slopes[:, None], first, out=within)
        np.subtract(later, within, out=within)
        rest = twice
    left: FloatArray = rest[0, 0]
    return left
