"""Tests of differences: paired, between groups, and corrected for their number."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import stats

from metrics.statistics.types import NAN, FloatArray, Significance, WinTieLoss

SIGNS_AT_ONCE = 4_000_000
MOST_EXACT = 50  # differences whose signs are all counted


def sign_flip_test(
    deltas: ArrayLike, *, rng: np.random.Generator, resamples: int = 10_000
) -> FloatArray:
    """Two-sided paired permutation test that each column's mean difference is zero.

    Under the null each segment's difference could as well have had the other sign.  One draw of
    signs serves all columns, so people and metrics are tested on the same permutations.

    Parameters
    ----------
    deltas : (segments, columns) or (segments,); nan is a missing difference and adds nothing

    Returns
    -------
    (columns,) p = (c + 1) / (resamples + 1), c permutations at least as far from zero as the
    data; 1 for a column of zeros, nan for a column without a value.

    Source: Edgington and Onghena (2007), ch. 5; +1 after Phipson and Smyth (2010).
    """
    values = np.asarray(deltas, dtype=np.float64)
    values = values[:, None] if values.ndim == 1 else values
    if values.ndim != 2:
        raise ValueError(f"deltas must have one or two dimensions, not {values.ndim}")
    known = np.isfinite(values)
    filled = np.where(known, values, 0.0)
    n, n_columns = filled.shape
    observed = np.abs(filled.sum(axis=0))
    # Sums of the same numbers in another order differ in the last bits: count those as ties.
    threshold = observed - 1e-12 * np.abs(filled).sum(axis=0)
    hits = np.zeros(n_columns)
    step = max(1, SIGNS_AT_ONCE // max(n, 1))
    for start in range(0, resamples, step):
        rows = min(step, resamples - start)
        signs = rng.integers(0, 2, size=(rows, n), dtype=np.int8).astype(np.float64) * 2 - 1
        hits += (np.abs(signs @ filled) >= threshold).sum(axis=0)
    p = (hits + 1) / (resamples + 1)
    p[~known.any(axis=0)] = NAN
    return np.asarray(p, dtype=np.float64)


def paired_t_test(deltas: ArrayLike) -> Significance:
    """Two-sided t test that the mean difference is zero; nan differences are left out.

    Not defined with fewer than two differences or when all are equal.
    """
    values = _finite(deltas)
    if values.size < 2:
        return Significance(NAN, NAN, values.size, "fewer than two differences")
    if np.ptp(values) == 0:
        return Significance(NAN, NAN, values.size, "all differences are equal")
    result = stats.ttest_1samp(values, 0.0)
    return Significance(float(result.statistic), float(result.pvalue), values.size)


def signed_rank_test(deltas: ArrayLike) -> Significance:
    """Two-sided Wilcoxon signed-rank test; zero differences are dropped (Wilcoxon's rule).

    `n` counts the differences that are not zero; not defined when there are none. `statistic` is
    the smaller sum of ranks. Up to 50 differences p is exact, ties included; with more it is
    approximated by the normal distribution, corrected for ties.

    Source: Wilcoxon (1945); the distribution with ties by the shift algorithm of Streitberg and
    Roehmel (1986).
    """
    values = _finite(deltas)
    values = values[values != 0]
    if values.size == 0:
        return Significance(NAN, NAN, 0, "no difference other than zero")
    if values.size > MOST_EXACT:
        result = stats.wilcoxon(
            values, zero_method="wilcox", alternative="two-sided", method="asymptotic"
        )
        return Significance(float(result.statistic), float(result.pvalue), values.size)
    ranks = (2 * stats.rankdata(np.abs(values))).astype(np.int64)  # doubled, so that ties are whole
    above = int(ranks[values > 0].sum())
    smaller = min(above, int(ranks.sum()) - above)
    return Significance(smaller / 2, _share_as_small(ranks, smaller), values.size)


def _share_as_small(ranks: NDArray[np.int64], smaller: int) -> float:
    """Share of all assignments of signs in which either sum of ranks is at most `smaller`."""
    ways = np.zeros(smaller + 1)  # of reaching each sum; up to 2**50, so that floats are exact
    ways[0] = 1
    for rank in ranks[ranks <= smaller]:
        ways[rank:] = ways[rank:] + ways[: smaller + 1 - rank]
    return float(min(1.0, 2 * ways.sum() / 2.0**ranks.size))


def rank_sum_test(better: ArrayLike, worse: ArrayLike) -> Significance:
    """One-sided Wilcoxon rank-sum test that the first sample tends to be larger.

    Normal approximation with continuity and tie correction, as WMT uses it on z-scores.
    `statistic` is Mann and Whitney's U of the first sample; nan values are left out.
    """
    a, b = _finite(better), _finite(worse)
    n = a.size + b.size
    if a.size == 0 or b.size == 0:
        return Significance(NAN, NAN, n, "a sample is empty")
    if np.ptp(np.concatenate([a, b])) == 0:
        return Significance(a.size * b.size / 2, NAN, n, "all values are equal")
    result = stats.mannwhitneyu(
        a, b, alternative="greater", method="asymptotic", use_continuity=True
    )
    return Significance(float(result.statistic), float(result.pvalue), n)


def holm(p_values: ArrayLike) -> FloatArray:
    """p-values corrected for their number, in the order given; nan stays nan and is not counted.

    Source: Holm (1979), step-down, made monotone and cut at 1.
    """
    p = np.asarray(p_values, dtype=np.float64)
    adjusted = np.full(p.shape, NAN)
    known = np.flatnonzero(np.isfinite(p))
    order = known[np.argsort(p[known], kind="stable")]
    factors = np.arange(order.size, 0, -1)
    adjusted[order] = np.minimum(1.0, np.maximum.accumulate(p[order] * factors))
    return adjusted


def effect_size(deltas: ArrayLike) -> float:
    """Cohen's d_z: mean difference over the standard deviation (n-1) of the differences.

    nan with fewer than two differences or when all are equal.
    """
    values = _finite(deltas)
    if values.size < 2 or np.ptp(values) == 0:
        return NAN
    return float(values.mean() / values.std(ddof=1))


def win_tie_loss(deltas: ArrayLike, *, tolerance: float = 0.0) -> WinTieLoss:
    """Count differences above, within and below `tolerance` of zero; nan is left out."""
    values = _finite(deltas)
    wins = int((values > tolerance).sum())
    losses = int((values < -tolerance).sum())
    return WinTieLoss(wins, values.size - wins - losses, losses)


def _finite(values: ArrayLike) -> FloatArray:
    array = np.asarray(values, dtype=np.float64).ravel()
    return array[np.isfinite(array)]
