"""A linear model of the gap between metric and people on the causes found in the texts.

Outputs of one segment share its difficulty and its reference, so errors are clustered by segment.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike
from scipy import stats

from metrics.statistics.intervals import item_codes
from metrics.statistics.shapley import share_intervals
from metrics.statistics.significance import holm
from metrics.statistics.types import NAN, FloatArray, IntArray

FEWEST_SEGMENTS = 5  # in which a cause must be, and be absent, for its effect to be estimated
LEAST_KNOWN = 0.5  # of the outputs, for a cause to take part


class CauseEffect(NamedTuple):
    """What a cause does to the gap.

    `coefficient` is the gap's change as the strength goes from 0 to 1, the other causes held;
    `p` is two-sided, `p_adjusted` Holm's over the causes.  `share` is the part of the gap's
    variance that falls to the cause (LMG); shares add up to the model's R².  `present` counts
    outputs with a strength above 0.
    """

    cause: str
    coefficient: float
    low: float
    high: float
    p: float
    p_adjusted: float
    share: float
    share_low: float
    share_high: float
    present: int
    reason: str = ""


class GapModel(NamedTuple):
    """The effects in the order of the causes given; those not estimated are nan with a reason."""

    effects: tuple[CauseEffect, ...]
    intercept: float
    r2: float
    n: int
    n_segments: int
    reason: str = ""
    method: str = ""


class Fit(NamedTuple):
    """Ordinary least squares; the intercept is the first coefficient."""

    coefficients: FloatArray
    errors: FloatArray  # cluster-robust standard errors
    r2: float


def gap_model(
    gap: ArrayLike,
    strengths: ArrayLike,
    causes: Sequence[str],
    segments: ArrayLike,
    *,
    rng: np.random.Generator,
    level: float = 0.95,
    resamples: int = 1000,
) -> GapModel:
    """Least squares of the gap on the causes' strengths, errors clustered by segment.

    Parameters
    ----------
    gap : (n,) metric minus people, standardised; or its size; nan is left out
    strengths : (n, k) 0-1, nan where a cause could not be known
    causes : k names
    segments : (n,) the segment of each output

    Returns
    -------
    Coefficients with t intervals on segments - 1 degrees of freedom, standard errors with the
    correction G / (G - 1) * (n - 1) / (n - p); shares of variance with percentile intervals that
    draw whole segments.  A cause takes no part, and is nan with a reason, where it is known for
    fewer than half of the outputs, present or absent in fewer than five segments, or a
    combination of other causes.  Outputs for which a remaining cause is unknown are left out.

    Source: Liang and Zeger (1986); Cameron and Miller (2015), eq. 11-12; Lindeman, Merenda and
    Gold (1980) for the shares.
    """
    y, x, names = _arrays(gap, strengths, segments, causes)
    reasons = _unusable(y, x, names)
    used = [j for j, reason in enumerate(reasons) if not reason]
    rows = np.isfinite(y) & np.isfinite(x[:, used]).all(axis=1)
    # Leaving rows out can leave a cause without variation.
    for j in used:
        reasons[j] = _too_rare(x[rows, j], names[rows])
    used = _independent(x[rows], [j for j in used if not reasons[j]], reasons)
    y, x, names = y[rows], x[rows], names[rows]
    codes, n_segments = item_codes(names, len(y))
    present = (x > 0).sum(axis=0)
    problem = _problem(y, len(used), n_segments)
    if problem:
        none = [
            _none(c, int(n), r or problem) for c, n, r in zip(causes, present, reasons, strict=True)
        ]
        return GapModel(tuple(none), NAN, NAN, len(y), n_segments, problem)
    fit = least_squares(y, x[:, used], codes, n_segments)
    shares = share_intervals(
        y, x[:, used], codes, n_segments, rng=rng, resamples=resamples, level=level
    )
    effects = _effects(fit, n_segments, level)
    adjusted = holm(effects[:, 3])
    found = [_none(c, int(n), r) for c, n, r in zip(causes, present, reasons, strict=True)]
    for place, j in enumerate(used):
        coefficient, low, high, p = effects[place].tolist()
        found[j] = CauseEffect(
            causes[j],
            coefficient,
            low,
            high,
            p,
            float(adjusted[place]),
            *shares[place],
            present=int(present[j]),
        )
    method = f"least squares, errors clustered by segment; LMG, {resamples} resamples of segments"
    intercept = float(fit.coefficients[0])
    return GapModel(tuple(found), intercept, fit.r2, len(y), n_segments, "", method)


def least_squares(y: FloatArray, x: FloatArray, codes: IntArray, n_groups: int) -> Fit:
    """Coefficients with cluster-robust standard errors; x has full rank, an intercept is added."""
    design = np.column_stack([np.ones(len(y)), x])
    bread = np.linalg.inv(design.T @ design)
    beta = bread @ (design.T @ y)
    residuals = y - design @ beta
    scores = np.zeros((n_groups, design.shape[1]))
    np.add.at(scores, codes, design * residuals[:, None])
    n, p = design.shape
    correction = n_groups / (n_groups - 1) * (n - 1) / (n - p)
    covariance = correction * bread @ (scores.T @ scores) @ bread
    total = float(((y - y.mean()) ** 2).sum())
    r2 = 1 - float(residuals @ residuals) / total
    return Fit(beta, np.sqrt(np.maximum(np.diag(covariance), 0.0)), r2)


def _arrays(
    gap: ArrayLike, strengths: ArrayLike, segments: ArrayLike, causes: Sequence[str]
) -> tuple[FloatArray, FloatArray, np.ndarray]:
    y, x = np.asarray(gap, dtype=np.float64), np.asarray(strengths, dtype=np.float64)
    names = np.asarray(segments)
    if y.ndim != 1 or x.shape != (y.size, len(causes)) or names.shape != y.shape:
        raise ValueError(
            f"{y.size} gaps, strengths of shape {x.shape}, {len(causes)} causes and {names.size} "
            "segments do not fit; give a row for each output and a column for each cause"
        )
    return y, x, names


def _unusable(y: FloatArray, x: FloatArray, names: np.ndarray) -> list[str]:
    """Why each cause cannot take part; "" where it can."""
    known = np.isfinite(x) & np.isfinite(y)[:, None]
    n = int(np.isfinite(y).sum())
    return [
        f"known for {int(known[:, j].sum())} of {n} outputs"
        if known[:, j].sum() < max(1, LEAST_KNOWN * n)
        else _too_rare(x[known[:, j], j], names[known[:, j]])
        for j in range(x.shape[1])
    ]


def _too_rare(column: FloatArray, names: np.ndarray) -> str:
    if column.size == 0 or np.ptp(column) == 0:
        return "the same for every output" if column.any() else "found in no output"
    values, counts = np.unique(column, return_counts=True)
    usual = values[counts.argmax()]
    elsewhere = len(np.unique(names[column != usual]))
    if elsewhere < FEWEST_SEGMENTS:
        noun = "segment" if elsewhere == 1 else "segments"
        return f"found in {elsewhere} {noun} only; {FEWEST_SEGMENTS} are needed"
    return ""


def _independent(x: FloatArray, used: Sequence[int], reasons: list[str]) -> list[int]:
    """The columns, without those that are combinations of columns before them."""
    kept: list[int] = []
    basis = np.ones((len(x), 1)) / np.sqrt(max(1, len(x)))
    for j in used:
        column = x[:, j] - x[:, j].mean()
        rest = column - basis @ (basis.T @ column)
        rest -= basis @ (basis.T @ rest)
        size = float(np.linalg.norm(rest))
        if size <= 1e-8 * float(np.linalg.norm(column)):
            reasons[j] = "follows from the other causes"
            continue
        kept.append(j)
        basis = np.column_stack([basis, rest / size])
    return kept


def _problem(y: FloatArray, k: int, n_segments: int) -> str:
    if not k:
        return "no cause can be estimated"
    if n_segments < max(FEWEST_SEGMENTS, k + 2):
        return f"{n_segments} segments are too few for {k} causes"
    if len(y) <= k + 1:
        return f"{len(y)} outputs are too few for {k} causes"
    return "the gap is the same for every output" if np.ptp(y) == 0 else ""


def _effects(fit: Fit, n_segments: int, level: float) -> FloatArray:
    """(k, 4) coefficient, bounds and p."""
    beta, error = fit.coefficients[1:], fit.errors[1:]
    half = stats.t.ppf((1 + level) / 2, n_segments - 1) * error
    t = np.full(len(beta), NAN)
    np.divide(np.abs(beta), error, out=t, where=error > 0)
    p = 2 * stats.t.sf(t, n_segments - 1)
    return np.column_stack([beta, beta - half, beta + half, p])


def _none(cause: str, present: int, reason: str) -> CauseEffect:
    return CauseEffect(cause, NAN, NAN, NAN, NAN, NAN, NAN, NAN, NAN, present, reason)
