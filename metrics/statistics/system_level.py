"""Correlation over systems: does a metric rank whole systems as the people do?"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike
from scipy.stats import rankdata

from metrics.statistics.correlation import Statistic
from metrics.statistics.intervals import bootstrap_chunks, percentile_interval, ratio
from metrics.statistics.types import NAN, Correlation, FloatArray

FEWEST_SYSTEMS = 4

# (samples, segments) counts of drawn segments -> (samples, systems) corpus scores
ScoreOfCounts = Callable[[FloatArray], FloatArray]


def system_correlation(
    human_means: ArrayLike, metric_scores: ArrayLike, *, statistic: Statistic = "pearson"
) -> Correlation:
    """Correlation of the systems' human means with their metric scores, higher = better.

    Parameters
    ----------
    human_means, metric_scores : (systems,) nan drops the system

    Returns
    -------
    Correlation without an interval; nan with a reason for fewer than four systems (two systems
    correlate at +1 or -1 whatever they are) or when a side does not vary.
    """
    x = np.asarray(human_means, dtype=np.float64)
    y = np.asarray(metric_scores, dtype=np.float64)
    if x.ndim != 1 or x.shape != y.shape:
        raise ValueError(f"{x.size} human means but {y.size} metric scores; give one per system")
    known = np.isfinite(x) & np.isfinite(y)
    n = int(known.sum())
    value = NAN
    if n < FEWEST_SYSTEMS:
        systems = "1 system" if n == 1 else f"{n} systems"
        reason = f"{systems} with both scores; at least {FEWEST_SYSTEMS} are needed"
    else:
        value = float(_rows(x[known][None, :], y[known][None, :], statistic)[0])
        reason = "one side does not vary between systems" if np.isnan(value) else ""
    return Correlation(statistic, "none", value, NAN, NAN, n, int(n > 0), reason)


def system_correlation_interval(
    human: ArrayLike,
    metric: ArrayLike | ScoreOfCounts,
    *,
    statistic: Statistic = "pearson",
    rng: np.random.Generator,
    level: float = 0.95,
    resamples: int = 1000,
) -> Correlation:
    """`system_correlation` of segment means, with an interval that draws segments.

    The systems stay fixed, so the interval says nothing about other systems.

    Parameters
    ----------
    human : (segments, systems) nan where not rated
    metric : the same shape, averaged like the human scores; or, for a corpus score that is not a
        mean, a function from how often each segment was drawn, (samples, segments), to scores,
        (samples, systems), higher = better

    Returns
    -------
    Correlation; `n` counts systems.  A system without a human score is left out.
    """
    ratings = np.asarray(human, dtype=np.float64)
    if ratings.ndim != 2:
        raise ValueError(
            f"human must be a segments x systems matrix, not {ratings.ndim}-dimensional"
        )
    n_segments = len(ratings)
    of_counts = metric if callable(metric) else _column_means(metric, ratings.shape)
    human_means = _column_means(ratings, ratings.shape)
    once = np.ones((1, n_segments))
    found = system_correlation(human_means(once)[0], of_counts(once)[0], statistic=statistic)
    if found.reason:
        return found
    kept = np.isfinite(human_means(once)[0]) & np.isfinite(of_counts(once)[0])
    draws = [
        _rows(human_means(counts)[:, kept], of_counts(counts)[:, kept], statistic)
        for counts in bootstrap_chunks(n_segments, resamples, rng)
    ]
    _, low, high = percentile_interval(found.value, np.concatenate(draws), level)
    method = f"bootstrap over segments, {resamples} resamples"
    reason = "no interval: too little variation between segments" if np.isnan(low) else ""
    return found._replace(low=low, high=high, method=method, reason=reason)


def pairwise_accuracy(human_means: ArrayLike, metric_scores: ArrayLike) -> tuple[float, int, int]:
    """Share of system pairs that both sides order alike: (share, agreeing pairs, pairs).

    nan when there is no pair.  Pairs that either side ties agree only if both do.
    Source: Kocmi et al. (2021).
    """
    x = np.asarray(human_means, dtype=np.float64)
    y = np.asarray(metric_scores, dtype=np.float64)
    known = np.isfinite(x) & np.isfinite(y)
    dx, dy = _signs(x[known][None, :])[0], _signs(y[known][None, :])[0]
    agreeing = int((dx == dy).sum())
    return (agreeing / dx.size if dx.size else NAN), agreeing, dx.size


def _column_means(values: ArrayLike, shape: tuple[int, ...]) -> ScoreOfCounts:
    matrix = np.asarray(values, dtype=np.float64)
    if matrix.shape != shape:
        raise ValueError(f"metric has shape {matrix.shape}, human {shape}; they must be equal")
    known = np.isfinite(matrix)
    filled, present = np.where(known, matrix, 0.0), known.astype(np.float64)

    def means(counts: FloatArray) -> FloatArray:
        return ratio(counts @ filled, counts @ present)

    return means


def _rows(x: FloatArray, y: FloatArray, statistic: str) -> FloatArray:
    """Correlation of each row; nan where a side does not vary or a value is missing."""
    if statistic == "kendall_b":
        x, y = _signs(x), _signs(y)
    elif statistic == "spearman":
        x, y = rankdata(x, axis=1), rankdata(y, axis=1)
    elif statistic != "pearson":
        raise ValueError(f"no statistic called {statistic!r}; known: pearson, spearman, kendall_b")
    constant = (np.ptp(x, axis=1) == 0) | (np.ptp(y, axis=1) == 0)
    if statistic == "kendall_b":
        constant = ~(x.any(axis=1) & y.any(axis=1))
    else:
        x, y = x - x.mean(axis=1, keepdims=True), y - y.mean(axis=1, keepdims=True)
    bottom = np.sqrt((x**2).sum(axis=1) * (y**2).sum(axis=1))
    out = np.full(len(x), NAN)
    np.divide((x * y).sum(axis=1), bottom, out=out, where=~constant & (bottom > 0))
    return np.asarray(np.clip(out, -1.0, 1.0))


def _signs(values: FloatArray) -> FloatArray:
    left, right = np.triu_indices(values.shape[1], 1)
    return np.asarray(np.sign(values[:, left] - values[:, right]))
