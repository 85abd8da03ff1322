"""Power of the paired t test of two systems' segments."""

from __future__ import annotations

import math
from collections.abc import Callable

from scipy.special import ndtri
from scipy.stats import nct
from scipy.stats import t as student

CERTAIN = 9.0  # standard errors beyond the critical value: a miss is less likely than rounding


def paired_t_power(n: int, delta: float, sd: float, *, alpha: float = 0.05) -> float:
    """Chance that the two-sided t test of `n` segments' differences finds a mean of `delta`.

    `sd` is the standard deviation of the segments' differences, in the unit of `delta`:
    `difference_sd` makes it from variance components.  Exact for normal differences.
    """
    check_share(alpha, "alpha")
    if n < 2 or not sd > 0:
        raise ValueError("a paired t test needs at least two segments and differences that vary")
    critical, shift = float(student.isf(alpha / 2, n - 1)), abs(delta) / sd * math.sqrt(n)
    if shift > critical + CERTAIN:
        return 1.0
    missed = float(nct.cdf(critical, n - 1, shift) - nct.cdf(-critical, n - 1, shift))
    return min(1.0, max(0.0, 1 - missed))


def paired_t_sample_size(
    delta: float, sd: float, *, alpha: float = 0.05, power: float = 0.80, largest: int = 1_000_000
) -> int:
    """The fewest segments whose paired t test has that power; one or two above the normal formula.

    Raises ValueError for a difference of 0 or when more than `largest` are needed.
    """
    if delta == 0:
        raise ValueError("a difference of 0 cannot be detected; give the smallest one that matters")
    check_share(power, "power")
    z = float(ndtri(1 - alpha / 2) + ndtri(power))
    most = 2 * max(2.0, (z * sd / delta) ** 2) + 50
    if most > 2 * largest:
        raise ValueError(f"more than {largest} segments are needed to see {delta:g}")
    return smallest_size(lambda n: paired_t_power(n, delta, sd, alpha=alpha) >= power, 2, int(most))


def difference_sd(
    system_segment_variance: float, residual_variance: float, ratings: int = 1
) -> float:
    """Standard deviation of the difference of two outputs of a segment, in the scores' unit.

    sqrt(2 (var_system:segment + var_residual / ratings)), each output judged by `ratings` people
    and both outputs by the same people.
    """
    if ratings < 1 or min(system_segment_variance, residual_variance) < 0:
        raise ValueError("ratings must be at least 1 and variances not negative")
    return math.sqrt(2 * (system_segment_variance + residual_variance / ratings))


def smallest_size(enough: Callable[[int], bool], low: int, high: int) -> int:
    """The smallest n from `low` to `high` that is enough, where more is never too little."""
    while low < high:
        middle = (low + high) // 2
        low, high = (low, middle) if enough(middle) else (middle + 1, high)
    return low


def check_share(value: float, name: str) -> None:
    """Raises ValueError unless the value lies between 0 and 1, both excluded."""
    if not 0 < value < 1:
        raise ValueError(f"{name} must lie between 0 and 1, not {value}")
