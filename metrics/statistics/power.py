"""How much a study can detect: win rates, paired means, and the width of a correlation."""

from __future__ import annotations

import math

import numpy as np
from scipy.optimize import brentq
from scipy.special import ndtri
from scipy.stats import binom

from metrics.statistics.power_means import check_share, smallest_size
from metrics.statistics.types import NAN, FloatArray, Interval

SPREADS = 12  # standard deviations of a binomial beyond which nothing is counted


def sign_test_power(n: int, win_rate: float, *, alpha: float = 0.05) -> float:
    """Chance that the exact two-sided sign test of `n` items without ties rejects one half.

    0 where `n` is too small for the test to reject at all.
    """
    check_share(alpha, "alpha")
    reject = _most_losses(n, alpha)
    if reject < 0:
        return 0.0
    tails = binom.cdf(reject, n, win_rate) + binom.sf(n - reject - 1, n, win_rate)
    return float(tails)


def detectable_win_rate(n: int, *, alpha: float = 0.05, power: float = 0.80) -> float:
    """The smallest win rate above one half that the exact sign test finds with that power.

    Ties do not count towards `n`.  nan where no win rate reaches the power.
    """
    check_share(power, "power")
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


def win_rate_power(n: int, win: float, tie: float = 0.0, *, alpha: float = 0.05) -> float:
    """Chance that the exact two-sided sign test of `n` items, of which some tie, rejects one half.

    `win` and `tie` are shares of all items, losses the rest; ties are left out of the test, and
    how many there will be is itself by chance.
    """
    _check_shares(win, tie)
    check_share(alpha, "alpha")
    if n < 1:
        raise ValueError(f"a sign test needs at least one item, not {n}")
    return _mixed_power(n, 1 - tie, _untied_powers(n, win / (1 - tie), alpha))


def win_rate_sample_size(
    win: float,
    tie: float = 0.0,
    *,
    alpha: float = 0.05,
    power: float = 0.80,
    largest: int = 100_000,
) -> int:
    """The fewest items, ties among them, from which on the exact sign test has that power.

    Raises ValueError when wins and losses are equally likely or more than `largest` are needed.
    """
    _check_shares(win, tie)
    check_share(power, "power")
    rate = win / (1 - tie)
    if tie == 0 and 0 < win < 1:
        return sign_test_sample_size(win, alpha=alpha, power=power, largest=largest)
    if abs(rate - 0.5) < 1e-12:
        raise ValueError("wins and losses are equally likely: no number of items tells them apart")
    start = math.ceil(_normal_sample_size(rate, alpha, power) / (1 - tie))
    if start > largest:
        raise ValueError(f"more than {largest} items are needed for {win:g} wins, {tie:g} ties")
    most = 2 * start + 100
    powers = _untied_powers(most, rate, alpha)

    def enough(n: int) -> bool:
        return _mixed_power(n, 1 - tie, powers) >= power

    size = min(most, smallest_size(enough, 1, most) + 3 * math.isqrt(start) + 20)
    while size > 1 and enough(size - 1):
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
    check_share(alpha, "alpha")
    check_share(power, "power")
    spread = 2 * (system_segment_variance + residual_variance / ratings)
    z = float(ndtri(1 - alpha / 2) + ndtri(power))
    return max(2, math.ceil(spread * (z / delta) ** 2))


def fisher_interval(r: float, n: int, *, level: float = 0.95) -> Interval:
    """Interval of a Pearson correlation of `n` independent pairs, by Fisher's z.

    nan bounds with fewer than four pairs; both bounds are r when it is 1 or -1.
    """
    if not -1 <= r <= 1:
        raise ValueError(f"a correlation lies between -1 and 1, not {r}")
    check_share(level, "level")
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


def _untied_powers(most: int, rate: float, alpha: float) -> FloatArray:
    """(most + 1,) power of the sign test of 0, 1, ... untied items."""
    n = np.arange(most + 1)
    k = binom.ppf(alpha / 2, n, 0.5)
    k = k - (2 * binom.cdf(k, n, 0.5) > alpha * (1 + 1e-12))
    powers = binom.cdf(k, n, rate) + binom.sf(n - k - 1, n, rate)
    return np.where(k < 0, 0.0, powers)


def _mixed_power(n: int, untied: float, powers: FloatArray) -> float:
    half = SPREADS * math.sqrt(n * untied * (1 - untied)) + 1
    low, high = max(0, math.floor(n * untied - half)), min(n, math.ceil(n * untied + half))
    m = np.arange(low, high + 1)
    return float(binom.pmf(m, n, untied) @ powers[m])


def _normal_sample_size(win_rate: float, alpha: float, power: float) -> int:
    spread = math.sqrt(win_rate * (1 - win_rate))
    z = float(ndtri(1 - alpha / 2) * 0.5 + ndtri(power) * spread)
    return max(1, math.ceil((z / (win_rate - 0.5)) ** 2))


def _check_shares(win: float, tie: float) -> None:
    if not (0 <= win <= 1 and 0 <= tie < 1 and win + tie <= 1 + 1e-12):
        raise ValueError(f"wins of {win:g} and ties of {tie:g} are not shares of one whole")
