"""Strengths of systems from comparisons of two: Bradley-Terry, with Davidson's ties.

Comparing i with j, i wins, j wins or they tie in proportion to p_i, p_j and nu * sqrt(p_i p_j):
a multinomial logit in log p and log nu, whose likelihood has one top or none.  With covariates,
log p_i - log p_j grows by b times the difference of the two outputs in each.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import ndtr, ndtri

from metrics.statistics.bradley_terry_fit import (
    Comparisons,
    Top,
    climb,
    depends,
    why_no_control,
    why_no_strengths,
)
from metrics.statistics.intervals import item_codes
from metrics.statistics.types import NAN, FloatArray, IntArray, Interval

NOTHING = Interval(NAN, NAN, NAN)


class Strength(NamedTuple):
    """A system's log p, where the mean over systems is 0; `n` comparisons had it."""

    system: str
    strength: Interval
    n: int


class Coefficient(NamedTuple):
    """What a covariate does to the log odds that the first is better, the systems held.

    `effect` is of a difference of one `scale`, the root mean square of the differences;
    effect / scale is of a difference of 1.  `p` is two-sided, normal.
    """

    covariate: str
    effect: Interval
    scale: float
    p: float
    reason: str = ""


class BradleyTerry(NamedTuple):
    """Strengths, highest first; that of i minus that of j is the log odds that i beats j.

    `covariance` is of the strengths as listed, for differences of two.  `tie` is Davidson's nu:
    equal systems tie with probability nu / (2 + nu); 0 without ties.  With covariates, strengths
    are of outputs that do not differ in them, and `plain` has those of the same comparisons
    without control.
    """

    systems: tuple[Strength, ...]
    tie: Interval
    covariance: FloatArray
    n: int
    n_items: int
    reason: str = ""
    method: str = ""
    coefficients: tuple[Coefficient, ...] = ()
    plain: BradleyTerry | None = None


def bradley_terry(
    first: ArrayLike,
    second: ArrayLike,
    outcomes: ArrayLike,
    items: ArrayLike | None = None,
    *,
    covariates: ArrayLike | None = None,
    names: Sequence[str] = (),
    level: float = 0.95,
) -> BradleyTerry:
    """Maximum-likelihood strengths of systems with sandwich intervals.

    Parameters
    ----------
    first, second : (n,) the two systems of each comparison, by name
    outcomes : (n,) 1 the first was better, -1 the second, 0 a tie; nan leaves the comparison out
    items : (n,) what was compared; comparisons of one item depend on each other.  Each is its own
        item when left out
    covariates : (n, k) how the two outputs differ, first minus second, such as the log ratio of
        their lengths; nan leaves the comparison out.  Any unit: they are divided here by their
        root mean square, and not centred, as 0 is no difference and a swap turns the sign
    names : k names of the covariates
    level : coverage, between 0 and 1

    Returns
    -------
    BradleyTerry.  All nan with a reason when no strengths are most likely: systems that no chain
    of comparisons links, or some that never lost to the rest; with covariates also when one
    cannot be told from the systems, or foretells the outcomes.  A covariate that never differs, or
    is a combination of those before it, takes no part: nan with a reason.  Ties are modelled where
    there are any.  No intervals for fewer than two items; few items make them too narrow.

    Raises ValueError for other outcomes, a system against itself, or lists of unequal length.

    Source: Bradley and Terry (1952); Davidson (1970); Liang and Zeger (1986) for the sandwich;
    Li, Angelopoulos and Chiang (2024), "Does style matter?", for the control.
    """
    systems, data, codes, n_items = _comparisons(first, second, outcomes, items, covariates)
    bare = data._replace(covariates=data.covariates[:, :0])
    top, reason = _climbed(bare, codes, n_items, why_no_strengths(systems, bare))
    plain = _described(systems, bare, n_items, top, reason, level)
    if covariates is None:
        return plain
    if len(names) != data.covariates.shape[1]:
        raise ValueError(f"{data.covariates.shape[1]} covariates have {len(names)} names")
    scaled, scales, reasons = _standardised(data.covariates, names)
    used = [name for name, why in zip(names, reasons, strict=True) if not why]
    data = data._replace(covariates=scaled)
    top, reason = _climbed(data, codes, n_items, reason or why_no_control(used, data))
    found = _described(systems, data, n_items, top, reason, level)
    coefficients = _coefficients(names, scales, reasons, found.reason, top, len(systems) - 1, level)
    return found._replace(coefficients=coefficients, plain=plain)


def _comparisons(
    first: ArrayLike,
    second: ArrayLike,
    outcomes: ArrayLike,
    items: ArrayLike | None,
    covariates: ArrayLike | None,
) -> tuple[list[str], Comparisons, IntArray, int]:
    a, b = np.asarray(first), np.asarray(second)
    results = np.asarray(outcomes, dtype=np.float64)
    if results.ndim != 1 or not a.shape == b.shape == results.shape:
        raise ValueError("first, second and outcomes must be lists of the same length")
    z = np.zeros((len(a), 0)) if covariates is None else np.asarray(covariates, dtype=np.float64)
    if z.ndim != 2 or len(z) != len(a):
        raise ValueError("covariates must be a table with a row for each comparison")
    if not np.isin(results[np.isfinite(results)], [-1, 0, 1]).all():
        raise ValueError("an outcome is 1 (the first was better), -1 (the second) or 0 (a tie)")
    if same := np.flatnonzero(a == b).tolist():
        raise ValueError(f"comparison {same[0]} is of {a[same[0]]} with itself")
    known = np.isfinite(results) & np.isfinite(z).all(axis=1)
    codes, _ = item_codes(items, len(a))
    codes, n_items = item_codes(codes[known], int(known.sum()))
    names, systems = np.unique(np.concatenate([a, b]), return_inverse=True)
    happened = np.select([results == 1, results == -1], [0, 1], 2)
    left, right = systems[: len(a)], systems[len(a) :]
    data = Comparisons(left[known], right[known], happened[known], z[known], len(names))
    return [str(name) for name in names], data, codes, n_items


def _climbed(
    data: Comparisons, codes: IntArray, n_items: int, reason: str
) -> tuple[Top | None, str]:
    """The likelihood's top, or None and why there is none."""
    if reason:
        return None, reason
    top = climb(data, codes, n_items)
    return (top, "") if top.reached else (None, "no finite strengths were found")


def _described(
    names: Sequence[str],
    data: Comparisons,
    n_items: int,
    top: Top | None,
    reason: str,
    level: float,
) -> BradleyTerry:
    n, n_systems = len(data.first), data.n_systems
    seen = np.bincount(np.concatenate([data.first, data.second]), minlength=n_systems).tolist()
    if top is None:
        systems = tuple(Strength(name, NOTHING, k) for name, k in zip(names, seen, strict=True))
        holes = np.full((n_systems, n_systems), NAN)
        return BradleyTerry(systems, NOTHING, holes, n, n_items, reason)
    centre = np.eye(n_systems)[:, :-1] - 1 / n_systems
    strengths = centre @ top.solution[: n_systems - 1]
    covariance = centre @ top.covariance[: n_systems - 1, : n_systems - 1] @ centre.T
    half = _half(covariance, level)
    order = np.argsort(-strengths, kind="stable")
    systems = tuple(
        Strength(names[i], _around(float(strengths[i]), float(half[i])), seen[i]) for i in order
    )
    tie = Interval(0.0, NAN, NAN)
    if data.ties:
        logs = _around(float(top.solution[-1]), float(_half(top.covariance, level)[-1]))
        tie = Interval(*np.exp(logs).tolist())
    return BradleyTerry(
        systems,
        tie,
        covariance[np.ix_(order, order)],
        n,
        n_items,
        "" if n_items > 1 else "no intervals from one item",
        "Newton's method, sandwich over items",
    )


def _standardised(
    covariates: FloatArray, names: Sequence[str]
) -> tuple[FloatArray, list[float], list[str]]:
    """Those that take part divided by their root mean squares; these of all; who takes no part."""
    scales = np.sqrt((covariates**2).sum(axis=0) / max(len(covariates), 1))
    kept = np.zeros((len(covariates), 0))
    reasons = []
    for column, scale, name in zip(covariates.T, scales, names, strict=True):
        if not scale:
            reasons.append(f"no two outputs differ in {name}")
        elif depends(column / scale, kept):
            reasons.append(f"{name}: a combination of the covariates before it")
        else:
            reasons.append("")
            kept = np.column_stack([kept, column / scale])
    return kept, scales.tolist(), reasons


def _coefficients(
    names: Sequence[str],
    scales: Sequence[float],
    reasons: Sequence[str],
    reason: str,
    top: Top | None,
    start: int,
    level: float,
) -> tuple[Coefficient, ...]:
    """`start` is the place of the first coefficient among the parameters."""
    found, place = [], start
    for name, scale, why in zip(names, scales, reasons, strict=True):
        if why or top is None:
            found.append(Coefficient(name, NOTHING, scale, NAN, why or reason))
            continue
        value, se = float(top.solution[place]), float(np.sqrt(top.covariance[place, place]))
        effect = _around(value, float(_half(top.covariance, level)[place]))
        p = float(2 * ndtr(-abs(value) / se)) if se else NAN
        found.append(Coefficient(name, effect, scale, p, reason))
        place += 1
    return tuple(found)


def _half(covariance: FloatArray, level: float) -> FloatArray:
    """Half the width of each parameter's interval."""
    z = float(ndtri((1 + level) / 2))
    return np.asarray(z * np.sqrt(np.diag(covariance)))


def _around(centre: float, half: float) -> Interval:
    return Interval(centre, centre - half, centre + half)
