"""Can a person tell damaged outputs from sound ones?"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike
from scipy.optimize import brentq
from scipy.special import ndtri
from scipy.stats import rankdata

from metrics.statistics.types import NAN, FloatArray, Interval

UNDEFINED = Interval(NAN, NAN, NAN)


class Sensitivity(NamedTuple):
    """How well damaged outputs were told from sound ones, and which answer was preferred.

    `d_prime` is in standard deviations, 0 is guessing; `criterion` above 0 means that "damaged"
    was said too rarely, below 0 too often.  The rates are corrected, never 0 or 1.
    """

    d_prime: Interval
    criterion: Interval
    hit_rate: float
    false_alarm_rate: float
    n_damaged: int
    n_sound: int
    reason: str = ""


class Discrimination(NamedTuple):
    """The chance that a sound output scores above a damaged one; 0.5 is guessing."""

    auc: Interval
    n_good: int
    n_bad: int
    reason: str = ""


def d_prime(
    hits: int, misses: int, false_alarms: int, correct_rejections: int, *, level: float = 0.95
) -> Sensitivity:
    """Sensitivity d' and criterion c of yes-no answers to damaged and sound outputs.

    Parameters
    ----------
    hits, misses : damaged outputs called damaged, and not
    false_alarms, correct_rejections : sound outputs called damaged, and not
    level : coverage of the normal intervals, between 0 and 1

    Returns
    -------
    Sensitivity; nan with a reason without a damaged or without a sound output.  The log-linear
    correction (+0.5 to each count, +1 to each total) is always made, not only at rates 0 and 1;
    it draws d' towards 0 when outputs are few.

    Raises
    ------
    ValueError
        A count is negative, or `level` is no coverage.

    Source: Hautus (1995) for the correction; Gourevitch and Galanter (1967) for the variance;
    Macmillan and Creelman (2005), ch. 1, 2 and 13.
    """
    if min(hits, misses, false_alarms, correct_rejections) < 0:
        raise ValueError("counts of answers cannot be negative")
    z = normal_quantile(level)
    n_damaged, n_sound = hits + misses, false_alarms + correct_rejections
    if not n_damaged or not n_sound:
        reason = f"no {'sound' if n_damaged else 'damaged'} output was judged"
        return Sensitivity(UNDEFINED, UNDEFINED, NAN, NAN, n_damaged, n_sound, reason)
    hit_rate = (hits + 0.5) / (n_damaged + 1)
    alarm_rate = (false_alarms + 0.5) / (n_sound + 1)
    z_hit, z_alarm = float(ndtri(hit_rate)), float(ndtri(alarm_rate))
    variance = _quantile_variance(hit_rate, n_damaged + 1)
    variance += _quantile_variance(alarm_rate, n_sound + 1)
    half = z * float(np.sqrt(variance))
    return Sensitivity(
        around(z_hit - z_alarm, half),
        around(-(z_hit + z_alarm) / 2, half / 2),
        hit_rate,
        alarm_rate,
        n_damaged,
        n_sound,
    )


def auc_detection(
    scores_good: ArrayLike, scores_bad: ArrayLike, *, level: float = 0.95
) -> Discrimination:
    """Share of (sound, damaged) pairs in which the sound output scored higher; ties count half.

    This is Mann and Whitney's U over the number of pairs, the area under the ROC curve.

    Parameters
    ----------
    scores_good, scores_bad : (n,), (m,) higher is better, nan is left out; one score per output
        (several people's scores of one output depend on each other: average them first)

    Returns
    -------
    Discrimination; nan with a reason when a side is empty.  The interval is a score interval and
    stays open at 0 and 1.

    Source: Newcombe (2006), Statistics in Medicine 25, 559-573, method 5.
    """
    z = normal_quantile(level)
    good, bad = _finite(scores_good), _finite(scores_bad)
    if not good.size or not bad.size:
        reason = f"no {'damaged' if good.size else 'sound'} output has a score"
        return Discrimination(UNDEFINED, good.size, bad.size, reason)
    ranks = rankdata(np.concatenate([good, bad]))[: good.size]
    above = float(ranks.sum()) - good.size * (good.size + 1) / 2
    area = above / (good.size * bad.size)
    low, high = _newcombe(area, good.size, bad.size, z)
    return Discrimination(Interval(area, low, high), good.size, bad.size)


def around(estimate: float, half: float) -> Interval:
    """The interval that reaches `half` either way."""
    return Interval(estimate, estimate - half, estimate + half)


def normal_quantile(level: float) -> float:
    """How many standard deviations a two-sided normal interval reaches either way."""
    if not 0 < level < 1:
        raise ValueError(f"level must lie between 0 and 1, not {level}")
    return float(ndtri((1 + level) / 2))


def _quantile_variance(rate: float, n: int) -> float:
    """Variance of the normal quantile of a rate, by the delta method."""
    density = np.exp(-(float(ndtri(rate)) ** 2) / 2) / np.sqrt(2 * np.pi)
    return float(rate * (1 - rate) / (n * density**2))


def _newcombe(area: float, n_good: int, n_bad: int, z: float) -> tuple[float, float]:
    extra = (n_good + n_bad) / 2 - 1

    def variance(true: float) -> float:
        pairs = 1 + extra * ((1 - true) / (2 - true) + true / (1 + true))
        return true * (1 - true) * pairs / (n_good * n_bad)

    def beyond(true: float) -> float:
        return float((area - true) ** 2 - z * z * variance(true))

    # At an area of 0 or 1 that area is a second root, which is not the bound.
    low = 0.0 if area == 0 else float(brentq(beyond, 0.0, min(area, 1 - 1e-9)))
    high = 1.0 if area == 1 else float(brentq(beyond, max(area, 1e-9), 1.0))
    return low, high


def _finite(values: ArrayLike) -> FloatArray:
    array = np.asarray(values, dtype=np.float64).ravel()
    return array[np.isfinite(array)]
