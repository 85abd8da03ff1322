"""gap ~ causes + (1 | segment) + (1 | system) by REML, from the sums that `reml` works on."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from scipy.stats import t as student

from metrics.statistics.mixed_design import Sums
from metrics.statistics.reml import LARGEST, Fit, fit_reml, spread_of
from metrics.statistics.types import NAN, FloatArray, IntArray

LEFT = 1e-12  # a residual below this share of the gap's variance is rounding


class Data(NamedTuple):
    """Outputs in rows; segments and systems are numbered from 0 without gaps."""

    y: FloatArray  # (n,)
    x: FloatArray  # (n, k)
    segments: IntArray
    systems: IntArray

    @property
    def n_segments(self) -> int:
        return int(self.segments.max(initial=-1)) + 1

    @property
    def n_systems(self) -> int:
        return int(self.systems.max(initial=-1)) + 1


class GapFit(NamedTuple):
    """Columns of `effects` are coefficient, standard error, degrees of freedom and two-sided p.

    Variances are of segments, systems and the residual; one that the outputs cannot tell from the
    rest is nan and takes no part.
    """

    effects: FloatArray  # (k, 4)
    intercept: float
    variances: FloatArray  # (3,)
    reason: str = ""


def fit_gap(data: Data) -> GapFit:
    """Coefficients with Satterthwaite's degrees of freedom; nan with a reason without a maximum.

    Parameters
    ----------
    data : finite; the columns of x are independent of each other and of the intercept

    Source: Patterson and Thompson (1971); Satterthwaite (1946), Giesbrecht and Burns (1985).
    """
    k = data.x.shape[1]
    chosen = told_apart(data)
    centres = data.x.mean(axis=0)
    sums = _sums(data._replace(x=data.x - centres, y=data.y - data.y.mean()))
    fit = fit_reml(sums, np.array([*chosen, False]))
    reason = ""
    if fit.ratios.max() >= LARGEST or fit.residual <= LEFT * float(data.y.var()):
        reason = "the causes, segments and systems leave no residual variance"
    elif not fit.converged:
        reason = "no maximum of the likelihood was found"
    if reason:
        return GapFit(np.full((k, 4), NAN), NAN, np.full(3, NAN), reason)
    slopes = fit.solved.means[1:]
    intercept = float(data.y.mean() + fit.solved.means[0] - centres @ slopes)
    known = np.where(chosen, fit.ratios[:2] * fit.residual, NAN)
    return GapFit(_effects(sums, fit), intercept, np.array([*known, fit.residual]))


def told_apart(data: Data) -> tuple[bool, bool]:
    """Whether the outputs can tell the variance of segments, and of systems, from the residual."""
    n = len(data.y)
    return 1 < data.n_segments < n, 1 < data.n_systems < n


def _effects(sums: Sums, fit: Fit) -> FloatArray:
    spread = spread_of(sums, fit)
    variance = fit.residual * np.diag(fit.solved.covariance)[1:]
    along = np.diagonal(spread.slopes, axis1=1, axis2=2)[:, 1:]
    uncertain = np.einsum("ij,ik,kj->j", along, spread.covariance, along)
    df = np.full(len(variance), NAN)
    np.divide(2 * variance**2, uncertain, out=df, where=uncertain > 0)
    df = _four_digits(df)
    error = np.sqrt(variance)
    slopes = fit.solved.means[1:]
    return np.column_stack([slopes, error, df, 2 * student.sf(np.abs(slopes) / error, df)])


def _four_digits(df: FloatArray) -> FloatArray:
    """Of the approximation no more are known; further ones differ from one summation to another."""
    known = np.isfinite(df) & (df > 0)
    unit = 10.0 ** (np.floor(np.log10(df, out=np.zeros_like(df), where=known)) - 3)
    return np.where(known, np.round(df / unit) * unit, df)


def _sums(data: Data) -> Sums:
    """Each output was measured once, so that (1 | system:segment) is the residual."""
    n = len(data.y)
    systems = np.zeros((n, data.n_systems))
    systems[np.arange(n), data.systems] = 1.0
    columns = np.column_stack([np.ones(n), data.x, systems, data.y])
    order = np.argsort(data.segments, kind="stable")
    starts = np.searchsorted(data.segments[order], np.arange(data.n_segments))
    products = columns.T @ columns
    return Sums(
        products,
        np.ones(1),
        [products],
        [np.add.reduceat(columns[order], starts, axis=0)],
        np.bincount(data.segments)[None].astype(np.float64),
        1 + data.x.shape[1],
        n,
    )
