"""The likelihood of comparisons of two: where its top is, how sharp, and whether there is one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from scipy.optimize import linprog
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from scipy.special import softmax

from metrics.statistics.types import NAN, FloatArray, IntArray

STEPS = 100
SAME = 1e-8  # root mean square below which a standardised column is a combination of others
GAIN = 1e-6  # of a log-likelihood along a direction that never loses; less is rounding


class Comparisons(NamedTuple):
    """Known comparisons: two systems by number, which of three things happened, covariates."""

    first: IntArray
    second: IntArray
    happened: IntArray  # 0 the first was better, 1 the second, 2 tie
    covariates: FloatArray  # (n, k) first minus second
    n_systems: int

    @property
    def ties(self) -> bool:
        return bool((self.happened == 2).any())

    @property
    def differences(self) -> FloatArray:
        """(n, systems - 1) of the first's indicator minus the second's; the last system is 0."""
        one = np.eye(self.n_systems)
        return np.asarray((one[self.first] - one[self.second])[:, :-1])

    @property
    def alternatives(self) -> FloatArray:
        """(n, 2 or 3, parameters): what makes each outcome likely.

        The parameters are the strengths but the last, which is 0, the covariates' coefficients
        and, where there are ties, log nu.
        """
        half = np.column_stack([self.differences, self.covariates]) / 2
        x = np.stack([half, -half], axis=1)
        if not self.ties:
            return x
        x = np.concatenate([x, np.zeros_like(x[:, :1])], axis=1)
        log_nu = np.zeros((*x.shape[:2], 1))
        log_nu[:, 2] = 1
        return np.concatenate([x, log_nu], axis=2)


class Top(NamedTuple):
    """The most likely parameters with their sandwich covariance."""

    solution: FloatArray
    covariance: FloatArray
    reached: bool


def why_no_strengths(names: Sequence[str], data: Comparisons) -> str:
    """One sentence when no strengths are most likely, empty when some are; no covariates."""
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
    first, second, happened = distinct.T
    nothing = np.zeros((len(distinct), 0))
    endless = _endless(Comparisons(first, second, happened, nothing, data.n_systems))
    if endless is None:
        return ""
    along = np.append(endless[: len(names) - 1], 0.0)
    order = np.argsort(-along)
    cut = int(np.argmax(-np.diff(along[order]))) + 1
    top = ", ".join(names[i] for i in sorted(order[:cut]))
    return f"no finite strengths: {top} never lost to the other systems"


def why_no_control(names: Sequence[str], data: Comparisons) -> str:
    """The same for comparisons whose strengths are defined without their covariates."""
    design = data.differences
    for name, column in zip(names, data.covariates.T, strict=True):
        if depends(column, design):
            return f"{name} cannot be told from the systems"
        design = np.column_stack([design, column])
    if _endless(data) is None:
        return ""
    alone = [
        name
        for name, column in zip(names, data.covariates.T, strict=True)
        if _endless(data._replace(covariates=column[:, None])) is not None
    ]
    guilty = ", ".join(alone or names)
    return f"no finite strengths: {guilty} and the systems together foretell the outcomes"


def depends(column: FloatArray, others: FloatArray) -> bool:
    """Whether a column of root mean square 1 is a combination of others."""
    if not others.shape[1]:
        return False
    left = column - others @ np.linalg.lstsq(others, column, rcond=None)[0]
    return bool(np.sqrt(np.mean(left**2)) < SAME)


def _endless(data: Comparisons) -> FloatArray | None:
    """A direction in which what happened only becomes likelier: its likelihood has no top."""
    x = data.alternatives
    better = (x[np.arange(len(x)), data.happened][:, None] - x).reshape(-1, x.shape[2])
    found = linprog(-better.sum(axis=0), A_ub=-better, b_ub=np.zeros(len(better)), bounds=(-1, 1))
    direction = np.asarray(found.x, dtype=np.float64)
    return direction if float((better @ direction).max(initial=0)) > GAIN else None


def climb(data: Comparisons, codes: IntArray, n_items: int) -> Top:
    """Newton's method; the covariance is a sandwich over the items that `codes` number."""
    x, happened = data.alternatives, data.happened
    solution, information, reached = _newton(x, happened)
    if not reached:
        return Top(solution, np.full_like(information, NAN), reached)
    scores = _scores(x, happened, solution)
    per_item = np.stack([np.bincount(codes, s, minlength=n_items) for s in scores.T], axis=1)
    spread = np.linalg.solve(information, per_item.T)
    covariance = spread @ spread.T * (n_items / (n_items - 1) if n_items > 1 else NAN)
    return Top(solution, covariance, reached)


def _newton(x: FloatArray, happened: IntArray) -> tuple[FloatArray, FloatArray, bool]:
    """Most likely parameters, the information there, and whether it is the top."""
    solution = np.zeros(x.shape[2])
    gradient, information = _slope(x, happened, solution)
    for _ in range(STEPS):
        if np.linalg.cond(information) > 1e14:
            return solution, information, False
        step = np.linalg.solve(information, gradient)
        now = _log_likelihood(x, happened, solution)
        while _log_likelihood(x, happened, solution + step) < now - 1e-12 * abs(now):
            step = step / 2
        solution = solution + step
        gradient, information = _slope(x, happened, solution)
        if np.abs(step).max() < 1e-12:
            break
    return solution, information, bool(np.abs(step).max() < SAME)


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
