"""What the best of n trials is worth, and how trials spread. Numbers only, no Django."""

from collections.abc import Sequence
from math import comb
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike


class BestOf(NamedTuple):
    """The best of `n` trials: expected with its standard deviation, in the values' unit.

    drawn : among all trials with replacement;  without : without replacement
    """

    n: int
    drawn: float
    sd: float
    without: float


class Spread(NamedTuple):
    """Of `n` values; sd by n - 1 and nan for fewer than two, the rest nan for none."""

    n: int
    mean: float
    sd: float
    low: float
    quartile_1: float
    median: float
    quartile_3: float
    high: float


def expected_best(values: ArrayLike, *, greater_is_better: bool) -> list[BestOf]:
    """The expected best of 1, 2 … N trials; empty without any value.

    values : (N,) one for each trial, drawn independently: a grid in random order or a random
        search, not a search that learns from its trials

    Source: Dodge et al. (2019), Show Your Work, EMNLP, sec. 3.1, from the empirical distribution;
    `without` is the estimator of Tang et al. (2020), Showing Your Work Doesn't Always Work, ACL.
    """
    sign = 1.0 if greater_is_better else -1.0
    v = np.sort(sign * _finite(values))
    n_all = len(v)
    found = []
    for n in range(1, n_all + 1):
        below = (np.arange(n_all + 1) / n_all) ** n
        weights = np.diff(below)
        mean = float(weights @ v)
        variance = float(weights @ (v - mean) ** 2)
        subsets = np.array([comb(i, n - 1) / comb(n_all, n) for i in range(n_all)])
        found.append(BestOf(n, sign * mean, variance**0.5, sign * float(subsets @ v)))
    return found


def best_so_far(values: Sequence[float | None], *, greater_is_better: bool) -> list[float]:
    """The best value after each trial, in their order; nan until the first that has one."""
    best, found = float("nan"), []
    for value in values:
        if value is not None and np.isfinite(value):
            better = value > best if greater_is_better else value < best
            best = value if better or np.isnan(best) else best
        found.append(float(best))
    return found


def spread(values: ArrayLike) -> Spread:
    v = _finite(values)
    if not len(v):
        return Spread(0, *[float("nan")] * 7)
    sd = float(np.std(v, ddof=1)) if len(v) > 1 else float("nan")
    cuts = [float(cut) for cut in np.quantile(v, (0, 0.25, 0.5, 0.75, 1))]
    return Spread(len(v), float(np.mean(v)), sd, *cuts)


def _finite(values: ArrayLike) -> np.ndarray:
    v = np.asarray(values, dtype=float)
    if v.ndim != 1 or not np.all(np.isfinite(v)):
        raise ValueError("values must be one row of finite numbers")
    return v
