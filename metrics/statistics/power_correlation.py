"""Power of a correlation, and of the difference of two correlations with the same people."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import ndtr, ndtri
from scipy.stats import rankdata
from scipy.stats import t as student

from metrics.statistics.intervals import proportion_interval
from metrics.statistics.power_means import check_share, smallest_size
from metrics.statistics.types import NAN, FloatArray, Interval, Significance

CELLS_AT_ONCE = 2_000_000


def correlation_power(n: int, r: float, *, alpha: float = 0.05) -> float:
    """Chance that `n` pairs with the correlation `r` give one that differs from 0, by Fisher's z.

    The approximation is within 0.01 of the exact power from about 10 pairs on.
    """
    _check(r, alpha)
    if n < 4:
        raise ValueError(f"a correlation needs at least 4 pairs, not {n}")
    if abs(r) == 1:
        return 1.0
    shift, z = abs(math.atanh(r)) * math.sqrt(n - 3), float(ndtri(1 - alpha / 2))
    return float(ndtr(shift - z) + ndtr(-shift - z))


def correlation_sample_size(r: float, *, alpha: float = 0.05, power: float = 0.80) -> int:
    """The fewest pairs that find a correlation of `r` with that power, by Fisher's z.

    Raises ValueError for a correlation of 0.
    """
    if abs(r) < 1e-3:
        raise ValueError("a correlation of 0 cannot be detected; give the smallest that matters")
    return smallest_size(lambda n: correlation_power(n, r, alpha=alpha) >= power, 4, 10_000_000)


def simulated_correlation_power(
    n: int,
    r: float,
    *,
    statistic: str = "pearson",
    shares: ArrayLike | None = None,
    rng: np.random.Generator,
    alpha: float = 0.05,
    simulations: int = 2000,
) -> Interval:
    """The same by drawing studies, also for ranks and for people who answer in few steps.

    Parameters
    ----------
    statistic : `pearson` or `spearman`, tested with t
    shares : of the steps of the people's scale, lowest first; people's side is then cut into
        them, which takes correlation and power away

    Returns
    -------
    Interval: the share of studies that reject, and Wilson's interval for the noise of drawing.
    """
    _check(r, alpha)
    if statistic not in ("pearson", "spearman"):
        raise ValueError(f"no statistic called {statistic!r}; known: pearson, spearman")
    if n < 4:
        raise ValueError(f"a correlation needs at least 4 pairs, not {n}")
    cuts = None if shares is None else _cuts(shares)
    found = 0
    for rows in _rows(simulations, 2 * n):
        people = rng.standard_normal((rows, n))
        metric = r * people + math.sqrt(1 - r * r) * rng.standard_normal((rows, n))
        if cuts is not None:
            people = np.searchsorted(cuts, people).astype(np.float64)
        if statistic == "spearman":
            people, metric = rankdata(people, axis=1), rankdata(metric, axis=1)
        observed = _rowwise(people, metric)
        t = observed * np.sqrt((n - 2) / np.maximum(1 - observed**2, 1e-300))
        found += int((2 * student.sf(np.abs(t), n - 2) < alpha).sum())
    return proportion_interval(found, simulations)


def williams_test(r12: float, r13: float, r23: float, n: int) -> Significance:
    """Two-sided test that 1 correlates with 2 as with 3, all three seen on the same `n` items.

    `statistic` is t with n - 3 degrees of freedom, above 0 where r12 is larger.  Not defined
    below four items or where 2 and 3 are the same.

    Source: Williams (1959); Steiger (1980), eq. 7.
    """
    if n < 4:
        return Significance(NAN, NAN, n, "fewer than four items")
    t = float(_williams(np.array([r12, r13, r23]), n))
    if math.isnan(t):
        return Significance(NAN, NAN, n, "the two are the same")
    return Significance(t, float(2 * student.sf(abs(t), n - 3)), n)


def dependent_correlations_power(
    n: int,
    r12: float,
    r13: float,
    r23: float,
    *,
    rng: np.random.Generator,
    alpha: float = 0.05,
    simulations: int = 2000,
) -> Interval:
    """Chance that Williams' test of `n` items tells two metrics' correlations with people apart.

    Parameters
    ----------
    r12, r13 : true correlation of people with the first and with the second metric
    r23 : true correlation of the metrics: the closer they are, the more power

    Returns
    -------
    Interval: the share of drawn studies that reject, and Wilson's interval.

    Raises ValueError where no three things can correlate so.
    """
    matrix = np.array([[1, r12, r13], [r12, 1, r23], [r13, r23, 1]])
    if np.linalg.eigvalsh(matrix)[0] <= 1e-12:
        raise ValueError(f"no three things can have correlations of {r12:g}, {r13:g} and {r23:g}")
    _check(r12, alpha)
    if n < 4:
        raise ValueError(f"the test needs at least 4 items, not {n}")
    root = np.linalg.cholesky(matrix)
    found = 0
    for rows in _rows(simulations, 3 * n):
        drawn = np.einsum("ij,jkn->ikn", root, rng.standard_normal((3, rows, n)))
        three = [_rowwise(drawn[a], drawn[b]) for a, b in ((0, 1), (0, 2), (1, 2))]
        t = _williams(np.stack(three), n)
        found += int((2 * student.sf(np.abs(t), n - 3) < alpha).sum())
    return proportion_interval(found, simulations)


def _williams(three: FloatArray, n: int) -> FloatArray:
    """t from r12, r13 and r23, the first axis of `three`."""
    r12, r13, r23 = three
    k = 1 - r12**2 - r13**2 - r23**2 + 2 * r12 * r13 * r23
    mean = (r12 + r13) / 2
    below = 2 * k * (n - 1) / (n - 3) + mean**2 * (1 - r23) ** 3
    out = np.full(np.shape(below), NAN)
    top = (r12 - r13) * np.sqrt((n - 1) * (1 + r23))
    np.divide(top, np.sqrt(np.maximum(below, 0.0)), out=out, where=below > 1e-14)
    return out


def _rowwise(a: FloatArray, b: FloatArray) -> FloatArray:
    """(rows,) Pearson's r of each row; 0 where a side does not vary."""
    a = a - a.mean(axis=1, keepdims=True)
    b = b - b.mean(axis=1, keepdims=True)
    below = np.sqrt((a * a).sum(axis=1) * (b * b).sum(axis=1))
    out = np.zeros(len(a))
    np.divide((a * b).sum(axis=1), below, out=out, where=below > 0)
    return np.clip(out, -1.0, 1.0)


def _rows(simulations: int, cells: int) -> list[int]:
    step = max(1, CELLS_AT_ONCE // cells)
    return [min(step, simulations - start) for start in range(0, simulations, step)]


def _cuts(shares: ArrayLike) -> FloatArray:
    """Where to cut a standard normal so that its steps have these shares."""
    parts = np.asarray(shares, dtype=np.float64)
    if parts.ndim != 1 or len(parts) < 2 or (parts < 0).any() or not parts.sum() > 0:
        raise ValueError("shares must be two or more numbers, none negative, not all 0")
    return np.asarray(ndtri(np.cumsum(parts / parts.sum())[:-1].clip(0.0, 1.0)))


def _check(r: float, alpha: float) -> None:
    if not -1 <= r <= 1:
        raise ValueError(f"a correlation lies between -1 and 1, not {r}")
    check_share(alpha, "alpha")
