"""A linear mixed model of the gap between metric and people on the causes found in the texts.

Outputs of one segment share its difficulty and its reference, outputs of one system its habits:
both have random intercepts, crossed.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike
from scipy.stats import t as student

from metrics.statistics.gap_fit import Data, GapFit, fit_gap
from metrics.statistics.gap_shares import gap_shares
from metrics.statistics.significance import holm
from metrics.statistics.types import NAN, FloatArray

FEWEST_SEGMENTS = 5  # in which a cause must be, and be absent, for its effect to be estimated
METHOD = "mixed model with segments and systems, REML, Satterthwaite's degrees of freedom"
LEAST_KNOWN = 0.5  # of the outputs, for a cause to take part
LEAST_FREEDOM = 0.5  # degrees; below, the quantiles of t are beyond all measure
TOO_LITTLE_FREEDOM = (
    "cannot be told from what is a system's or a segment's own: less than half a degree of freedom"
)


class CauseEffect(NamedTuple):
    """What a cause does to the gap.

    `coefficient` is the gap's change as the strength goes from 0 to 1, the other causes held;
    `p` is two-sided, `p_adjusted` Holm's over the causes.  `share` is the part of the gap's
    variance that falls to the cause (LMG); shares add up to the model's marginal R².  `present`
    counts outputs with a strength above 0.
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
    """The effects in the order of the causes given; those not estimated are nan with a reason.

    `r2` is marginal, of the causes alone, `r2_conditional` of causes, segments and systems.
    `segment_share` and `system_share` are intraclass correlations: the parts of the variance that
    the causes leave which lie between segments, and between systems; nan where the outputs cannot
    tell it from the residual, and `shares_reason` says why.
    """

    effects: tuple[CauseEffect, ...]
    intercept: float
    r2: float
    n: int
    n_segments: int
    n_systems: int
    reason: str = ""
    method: str = ""
    r2_conditional: float = NAN
    segment_share: float = NAN
    system_share: float = NAN
    shares_reason: str = ""


def gap_model(
    gap: ArrayLike,
    strengths: ArrayLike,
    causes: Sequence[str],
    segments: ArrayLike,
    systems: ArrayLike,
    *,
    rng: np.random.Generator,
    level: float = 0.95,
    resamples: int = 1000,
) -> GapModel:
    """gap ~ causes' strengths + (1 | segment) + (1 | system), by REML.

    Parameters
    ----------
    gap : (n,) metric minus people, standardised; or its size; nan is left out
    strengths : (n, k) 0-1, nan where a cause could not be known
    causes : k names
    segments, systems : (n,) what each output belongs to

    Returns
    -------
    Coefficients with t intervals on Satterthwaite's degrees of freedom; shares of variance with
    percentile intervals that draw whole segments.  A cause takes no part, and is nan with a
    reason, where it is known for fewer than half of the outputs, present or absent in fewer than
    five segments, or a combination of other causes; with less than half a degree of freedom, as
    where it is the habit of one of two systems, it takes part and is nan with a reason.  Outputs
    for which a remaining cause is unknown are left out.  A random intercept that the outputs
    cannot tell from the residual is left out.  Systems are random however few they are: that a
    variance of few levels is rough does little harm to the coefficients (Gomes 2022).

    Source: Patterson and Thompson (1971) for REML; Nakagawa and Schielzeth (2013) for R²,
    Nakagawa, Johnson and Schielzeth (2017) for the intraclass correlations; Lindeman, Merenda and
    Gold (1980) for the shares.
    """
    y, x, labels = _arrays(gap, strengths, segments, systems, causes)
    reasons = _unusable(y, x, labels[0])
    used = [j for j, reason in enumerate(reasons) if not reason]
    rows = np.isfinite(y) & np.isfinite(x[:, used]).all(axis=1)
    # Leaving rows out can leave a cause without variation.
    for j in used:
        reasons[j] = _too_rare(x[rows, j], labels[0][rows])
    used = _independent(x[rows], [j for j in used if not reasons[j]], reasons)
    y, x = y[rows], x[rows]
    codes = [np.unique(label[rows], return_inverse=True)[1] for label in labels]
    data = Data(y, x[:, used], *codes)
    present = (x > 0).sum(axis=0)
    problem = _problem(y, len(used), data.n_segments)
    fit = GapFit(np.empty((0, 4)), NAN, np.empty(0), problem) if problem else fit_gap(data)
    found = [
        _none(c, int(n), r or fit.reason) for c, n, r in zip(causes, present, reasons, strict=True)
    ]
    empty = GapModel(tuple(found), NAN, NAN, len(y), data.n_segments, data.n_systems, fit.reason)
    if fit.reason:
        return empty
    variances = np.nan_to_num(fit.variances)
    shares, r2 = gap_shares(
        data, fit.effects[:, 0], variances, rng=rng, resamples=resamples, level=level
    )
    estimable = fit.effects[:, 2] >= LEAST_FREEDOM
    adjusted = holm(np.where(estimable, fit.effects[:, 3], NAN))
    for place, j in enumerate(used):
        if not estimable[place]:
            found[j] = _none(causes[j], int(present[j]), TOO_LITTLE_FREEDOM)
            continue
        coefficient, error, df, p = fit.effects[place].tolist()
        half = float(student.ppf((1 + level) / 2, df)) * error
        found[j] = CauseEffect(
            causes[j],
            coefficient,
            coefficient - half,
            coefficient + half,
            p,
            float(adjusted[place]),
            *shares[place],
            present=int(present[j]),
        )
    left = float(variances.sum())
    return empty._replace(
        effects=tuple(found),
        intercept=fit.intercept,
        r2=r2,
        method=f"{METHOD}; LMG of marginal R², {resamples} resamples of segments",
        r2_conditional=r2 + (1 - r2) * float(variances[:2].sum()) / left,
        segment_share=float(fit.variances[0]) / left,
        system_share=float(fit.variances[1]) / left,
        shares_reason=_why_no_share(data),
    )


def _why_no_share(data: Data) -> str:
    """Which random intercept the model does without; "" where it has both."""
    parts = []
    if data.n_segments == len(data.y):
        parts.append("one output of each segment, so that segments cannot be told from the rest")
    if data.n_systems < 2:
        parts.append("only one system")
    elif data.n_systems == len(data.y):
        parts.append("one output of each system, so that systems cannot be told from the rest")
    return "; ".join(parts)


def _arrays(
    gap: ArrayLike,
    strengths: ArrayLike,
    segments: ArrayLike,
    systems: ArrayLike,
    causes: Sequence[str],
) -> tuple[FloatArray, FloatArray, list[np.ndarray]]:
    y, x = np.asarray(gap, dtype=np.float64), np.asarray(strengths, dtype=np.float64)
    labels = [np.asarray(segments), np.asarray(systems)]
    if (
        y.ndim != 1
        or x.shape != (y.size, len(causes))
        or any(label.shape != y.shape for label in labels)
    ):
        raise ValueError(
            f"{y.size} gaps, strengths of shape {x.shape}, {len(causes)} causes, "
            f"{labels[0].size} segments and {labels[1].size} systems do not fit; give a row for "
            "each output and a column for each cause"
        )
    return y, x, labels


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


def _none(cause: str, present: int, reason: str) -> CauseEffect:
    return CauseEffect(cause, NAN, NAN, NAN, NAN, NAN, NAN, NAN, NAN, present, reason)
