"""Intervals from leaving out one item at a time."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from scipy.special import expit, logit, ndtri

from metrics.statistics.types import NAN, FloatArray


def fisher_jackknife(value: float, left_out: FloatArray, level: float) -> tuple[float, float]:
    """Normal interval on Fisher's z of a correlation, from its values without each item.

    nan with fewer than three items, where a value is missing, or at -1 and 1.
    Source: Arvesen (1969).
    """
    inside = np.abs(left_out).max(initial=0) < 1 and abs(value) < 1
    return _normal(value, left_out, level, np.arctanh, np.tanh) if inside else (NAN, NAN)


def logit_jackknife(value: float, left_out: FloatArray, level: float) -> tuple[float, float]:
    """The same for a share, on its log-odds; nan where a value is 0 or 1."""
    every = np.append(left_out, value)
    inside = bool(((every > 0) & (every < 1)).all())
    return _normal(value, left_out, level, logit, expit) if inside else (NAN, NAN)


def plain_jackknife(value: float, left_out: FloatArray, level: float) -> tuple[float, float]:
    """The same on the value's own scale, for what has no ends."""
    return _normal(value, left_out, level, np.positive, np.positive)


def _normal(
    value: float,
    left_out: FloatArray,
    level: float,
    scale: Callable[[FloatArray], FloatArray],
    back: Callable[[FloatArray], FloatArray],
) -> tuple[float, float]:
    n = len(left_out)
    if n < 3 or not np.isfinite(left_out).all():
        return NAN, NAN
    z = scale(left_out)
    error = np.sqrt((n - 1) / n * ((z - z.mean()) ** 2).sum())
    half = float(ndtri((1 + level) / 2) * error)
    low, high = back(scale(np.array([value])) + np.array([-half, half]))
    return float(low), float(high)
