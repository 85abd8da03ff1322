"""Intraclass correlation: the share of the ratings' variance that is between the things rated."""

from __future__ import annotations

from typing import Literal, get_args

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import fdtri

from metrics.statistics.intervals import bootstrap_chunks, percentile_interval
from metrics.statistics.types import NAN, Agreement, FloatArray
from metrics.statistics.variance import RatingTable, mean_size, one_way, rating_table, two_way

Form = Literal["1,1", "1,k", "2,1", "2,k", "3,1", "3,k"]


def icc(
    ratings: ArrayLike,
    *,
    form: Form = "2,1",
    coverage: float = 0.95,
    rng: np.random.Generator | None = None,
    resamples: int = 1000,
) -> Agreement:
    """Intraclass correlation with its interval; 1 agrees, 0 is none, it can be below 0.

    Parameters
    ----------
    ratings : (raters, units), nan where missing; `rater_matrix` makes one from long form
    form : Shrout and Fleiss's names.  `1,1`: people differ from unit to unit (rows mean nothing).
        `2,1`: people are a sample, and being stricter is a disagreement.  `3,1`: consistency,
        strictness does not count; never report it as agreement.  `k` for the mean of k ratings,
        k the number of people, or with holes the harmonic mean of the ratings per unit
    rng : for the interval when ratings are missing; without it there is none then

    Returns
    -------
    Agreement, `level` naming the form.  Complete ratings: mean squares and F intervals.  With
    holes: variance components by analysis of variance (one-way with unequal numbers, or
    Henderson's method 3 for crossed raters; not REML) and a bootstrap over units.  nan with a
    reason when ratings are too few or all equal.

    Source: Shrout and Fleiss (1979); McGraw and Wong (1996), whose ICC(1), ICC(A,1) and ICC(C,1)
    are forms 1,1, 2,1 and 3,1.
    """
    if form not in get_args(Form):
        raise ValueError(f"no form called {form!r}; known: {'; '.join(get_args(Form))}")
    table = rating_table(ratings)
    n_raters, n_units = table.values.shape
    value = float(_of_counts(table, form, np.ones((1, n_units)))[0])
    found = Agreement(
        "icc", form, value, NAN, NAN, n_units, n_raters, int(table.known.sum()), _why(table, value)
    )
    if found.reason:
        return found._replace(value=NAN)
    if table.complete:
        low, high = _f_interval(table, form, value, coverage)
        return found._replace(low=low, high=high, method="mean squares, F interval")
    if rng is None:
        return found._replace(reason="no interval: ratings are missing and no rng was given")
    chunks = bootstrap_chunks(n_units, resamples, rng)
    draws = np.concatenate([_of_counts(table, form, counts) for counts in chunks])
    _, low, high = percentile_interval(value, draws, coverage)
    reason = "no interval: too few units share raters" if np.isnan(low) else ""
    method = f"variance components, bootstrap over units, {resamples} resamples"
    return found._replace(low=low, high=high, reason=reason, method=method)


def _of_counts(table: RatingTable, form: str, counts: FloatArray) -> FloatArray:
    """(rows,) ICC when unit u occurs counts[r, u] times."""
    if form.startswith("1"):
        unit, noise = one_way(table, counts).T
    else:
        unit, rater, noise = two_way(table, counts).T
        noise = noise + rater if form.startswith("2") else noise
    if form.endswith("k"):
        noise = noise / mean_size(table, counts)
    out = np.full(len(counts), NAN)
    np.divide(unit, unit + noise, out=out, where=unit + noise > 0)
    return out


def _why(table: RatingTable, value: float) -> str:
    n_raters, n_units = table.values.shape
    if n_units < 2:
        return "fewer than two units were rated"
    if n_raters < 2:
        return "only one person rated"
    ratings = table.values[table.known > 0]
    if np.ptp(ratings) == 0:
        return "all ratings are equal"
    if np.isnan(value):
        return "too few ratings share units and raters, or units do not differ"
    return ""


def _f_interval(
    table: RatingTable, form: str, value: float, coverage: float
) -> tuple[float, float]:
    """Exact (forms 1 and 3) or Satterthwaite (form 2) interval from complete ratings."""
    k, n = table.values.shape
    grand = table.values.mean()
    rows = k * ((table.values.mean(axis=0) - grand) ** 2).sum() / (n - 1)
    if form.startswith("1"):
        df = n * (k - 1)
        error = ((table.values - table.values.mean(axis=0)) ** 2).sum() / df
        single = _ratio_interval(rows, error, (n - 1, df), k, coverage)
    else:
        columns = n * ((table.values.mean(axis=1) - grand) ** 2).sum() / (k - 1)
        df = (n - 1) * (k - 1)
        fitted = table.values.mean(axis=0) + table.values.mean(axis=1, keepdims=True) - grand
        error = ((table.values - fitted) ** 2).sum() / df
        if form.startswith("2"):
            single = _absolute_interval((rows, columns, error), (n, k), coverage)
        else:
            single = _ratio_interval(rows, error, (n - 1, df), k, coverage)
    if form.endswith("1"):
        return single
    low, high = (k * bound / (1 + (k - 1) * bound) for bound in single)
    return low, high


def _ratio_interval(
    rows: float, error: float, df: tuple[int, int], k: int, coverage: float
) -> tuple[float, float]:
    if error <= 1e-13 * rows:
        return 1.0, 1.0
    share = (1 + coverage) / 2
    low = rows / error / float(fdtri(df[0], df[1], share))
    high = rows / error * float(fdtri(df[1], df[0], share))
    return (low - 1) / (low + k - 1), (high - 1) / (high + k - 1)


def _absolute_interval(
    squares: tuple[float, float, float], shape: tuple[int, int], coverage: float
) -> tuple[float, float]:
    """McGraw and Wong's table 7, ICC(A,1)."""
    rows, columns, error = squares
    n, k = shape
    if columns + error <= 1e-13 * rows:
        return 1.0, 1.0
    rest = k * columns + (k * n - k - n) * error
    value = n * (rows - error) / (n * rows + rest)
    a = k * value / (n * (1 - value))
    b = 1 + a * (n - 1)
    spread = (a * columns) ** 2 / (k - 1) + (b * error) ** 2 / ((n - 1) * (k - 1))
    df = (a * columns + b * error) ** 2 / spread
    share = (1 + coverage) / 2
    below, above = float(fdtri(n - 1, df, share)), float(fdtri(df, n - 1, share))
    low = n * (rows - below * error) / (below * rest + n * rows)
    high = n * (above * rows - error) / (rest + n * above * rows)
    return low, high
