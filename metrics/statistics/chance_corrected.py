"""Fleiss's kappa and Gwet's AC1 and AC2: any number of people, categories or steps of a scale.

Both compare the agreement seen with the agreement by chance; they differ in what chance is.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from metrics.statistics.intervals import ratio
from metrics.statistics.kappa import Weights, disagreement_weights, label_codes
from metrics.statistics.over_units import with_interval
from metrics.statistics.types import NAN, Agreement, FloatArray

# (rows, labels) shares of the labels -> (rows,) agreement by chance
Chance = Callable[[FloatArray], FloatArray]


class LabelTable(NamedTuple):
    """How often each label was given to each unit that has a rating."""

    counts: FloatArray  # (units, labels)
    n_raters: int


def fleiss_kappa(
    ratings: ArrayLike,
    units: ArrayLike | None = None,
    *,
    raters: ArrayLike | None = None,
    labels: ArrayLike | None = None,
    weights: Weights = None,
    rng: np.random.Generator | None = None,
    coverage: float = 0.95,
    resamples: int = 1000,
) -> Agreement:
    """Fleiss's kappa: by chance, two answers are drawn from all answers to all units.

    Parameters
    ----------
    ratings : (raters, units), nan or None where missing; or with `units`, (n,) one rating each
    raters : (n,) the people of the long form, only to count them
    labels : the whole scale in order; a step nobody used still counts for the weights.
        Without it, the values found, sorted
    weights : None (all disagreements alike), "linear" or "quadratic" in steps of the scale
    rng : for a percentile bootstrap interval over units; without it there is none

    Returns
    -------
    Agreement, 1 for full agreement and 0 for chance; nan with a reason when no unit has two
    ratings, or all are equal.  A unit with one rating takes part only in how often labels occur.

    Source: Fleiss (1971); weights and missing ratings as in Gwet (2014), ch. 3.
    """
    table = label_table(ratings, units, raters, labels)
    alike = _alike(table, weights)

    def chance(shares: FloatArray) -> FloatArray:
        return np.asarray(((shares @ alike) * shares).sum(axis=1))

    found, of_counts = _corrected("fleiss_kappa", table, weights, chance)
    return _with_interval(found, of_counts, table, rng, coverage, resamples)


def gwet_ac(
    ratings: ArrayLike,
    units: ArrayLike | None = None,
    *,
    raters: ArrayLike | None = None,
    labels: ArrayLike | None = None,
    weights: Weights = None,
    rng: np.random.Generator | None = None,
    coverage: float = 0.95,
    resamples: int = 1000,
) -> Agreement:
    """Gwet's AC1, with `weights` AC2: by chance, only answers to units hard to tell agree.

    Unlike kappa it stays high where people agree and nearly all units are of one category.
    Parameters and degenerate cases as for `fleiss_kappa`; here the number of labels counts even
    without weights: give the whole scale.

    Source: Gwet (2008); Gwet (2014), ch. 3 and 4.
    """
    table = label_table(ratings, units, raters, labels)
    n_labels = table.counts.shape[1]
    total = float(_alike(table, weights).sum()) / max(n_labels * (n_labels - 1), 1)

    def chance(shares: FloatArray) -> FloatArray:
        return np.asarray(total * (shares * (1 - shares)).sum(axis=1))

    name = "gwet_ac1" if weights is None else "gwet_ac2"
    found, of_counts = _corrected(name, table, weights, chance)
    return _with_interval(found, of_counts, table, rng, coverage, resamples)


def label_table(
    ratings: ArrayLike,
    units: ArrayLike | None,
    raters: ArrayLike | None,
    labels: ArrayLike | None,
) -> LabelTable:
    """Count labels by unit; units without a rating are left out.

    Raises ValueError when shapes differ or an answer is not among the labels.
    """
    array = np.asarray(ratings)
    if array.dtype.kind != "f":
        array = np.asarray(ratings, dtype=object)
    if units is None:
        if array.ndim != 2:
            raise ValueError("give a raters x units matrix, or the unit of each rating in `units`")
        people, where = np.indices(array.shape).reshape(2, -1)
    else:
        where = np.unique(np.asarray(units), return_inverse=True)[1]
        people = where if raters is None else np.unique(np.asarray(raters), return_inverse=True)[1]
        if not array.shape == where.shape == people.shape:
            raise ValueError(f"{array.size} ratings but {where.size} units, {people.size} raters")
    codes, n_labels = label_codes(array.ravel(), labels)
    known = codes >= 0
    cells = where[known] * max(n_labels, 1) + codes[known]
    n_units = int(where.max(initial=-1)) + 1
    counts = np.bincount(cells, minlength=n_units * n_labels).reshape(n_units, n_labels)
    sizes = counts.sum(axis=1)
    if units is not None and raters is None:
        n_raters = int(sizes.max(initial=0))
    else:
        n_raters = len(np.unique(people[known & (sizes >= 2)[where]]))
    return LabelTable(counts[sizes > 0].astype(np.float64), n_raters)


def _alike(table: LabelTable, weights: Weights) -> FloatArray:
    """(labels, labels) how alike two answers are, from 1 down to 0."""
    apart = disagreement_weights(table.counts.shape[1], weights)
    return np.asarray(1 - apart / max(float(apart.max(initial=0)), 1.0))


def _corrected(
    statistic: str, table: LabelTable, weights: Weights, chance: Chance
) -> tuple[Agreement, Callable[[FloatArray], FloatArray]]:
    counts = table.counts
    sizes = counts.sum(axis=1)
    paired = sizes >= 2
    seen = (counts * (counts @ _alike(table, weights))).sum(axis=1) - sizes
    seen = np.divide(seen, sizes * (sizes - 1), out=np.zeros(len(sizes)), where=paired)
    shares = counts / sizes[:, None]
    columns = np.concatenate([np.stack([seen, paired], axis=1), shares], axis=1)

    def of_counts(drawn: FloatArray) -> FloatArray:
        sums = drawn @ columns
        by_chance = chance(sums[:, 2:] / drawn.sum(axis=1, keepdims=True))
        return ratio(ratio(sums[:, 0], sums[:, 1]) - by_chance, 1 - by_chance)

    reason = ""
    if not paired.any():
        reason = "no unit has two ratings"
    elif (counts.sum(axis=0) > 0).sum() == 1:
        reason = "all ratings are equal"
    value = NAN if reason else float(of_counts(np.ones((1, len(sizes))))[0])
    n = (int(paired.sum()), table.n_raters, int(sizes[paired].sum()))
    level = weights or "unweighted"
    return Agreement(statistic, level, value, NAN, NAN, *n, reason), of_counts


def _with_interval(
    found: Agreement,
    of_counts: Callable[[FloatArray], FloatArray],
    table: LabelTable,
    rng: np.random.Generator | None,
    coverage: float,
    resamples: int,
) -> Agreement:
    if rng is None:
        return found
    return with_interval(
        found,
        of_counts,
        n_drawn=len(table.counts),
        rng=rng,
        coverage=coverage,
        resamples=resamples,
    )
