"""Does a person rate the same way throughout a campaign?"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import stdtrit

from metrics.statistics.agreement import Level, alpha_interval
from metrics.statistics.detection import UNDEFINED, around, normal_quantile
from metrics.statistics.intervals import proportion_interval
from metrics.statistics.kappa import Weights, mean_pairwise_kappa
from metrics.statistics.types import NAN, Agreement, FloatArray, Interval

PERMUTED_CELLS_AT_ONCE = 4_000_000


class Drift(NamedTuple):
    """Change of one person's scores, in their own standard deviations per step of `sequence`."""

    slope: Interval
    p: float
    n: int
    reason: str = ""
    method: str = ""


class IntraRater(NamedTuple):
    """How alike people answered the same item twice; `n` is the pairs with both answers."""

    exact: Interval
    within_one: Interval
    kappa: Agreement
    alpha: Agreement
    n: int
    reason: str = ""


def drift(
    scores: ArrayLike,
    sequence: ArrayLike,
    *,
    rng: np.random.Generator,
    level: float = 0.95,
    resamples: int = 10_000,
) -> Drift:
    """Slope of one person's standardised scores over the order in which they gave them.

    Outputs must come in an order that does not depend on their quality; to be safe, give scores
    minus the mean of the other people's scores of the same output.

    Parameters
    ----------
    scores : (n,) one person's scores, standardised here with their own mean and sd (n-1)
    sequence : (n,) place in time, any unit, say 0, 1, ... or hours; nan on a side drops the pair

    Returns
    -------
    Drift: least-squares slope with Student's t interval, and the two-sided permutation p with
    (c + 1) / (resamples + 1); nan with a reason for fewer than three scores, or when the scores
    or the places are all equal; no interval where the scores lie on one line.

    Source: Phipson and Smyth (2010) for the +1.
    """
    normal_quantile(level)
    y, x = np.asarray(scores, dtype=np.float64), np.asarray(sequence, dtype=np.float64)
    if y.ndim != 1 or y.shape != x.shape:
        raise ValueError(f"{y.size} scores but {x.size} places; give one place per score")
    known = np.isfinite(y) & np.isfinite(x)
    y, x, n = y[known], x[known], int(known.sum())
    if reason := _why_no_drift(y, x):
        return Drift(UNDEFINED, NAN, n, reason)
    y = (y - y.mean()) / y.std(ddof=1)
    x = x - x.mean()
    spread = float(x @ x)
    slope = float(x @ y) / spread
    residual = float(((y - slope * x) ** 2).sum()) / (n - 2)
    p = _permutation_p(y, x, rng, resamples)
    if residual < 1e-20:
        line = Interval(slope, NAN, NAN)
        why = "no interval: the scores lie on one line"
        return Drift(line, p, n, why, f"{resamples} permutations")
    half = float(stdtrit(n - 2, (1 + level) / 2)) * float(np.sqrt(residual / spread))
    method = f"Student's t interval; {resamples} permutations"
    return Drift(around(slope, half), p, n, method=method)


def intra_rater(
    first: ArrayLike,
    second: ArrayLike,
    *,
    labels: ArrayLike | None = None,
    level: Level = "ordinal",
    rng: np.random.Generator,
    coverage: float = 0.95,
    resamples: int = 1000,
) -> IntraRater:
    """Agreement of people with themselves on items they were shown twice.

    Parameters
    ----------
    first, second : (n,) the answers of one person, or of several people one after the other, to
        the same items at the first and second showing; nan or None where there is none
    labels : the whole scale in order; needed for kappa unless `level` is nominal
    level : nominal (plain kappa, answers may be text), ordinal, interval or ratio (quadratic)

    Returns
    -------
    IntraRater: shares of equal answers and of answers at most 1 apart (not defined for nominal
    answers) with Wilson's interval, Cohen's kappa, and Krippendorff's alpha at `level`; all nan
    with a reason when no item was answered twice.
    """
    a, b = np.asarray(first), np.asarray(second)
    if a.ndim != 1 or a.shape != b.shape:
        raise ValueError(f"{a.size} first answers but {b.size} second; give one each per item")
    if level != "nominal":
        a, b = a.astype(np.float64), b.astype(np.float64)
    known = np.array([_given(x) and _given(y) for x, y in zip(a, b, strict=True)], dtype=bool)
    a, b, n = a[known], b[known], int(known.sum())
    if n == 0:
        reason = "no item was answered twice"
        none = Agreement("", level, NAN, NAN, NAN, 0, 0, 0, reason)
        kappa = none._replace(statistic="kappa")
        alpha = none._replace(statistic="krippendorff_alpha")
        return IntraRater(UNDEFINED, UNDEFINED, kappa, alpha, 0, reason)
    pairs = np.stack([a, b])
    exact = proportion_interval(int((a == b).sum()), n, level=coverage)
    within = UNDEFINED
    if level != "nominal":
        # Decimals such as 0.1 have no exact float: 0.3 and 1.3 must not be more than 1 apart.
        near = int((np.abs(a - b) <= 1 + 1e-9).sum())
        within = proportion_interval(near, n, level=coverage)
    kappa = _kappa(pairs, labels, level, rng=rng, coverage=coverage, resamples=resamples)
    alpha = alpha_interval(pairs, level=level, rng=rng, coverage=coverage, resamples=resamples)
    return IntraRater(exact, within, kappa, alpha, n)


def _kappa(
    pairs: np.ndarray,
    labels: ArrayLike | None,
    level: str,
    *,
    rng: np.random.Generator,
    coverage: float,
    resamples: int,
) -> Agreement:
    weights: Weights = None if level == "nominal" else "quadratic"
    if weights and labels is None:
        n = pairs.shape[1]
        reason = "weighted kappa needs the whole scale; give its labels"
        return Agreement("kappa", weights, NAN, NAN, NAN, n, 2, 2 * n, reason)
    found = mean_pairwise_kappa(
        pairs, labels=labels, weights=weights, rng=rng, coverage=coverage, resamples=resamples
    )
    return found._replace(statistic="kappa")


def _given(answer: object) -> bool:
    return answer is not None and answer == answer


def _why_no_drift(scores: FloatArray, places: FloatArray) -> str:
    if scores.size < 3:
        return f"{scores.size} scores; a slope with an interval needs at least three"
    if np.ptp(scores) == 0:
        return "all scores are equal"
    return "all scores were given at the same place" if np.ptp(places) == 0 else ""


def _permutation_p(y: FloatArray, x: FloatArray, rng: np.random.Generator, resamples: int) -> float:
    observed = abs(float(x @ y)) - 1e-12 * float(np.abs(x) @ np.abs(y))
    hits = 0
    step = max(1, PERMUTED_CELLS_AT_ONCE // y.size)
    for start in range(0, resamples, step):
        rows = np.tile(y, (min(step, resamples - start), 1))
        hits += int((np.abs(rng.permuted(rows, axis=1) @ x) >= observed).sum())
    return (hits + 1) / (resamples + 1)
