"""What each factor of a sweep does, alone and with another. Numbers only, no Django."""

from collections.abc import Hashable, Mapping, Sequence
from itertools import combinations
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

NAN = float("nan")

Levels = Mapping[str, Sequence[Hashable]]


class Term(NamedTuple):
    """A line of the analysis of variance.

    ss : sum of squares in the value's unit squared;  share : of the total, from 0 to 1;
    f, p : nan where `reason` says why
    """

    factors: tuple[str, ...]
    df: int
    ss: float
    share: float
    f: float
    p: float
    reason: str


class Level(NamedTuple):
    """A level's values as they are, and `adjusted`: its mean were all cells of equal weight."""

    factor: str
    level: Hashable
    n: int
    mean: float
    sd: float
    adjusted: float


class Cell(NamedTuple):
    levels: tuple[Hashable, Hashable]
    n: int
    mean: float


class Effects(NamedTuple):
    """terms: main effects, then pairs;  reason: why there are none;  residual_df: what is left"""

    terms: list[Term]
    levels: list[Level]
    residual_df: int
    n: int
    reason: str


def effects(levels: Levels, values: ArrayLike) -> Effects:
    """Main effects and two-way interactions by least squares, balanced or not.

    Sums of squares are of type II: a factor is judged beside all others but not beside the pairs
    it is part of. Every trial counts once, so seeds are the replicates. A term that the trials
    cannot tell from others has fewer degrees of freedom than its levels, or none.

    levels : factor → (n,) the level of each trial;  values : (n,) finite

    Source: Langsrud (2003), ANOVA for unbalanced data: use type II instead of type III sums of
    squares, Statistics and Computing 13.
    """
    y = np.asarray(values, dtype=float)
    if y.ndim != 1 or not np.all(np.isfinite(y)) or any(len(v) != len(y) for v in levels.values()):
        raise ValueError("values and levels must be rows of one length, the values finite")
    varied = {name: list(given) for name, given in levels.items() if len(set(given)) > 1}
    if len(y) < 3 or not varied:
        why = "fewer than three trials" if len(y) < 3 else "no factor has two levels"
        return Effects([], _levels(levels, y, {}), 0, len(y), why)
    if np.ptp(y) == 0:
        return Effects([], _levels(levels, y, {}), 0, len(y), "all values are equal")
    columns = {(name,): _coded(given) for name, given in varied.items()}
    for one, other in combinations(varied, 2):
        columns[one, other] = _products(columns[one,], columns[other,])
    adjusted = _adjusted(varied, columns, y)
    terms, left = _terms(columns, y)
    return Effects(terms, _levels(levels, y, adjusted), left, len(y), "")


def _terms(columns: Mapping[tuple[str, ...], np.ndarray], y: np.ndarray) -> tuple[list[Term], int]:
    full = _fit(list(columns.values()), y)
    left = len(y) - full[0]
    total = float(np.sum((y - y.mean()) ** 2))
    found = []
    for factors, own in columns.items():
        others = [c for name, c in columns.items() if not set(factors) <= set(name)]
        rank, rss = _fit(others, y)
        rank_with, rss_with = _fit([*others, own], y)
        df, ss = rank_with - rank, max(0.0, rss - rss_with)
        found.append(_term(factors, df, own.shape[1], ss, total, full[1], left))
    return found, left


def _term(
    factors: tuple[str, ...], df: int, wanted: int, ss: float, total: float, rss: float, left: int
) -> Term:
    if not df:
        why = "the trials cannot tell it from other factors"
        return Term(factors, 0, NAN, NAN, NAN, NAN, why)
    reason = "some combinations are missing" if df < wanted else ""
    if not left:
        why = "no trials are left to judge it by; add seeds"
        return Term(factors, df, ss, ss / total, NAN, NAN, why)
    if rss <= 1e-12 * total:
        return Term(factors, df, ss, ss / total, NAN, NAN, "seeds of a condition do not differ")
    from scipy.special import fdtrc

    f = (ss / df) / (rss / left)
    return Term(factors, df, ss, ss / total, f, float(fdtrc(df, left, f)), reason)


def _fit(blocks: Sequence[np.ndarray], y: np.ndarray) -> tuple[int, float]:
    """Rank of the model with an intercept, and what it leaves unexplained."""
    design = np.column_stack([np.ones(len(y)), *blocks])
    found, _, rank, _ = np.linalg.lstsq(design, y, rcond=None)
    return int(rank), float(np.sum((y - design @ found) ** 2))


def _coded(given: Sequence[Hashable]) -> np.ndarray:
    """Columns that sum to zero over the levels; the last level is minus one in all."""
    names = list(dict.fromkeys(given))
    rows = np.vstack([np.eye(len(names) - 1), -np.ones(len(names) - 1)])
    return rows[[names.index(level) for level in given]]


def _products(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    return (one[:, :, None] * other[:, None, :]).reshape(len(one), -1)


def _adjusted(
    varied: Levels, columns: Mapping[tuple[str, ...], np.ndarray], y: np.ndarray
) -> dict[tuple[str, Hashable], float]:
    """Level means of the model without interactions, all others held even."""
    mains = [columns[name,] for name in varied]
    design = np.column_stack([np.ones(len(y)), *mains])
    found, _, rank, _ = np.linalg.lstsq(design, y, rcond=None)
    if rank < design.shape[1]:
        return {}
    means, at = {}, 1
    for name, given in varied.items():
        names = list(dict.fromkeys(given))
        part = found[at : at + len(names) - 1]
        at += len(names) - 1
        for level, effect in zip(names, [*part, -part.sum()], strict=True):
            means[name, level] = float(found[0] + effect)
    return means


def _levels(
    levels: Levels, y: np.ndarray, adjusted: Mapping[tuple[str, Hashable], float]
) -> list[Level]:
    found = []
    for name, given in levels.items():
        for level in dict.fromkeys(given):
            own = y[[other == level for other in given]]
            sd = float(np.std(own, ddof=1)) if len(own) > 1 else NAN
            mean = float(np.mean(own))
            found.append(Level(name, level, len(own), mean, sd, adjusted.get((name, level), NAN)))
    return found


def cells(one: Sequence[Hashable], other: Sequence[Hashable], values: ArrayLike) -> list[Cell]:
    """The mean of every combination of two factors' levels; nan where there is no trial."""
    y = np.asarray(values, dtype=float)
    found = []
    for a in dict.fromkeys(one):
        for b in dict.fromkeys(other):
            own = y[[pair == (a, b) for pair in zip(one, other, strict=True)]]
            found.append(Cell((a, b), len(own), float(np.mean(own)) if len(own) else NAN))
    return found
