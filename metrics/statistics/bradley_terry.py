"""Strengths of systems from comparisons of two: Bradley-Terry, with Davidson's ties.

Comparing i with j, i wins, j wins or they tie in proportion to p_i, p_j and nu * sqrt(p_i p_j):
a multinomial logit in log p and log nu, whose likelihood has one top or none.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike
from scipy.optimize import linprog
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from scipy.special import ndtri, softmax

from metrics.statistics.intervals import item_codes
from metrics.statistics.types import NAN, FloatArray, IntArray, Interval

STEPS = 100


class Strength(NamedTuple):
    """A system's log p, where the mean over systems is 0; `n` comparisons had it."""

    system: str
    strength: Interval
    n: int


class BradleyTerry(NamedTuple):
    """Strengths, highest first; that of i minus that of j is the log odds that i beats j.

    `covariance` is of the strengths as listed, for differences of two.  `tie` is Davidson's nu:
    equal systems tie with probability nu / (2 + nu); 0 without ties.
    """

    systems: tuple[Strength, ...]
    tie: Interval
    covariance: FloatArray
    n: int
    n_items: int
    reason: str = ""
    method: str = ""


class Comparisons(NamedTuple):
    """Known comparisons: two systems by number, and which of three things happened."""

    first: IntArray
    second: IntArray
    happened: IntArray  # 0 the first was better, 1 the second, 2 tie
    n_systems: int

    @property
    def alternatives(self) -> FloatArray:
        """(n, 2 or 3, parameters): what makes each outcome likely; the last strength is 0."""
        rows = np.arange(len(self.first))
        ties = bool((self.happened == 2).any())
        x = np.zeros((len(rows), 2 + ties, self.n_systems + ties))
        x[rows, 0, self.first] = x[rows, 1, self.second] = 1
        if ties:
            x[rows, 2, self.first] = x[rows, 2, self.second] = 0.5
            x[:, 2, -1] = 1
        return np.delete(x, self.n_systems - 1, axis=2)


def bradley_terry(
    first: ArrayLike,
    second: ArrayLike,
    outcomes: ArrayLike,
    items: ArrayLike | None = None,
    *,
    level: float = 0.95,
) -> BradleyTerry:
    """Maximum-likelihood strengths of systems with sandwich intervals.

    Parameters
    ----------
    first, second : (n,) the two systems of each comparison, by name
    outcomes : (n,) 1 the first was better, -1 the second, 0 a tie; nan leaves the comparison out
    items : (n,) what was compared; comparisons of one item depend on each other.  Each is its own
        item when left out
    level : coverage, between 0 and 1

    Returns
    -------
    BradleyTerry.  All nan with a reason when no strengths are most likely: systems that no chain
    of comparisons links, or some that never lost to the rest.  Ties are modelled where there are
    any.  No intervals for fewer than two items; few items make them too narrow.

    Raises ValueError for other outcomes, a system against itself, or lists of unequal length.

    Source: Bradley and Terry (1952); Davidson (1970); Liang and Zeger (1986) for the sandwich.
    """
    names, data, codes, n_items = _comparisons(first, second, outcomes, items)
    n, n_systems = len(data.first), data.n_systems
    seen = np.bincount(np.concatenate([data.first, data.second]), minlength=n_systems)
    if reason := _why_not(names, data):
        nothing = Interval(NAN, NAN, NAN)
        systems = tuple(Strength(name, nothing, int(seen[i])) for i, name in enumerate(names))
        holes = np.full((n_systems, n_systems), NAN)
        return BradleyTerry(systems, nothing, holes, n, n_items, reason)
    x = data.alternatives
    solution, information = _newton(x, data.happened)
    scores = _scores(x, data.happened, solution)
    per_item = np.stack([np.bincount(codes, s, minlength=n_items) for s in scores.T], axis=1)
    spread = np.linalg.solve(information, per_item.T)
    covariance = spread @ spread.T * (n_items / (n_items - 1) if n_items > 1 else NAN)
    centre = np.eye(n_systems)[:, :-1] - 1 / n_systems
    strengths = centre @ solution[: n_systems - 1]
    of_strengths = centre @ covariance[: n_systems - 1, : n_systems - 1] @ centre.T
    z = float(ndtri((1 + level) / 2))
    half = z * np.sqrt(np.diag(of_strengths))
    order = np.argsort(-strengths, kind="stable")
    systems = tuple(
        Strength(names[i], _around(float(strengths[i]), float(half[i])), int(seen[i]))
        for i in order
    )
    tie = Interval(0.0, NAN, NAN)
    if x.shape[1] == 3:
        logs = _around(float(solution[-1]), z * float(np.sqrt(covariance[-1, -1])))
        tie = Interval(*np.exp(logs).tolist())
    return BradleyTerry(
        systems,
        tie,
        of_strengths[np.ix_(order, order)],
        n,
        n_items,
        "" if n_items > 1 else "no intervals from one item",
        "Newton's method, sandwich over items",
    )


def _comparisons(
    first: ArrayLike, second: ArrayLike, outcomes: ArrayLike, items: ArrayLike | None
) -> tuple[list[str], Comparisons, IntArray, int]:
    a, b = np.asarray(first), np.asarray(second)
    results = np.asarray(outcomes, dtype=np.float64)
    if results.ndim != 1 or not a.shape == b.shape == results.shape:
        raise ValueError("first, second and outcomes must be lists of the same length")
    known = np.isfinite(results)
    if not np.isin(results[known], [-1, 0, 1]).all():
        raise ValueError("an outcome is 1 (the first was better), -1 (the second) or 0 (a tie)")
    if same := np.flatnonzero(a == b).tolist():
        raise ValueError(f"comparison {same[0]} is of {a[same[0]]} with itself")
    codes, _ = item_codes(items, len(a))
    codes, n_items = item_codes(codes[known], int(known.sum()))
    names, systems = np.unique(np.concatenate([a, b]), return_inverse=True)
    happened = np.select([results == 1, results == -1], [0, 1], 2)
    left, right = systems[: len(a)], systems[len(a) :]
    data = Comparisons(left[known], right[known], happened[known], len(names))
    return [str(name) for name in names], data, codes, n_items


def _why_not(names: list[str], data: Comparisons) -> str:
    """One sentence when no strengths are most likely, empty when some are."""
    if len(names) < 2:
        return "fewer than two systems were compared"
    links = coo_array(
        (np.ones(len(data.first)), (data.first, data.second)), shape=(len(names), len(names))
    )
    n_parts, part = connected_components(links, directed=False)
    if n_parts > 1:
        apart = ", ".join(name for name, p in zip(names, part, strict=True) if p == part[0])
        return f"no chain of comparisons links {apart} to the other systems"
    if (data.happened == 2).all():
        return "every comparison is a tie"
    distinct = np.unique(np.stack([data.first, data.second, data.happened], axis=1), axis=0)
    once = Comparisons(distinct[:, 0], distinct[:, 1], distinct[:, 2], data.n_systems)
    x = once.alternatives
    # A direction in which what happened only becomes likelier has no end.
    better = (x[np.arange(len(x)), once.happened][:, None] - x).reshape(-1, x.shape[2])
    found = linprog(-better.sum(axis=0), A_ub=-better, b_ub=np.zeros(len(better)), bounds=(-1, 1))
    if -found.fun <= 1e-9:
        return ""
    along = np.append(found.x[: len(names) - 1], 0.0)
    order = np.argsort(-along)
    cut = int(np.argmax(-np.diff(along[order]))) + 1
    top = ", ".join(names[i] for i in sorted(order[:cut]))
    return f"no finite strengths: {top} never lost to the other systems"


def _newton(x: FloatArray, happened: IntArray) -> tuple[FloatArray, FloatArray]:
    """Most likely parameters, and the information there."""
    solution = np.zeros(x.shape[2])
    gradient, information = _slope(x, happened, solution)
    for _ in range(STEPS):
        step = np.linalg.solve(information, gradient)
        now = _log_likelihood(x, happened, solution)
        while _log_likelihood(x, happened, solution + step) < now - 1e-12 * abs(now):
            step = step / 2
        solution = solution + step
        gradient, information = _slope(x, happened, solution)
        if np.abs(step).max() < 1e-12:
            break
    return solution, information


def _slope(x: FloatArray, happened: IntArray, at: FloatArray) -> tuple[FloatArray, FloatArray]:
    p = softmax(x @ at, axis=1)
    mean = np.einsum("na,nap->np", p, x)
    flat = x.reshape(-1, x.shape[2])
    information = (flat * p.reshape(-1, 1)).T @ flat - mean.T @ mean
    return _scores(x, happened, at).sum(axis=0), np.asarray(information)


def _scores(x: FloatArray, happened: IntArray, at: FloatArray) -> FloatArray:
    """(n, parameters) slope of each comparison's log-likelihood."""
    p = softmax(x @ at, axis=1)
    return np.asarray(x[np.arange(len(x)), happened] - np.einsum("na,nap->np", p, x))


def _log_likelihood(x: FloatArray, happened: IntArray, at: FloatArray) -> float:
    p = softmax(x @ at, axis=1)
    return float(np.log(p[np.arange(len(x)), happened]).sum())


def _around(centre: float, half: float) -> Interval:
    return Interval(centre, centre - half, centre + half)
