"""How much a study can detect: sign test, paired means, and the width of a correlation."""

from __future__ import annotations

import math

from scipy.optimize import brentq
from scipy.special import ndtri
from scipy.stats import binom

from metrics.statistics.types import NAN, Interval


def sign_test_power(n: int, win_rate: float, *, alpha: float = 0.05) -> float:
    """Chance that the exact two-sided sign test of `n` items without ties rejects one half.

    0 where `n` is too small for the test to reject at all.
    """
    _check_share(alpha, "alpha")
    reject = _most_losses(n, alpha)
    if reject < 0:
        return 0.0
    tails = binom.cdf(reject, n, win_rate) + binom.sf(n - reject - 1, n, win_rate)
    return float(tails)


def detectable_win_rate(n: int, *, alpha: float = 0.05, power: float = 0.80) -> float:
    """The smallest win rate above one half that the exact sign test finds with that power.

    Ties do not count towards `n`.  nan where no win rate reaches the power.
    """
    _check_share(power, "power")
    if sign_test_power(n, 1.0, alpha=alpha) < power:
        return NAN

    def shortfall(rate: float) -> float:
        return sign_test_power(n, rate, alpha=alpha) - power

    return 0.5 if shortfall(0.5) >= 0 else float(brentq(shortfall, 0.5, 1.0, xtol=1e-10))


def sign_test_sample_size(
    win_rate: float, *, alpha: float = 0.05, power: float = 0.80, largest: int = 100_000
) -> int:
    """The fewest untied items from which on the exact sign test always has that power.

    The exact test's power falls a little at some larger n; the answer is past the last fall.

    Raises ValueError when the win rate is one half or more than `largest` items are needed.
    """
    if not 0 < win_rate < 1 or win_rate == 0.5:
        raise ValueError(f"a win rate of {win_rate} needs no sample size; give 0 to 1, not 0.5")
    start = _normal_sample_size(win_rate, alpha, power)
    if start > largest:
        raise ValueError(f"more than {largest} items are needed for a win rate of {win_rate}")
    size = 2 * start + 50  # the exact power no longer falls below the target from here on
    while size > 1 and sign_test_power(size - 1, win_rate, alpha=alpha) >= power:
        size -= 1
    return size


def paired_sample_size(
    delta: float,
    *,
    system_segment_variance: float,
    residual_variance: float,
    ratings: int = 1,
    alpha: float = 0.05,
    power: float = 0.80,
) -> int:
    """Segments needed to see a mean difference of two systems judged on the same segments.

    n = 2 (var_system:segment + var_residual / ratings) ((z_{1-alpha/2} + z_power) / delta)^2,
    with `delta` in the unit of the scores and `ratings` of each output by different people.
    """
    if delta == 0:
        raise ValueError("a difference of 0 cannot be detected; give the smallest one that matters")
    if ratings < 1 or min(system_segment_variance, residual_variance) < 0:
        raise ValueError("ratings must be at least 1 and variances not negative")
    _check_share(alpha, "alpha")
    _check_share(power, "power")
    spread = 2 * (system_segment_variance + residual_variance / ratings)
    z = float(ndtri(1 - alpha / 2) + ndtri(power))
    return max(2, math.ceil(spread * (z / delta) ** 2))


def fisher_interval(r: float, n: int, *, level: float = 0.95) -> Interval:
    """Interval of a Pearson correlation of `n` independent pairs, by Fisher's z.

    nan bounds with fewer than four pairs; both bounds are r when it is 1 or -1.
    """
    if not -1 <= r <= 1:
        raise ValueError(f"a correlation lies between -1 and 1, not {r}")
    _check_share(level, "level")
    if n < 4:
        return Interval(r, NAN, NAN)
    if abs(r) == 1:
        return Interval(r, r, r)
    half = float(ndtri((1 + level) / 2)) / math.sqrt(n - 3)
    z = math.atanh(r)
    return Interval(r, math.tanh(z - half), math.tanh(z + half))


def _most_losses(n: int, alpha: float) -> int:
    """The largest k with 2 P(X <= k) <= alpha under one half; -1 where there is none."""
    if n < 1:
        raise ValueError(f"a sign test needs at least one item, not {n}")
    k = int(binom.ppf(alpha / 2, n, 0.5))
    while k >= 0 and 2 * binom.cdf(k, n, 0.5) > alpha * (1 + 1e-12):
        k -= 1
    return k


def _normal_sample_size(win_rate: float, alpha: float, power: float) -> int:
    spread = math.sqrt(win_rate * (1 - win_rate))
    z = float(ndtri(1 - alpha / 2) * 0.5 + ndtri(power) * spread)
    return max(1, math.ceil((z / (win_rate - 0.5)) ** 2))


def _check_share(value: float, name: str) -> None:
    if not 0 < value < 1:
        raise ValueError(f"{name} must lie between 0 and 1, not {value}")
