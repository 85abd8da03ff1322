"""Who disagrees with whom: every two people side by side."""

from __future__ import annotations

from itertools import combinations
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from metrics.statistics.agreement import Level, krippendorff_alpha, read
from metrics.statistics.intervals import proportion_interval
from metrics.statistics.kappa import Weights, cohen_kappa, rater_matrix
from metrics.statistics.ratings import numbers
from metrics.statistics.types import NAN, FloatArray, Interval

UNDEFINED = Interval(NAN, NAN, NAN)


class RaterPair(NamedTuple):
    """Two people on the `n` units that both rated.

    `distance` is the mean absolute difference and `bias` the mean of a - b, in the unit of the
    scale (nan on a nominal one); `exact` the share of equal ratings with Wilson's interval.
    """

    group: str
    rater_a: str
    rater_b: str
    n: int
    distance: float
    bias: float
    exact: Interval
    kappa: float
    alpha: float
    reason: str = ""


def rater_pairs(
    ratings: ArrayLike,
    units: ArrayLike | None = None,
    *,
    raters: ArrayLike | None = None,
    groups: ArrayLike | None = None,
    level: Level = "interval",
    labels: ArrayLike | None = None,
) -> list[RaterPair]:
    """Compare every two people, by group where there are groups.

    Parameters
    ----------
    ratings, units : as for `krippendorff_alpha`
    raters : the people's names: of the rows of a matrix (else 0, 1, ...); (n,) of each rating in
        the long form, which needs them
    groups : (n,) of the long form: criterion, domain or category of each rating
    level : the scale.  Kappa is plain on a nominal scale, else quadratic, for which it needs
        `labels`, the whole scale in order (nan without)

    Returns
    -------
    One RaterPair for every two people of a group, also those who share no unit (n 0, with the
    reason); kappa and alpha are nan with a reason where the two never vary.

    Raises ValueError as `krippendorff_alpha`, and when a person rated a unit of a group twice.
    """
    if units is None:
        if groups is not None:
            raise ValueError("groups are for the long form; give the unit of each rating, too")
        matrix = read(ratings, None, None, level)
        names = range(len(matrix)) if raters is None else np.asarray(raters).tolist()
        if len(names) != len(matrix):
            raise ValueError(f"{len(matrix)} rows but {len(names)} raters; give one name per row")
        return _pairs("", np.asarray(matrix), [str(name) for name in names], level, labels)
    if raters is None:
        raise ValueError("say who gave each rating in `raters`")
    read(ratings, units, raters, level)
    values = numbers(ratings, nominal=level == "nominal")
    where, people = np.asarray(units), np.asarray(raters)
    if groups is None:
        return _pairs("", *_matrix(values, where, people), level, labels)
    named = np.asarray(groups).astype(str)
    if named.shape != values.shape:
        raise ValueError(f"{values.size} ratings but {named.size} groups; give one per rating")
    found = []
    for group in np.unique(named).tolist():
        mine = named == group
        found += _pairs(group, *_matrix(values[mine], where[mine], people[mine]), level, labels)
    return found


def _matrix(
    values: FloatArray, units: np.ndarray, raters: np.ndarray
) -> tuple[FloatArray, list[str]]:
    matrix, names, _ = rater_matrix(values, units, raters)
    return matrix, names


def _pairs(
    group: str, matrix: FloatArray, names: list[str], level: Level, labels: ArrayLike | None
) -> list[RaterPair]:
    return [
        _pair(group, (names[i], names[j]), matrix[[i, j]], level, labels)
        for i, j in combinations(range(len(names)), 2)
    ]


def _pair(
    group: str, names: tuple[str, str], pair: FloatArray, level: Level, labels: ArrayLike | None
) -> RaterPair:
    pair = pair[:, np.isfinite(pair).all(axis=0)]
    n = pair.shape[1]
    if not n:
        none = "they share no unit"
        return RaterPair(group, *names, 0, NAN, NAN, UNDEFINED, NAN, NAN, none)
    difference = pair[0] - pair[1]
    exact = proportion_interval(int((difference == 0).sum()), n)
    alpha = krippendorff_alpha(pair, level=level)
    reason = "both gave one and the same rating throughout" if np.isnan(alpha) else ""
    if level == "nominal":
        kappa = cohen_kappa(*pair)
        return RaterPair(group, *names, n, NAN, NAN, exact, kappa, alpha, reason)
    weights: Weights = "quadratic"
    kappa = NAN if labels is None else cohen_kappa(*pair, labels=labels, weights=weights)
    distance, bias = float(np.abs(difference).mean()), float(difference.mean())
    return RaterPair(group, *names, n, distance, bias, exact, kappa, alpha, reason)
