"""One share out of those of several campaigns, and how much the campaigns differ."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import ndtri

from metrics.statistics.types import NAN


class PooledShare(NamedTuple):
    """`i2` is the part of the variance between the shares that chance does not explain, 0-1."""

    share: float
    low: float
    high: float
    lowest: float
    highest: float
    i2: float
    n: int
    n_strata: int
    reason: str = ""


def pooled_share(
    shares: ArrayLike,
    lows: ArrayLike,
    highs: ArrayLike,
    counts: ArrayLike,
    *,
    level: float = 0.95,
) -> PooledShare:
    """The share over all strata together, each weighing as many units as it has.

    Parameters
    ----------
    shares, lows, highs : (k,) of each stratum, 0-1, with intervals at `level`; a stratum without
        a share is left out
    counts : (k,) units behind each share

    Returns
    -------
    PooledShare: the stratified estimate with a normal interval of the strata's own errors,
    which are their intervals' half widths over the normal quantile.  It is of these strata: how
    another would fare, `lowest`, `highest` and I² tell.  Without an interval of every stratum
    there is none.

    Source: Cochran (1977), eq. 5.1 and 5.6; Higgins and Thompson (2002) for I².
    """
    columns = [np.asarray(side, dtype=np.float64) for side in (shares, lows, highs, counts)]
    if len({column.shape for column in columns}) > 1 or columns[0].ndim != 1:
        raise ValueError("shares, lows, highs and counts must be lists of the same length")
    kept = np.isfinite(columns[0]) & (columns[3] > 0)
    share, low, high, n = (column[kept] for column in columns)
    k, total = len(share), int(n.sum())
    if not k:
        return PooledShare(NAN, NAN, NAN, NAN, NAN, NAN, 0, 0, "no share is known")
    weights = n / n.sum()
    pooled = float(weights @ share)
    spread = float(share.min()), float(share.max())
    z = float(ndtri((1 + level) / 2))
    errors = (high - low) / (2 * z)
    if not np.isfinite(errors).all():
        reason = "not every share has an interval"
        return PooledShare(pooled, NAN, NAN, *spread, NAN, total, k, reason)
    half = z * float(np.sqrt(((weights * errors) ** 2).sum()))
    ends = max(0.0, pooled - half), min(1.0, pooled + half)
    return PooledShare(pooled, *ends, *spread, _i2(share, errors), total, k)


def _i2(share: np.ndarray, errors: np.ndarray) -> float:
    if len(share) < 2 or not (errors > 0).all():
        return NAN
    inverse = errors**-2
    centre = inverse @ share / inverse.sum()
    q = float(inverse @ (share - centre) ** 2)
    return max(0.0, 1 - (len(share) - 1) / q) if q > 0 else 0.0
