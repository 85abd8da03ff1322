"""Bounds for looking at results before a study ends, by spending its alpha bit by bit."""

from __future__ import annotations

import math
from functools import lru_cache

import numpy as np
from numpy.typing import ArrayLike
from scipy.optimize import brentq
from scipy.special import ndtr, ndtri

from metrics.statistics.types import FloatArray

NOTHING = 1e-15  # a share of alpha that no bound can spend in double precision
FAR = 10.0  # standard errors beyond which a normal variable is not looked for
NODES, MOST_NODES = 96, 1200


def spent_alpha(fraction: ArrayLike, *, alpha: float = 0.05) -> FloatArray:
    """Two-sided alpha spent by a share of the information, as O'Brien and Fleming's bounds would.

    4 (1 - Phi(z_{1-alpha/4} / sqrt(fraction))): next to nothing early, all of it at 1.

    Source: Lan and DeMets (1983), their first function, alpha / 2 to each side.
    """
    share = np.asarray(fraction, dtype=np.float64)
    return np.asarray(4 * ndtr(-ndtri(1 - alpha / 4) / np.sqrt(np.maximum(share, 1e-300))))


def obrien_fleming_bounds(fractions: ArrayLike, *, alpha: float = 0.05) -> FloatArray:
    """What |z| must reach at each look for a two-sided test of level `alpha` over all looks.

    Parameters
    ----------
    fractions : (looks,) shares of the planned information, rising, above 0 and at most 1; they
        need not be known ahead, as long as the results do not choose them

    Returns
    -------
    (looks,) bounds; inf where a look comes too early to spend anything.

    Source: Lan and DeMets (1983); the integration is that of Armitage, McPherson and Rowe (1969).
    """
    times = np.asarray(fractions, dtype=np.float64)
    rising = bool((np.diff(times) > 0).all()) if times.ndim == 1 else False
    if not times.size or not rising or not times[0] > 0 or not times[-1] <= 1 + 1e-12:
        raise ValueError("looks must be rising shares of the planned information, up to 1")
    if not 0 < alpha < 1:
        raise ValueError(f"alpha must lie between 0 and 1, not {alpha}")
    return np.array(_bounds(tuple(times.tolist()), alpha))


@lru_cache(maxsize=256)
def _bounds(times: tuple[float, ...], alpha: float) -> tuple[float, ...]:
    """Of Brownian motion, whose paths that have crossed are taken out look by look."""
    spend = np.diff(spent_alpha(times, alpha=alpha), prepend=0.0) / 2
    places, weights = np.zeros(1), np.ones(1)  # where the motion is, and how likely
    bounds, before = [], 0.0
    for k, (time, part) in enumerate(zip(times, spend.tolist(), strict=True)):
        step = math.sqrt(time - before)
        edge = _edge(places, weights, step, part)
        bounds.append(edge / math.sqrt(time))
        if k + 1 < len(times):
            far = FAR * math.sqrt(time)
            finer = math.sqrt(times[k + 1] - time)
            reach = min(edge, far)
            n = min(MOST_NODES, NODES + math.ceil(16 * reach / min(step, finer)))
            nodes, widths = np.polynomial.legendre.leggauss(n)
            there = reach * nodes
            density = np.exp(-0.5 * ((there[:, None] - places) / step) ** 2) @ weights
            weights = density / (step * math.sqrt(2 * math.pi)) * widths * reach
            places, before = there, time
    return tuple(bounds)


def _edge(places: FloatArray, weights: FloatArray, step: float, part: float) -> float:
    """Where the paths above it have the probability `part`."""
    if part < NOTHING:
        return math.inf

    def too_many(edge: float) -> float:
        return float(ndtr((places - edge) / step) @ weights) - part

    return float(brentq(too_many, 0.0, float(places.max()) + FAR * step, xtol=1e-13, rtol=1e-14))
