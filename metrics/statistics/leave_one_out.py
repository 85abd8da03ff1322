"""Krippendorff's alpha without each of the raters in turn: who pulls agreement down?"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from metrics.statistics.agreement import Level, alpha_form, read
from metrics.statistics.coincidences import Tally, alpha_of_pairs
from metrics.statistics.intervals import sums_by
from metrics.statistics.many_values import Fine, fine
from metrics.statistics.moments import Moments, alpha_of_sums, unit_columns
from metrics.statistics.ratings import Listed, list_ratings, listed
from metrics.statistics.types import FloatArray, IntArray


class WithoutRater(NamedTuple):
    """Alpha without one person, and how much it is above alpha with everyone (`change`).

    A change above 0 says that the others agree better among themselves.
    """

    rater: str
    value: float
    change: float
    n_units: int
    n_ratings: int
    reason: str = ""


def alpha_without_each(
    ratings: ArrayLike,
    units: ArrayLike | None = None,
    *,
    raters: ArrayLike | None = None,
    level: Level = "interval",
) -> list[WithoutRater]:
    """`krippendorff_alpha` without each rater, all others' ratings kept.

    Time grows with the ratings, not with ratings times raters, but on a scale of many values that
    is not interval.

    Parameters
    ----------
    ratings, units : as for `krippendorff_alpha`
    raters : the people's names: of the rows of a matrix (else 0, 1, ...); (n,) of each rating in
        the long form, which needs them

    Returns
    -------
    One WithoutRater per person in the order of the rows, or of sorted names; value and change are
    nan with a reason where the rest has no two ratings of a unit, or does not vary.

    Raises ValueError as `krippendorff_alpha`, and when a person rated a unit twice.
    """
    data, names = _named(ratings, units, raters, level)
    cells = np.sort(data.units * max(len(names), 1) + _people(data))
    if (cells[1:] == cells[:-1]).any():
        raise ValueError("a person rated the same unit twice; keep their last rating")
    if not names:
        return []
    form = alpha_form(data, level)
    whole = form.value()
    values = _without(form, data, len(names))
    twos = data.sizes[data.units] == 2
    lost_units = np.bincount(_people(data)[twos], minlength=len(names))
    lost = np.bincount(_people(data), minlength=len(names)) + lost_units
    n_units = (len(data.sizes) - lost_units).tolist()
    n_ratings = (len(data.values) - lost).tolist()
    return [
        WithoutRater(name, value, value - whole, left, n, _why(value, whole, left))
        for name, value, left, n in zip(names, values.tolist(), n_units, n_ratings, strict=True)
    ]


def _named(
    ratings: ArrayLike, units: ArrayLike | None, raters: ArrayLike | None, level: str
) -> tuple[Listed, list[str]]:
    if units is not None and raters is None:
        raise ValueError("say who gave each rating in `raters`")
    if units is not None:
        data = read(ratings, units, raters, level)
        return listed(data), [str(name) for name in np.unique(np.asarray(raters))]
    data = read(ratings, None, None, level)
    names = [str(name) for name in (range(len(data)) if raters is None else np.asarray(raters))]
    if len(names) != len(data):
        raise ValueError(f"{len(data)} rows but {len(names)} raters; give one name per row")
    return listed(data), names


def _people(data: Listed) -> IntArray:
    return np.zeros(0, dtype=np.int64) if data.raters is None else data.raters


def _without(form: Moments | Tally | Fine, data: Listed, n_raters: int) -> FloatArray:
    """(raters,) alpha without each."""
    if isinstance(form, Fine):
        return np.array([_again(data, form.level, rater) for rater in range(n_raters)])
    if isinstance(form, Moments):
        whole, change = unit_columns(form), _moments_change(form, data)
        return alpha_of_sums(whole.sum(axis=0) + _per_rater(change, data, n_raters))
    return alpha_of_pairs(_pairs_without(form, data, n_raters), form.values, form.level)


def _moments_change(form: Moments, data: Listed) -> FloatArray:
    """(n, 4) what leaving out a rating changes in its unit's columns."""
    values, units = data.values - data.values[:1], data.units
    about = values - (sums_by(units, values, len(form.sizes)) / form.sizes)[units]
    change = -unit_columns(form)[units]
    rest = form.sizes[units] > 2
    units, about, sizes = units[rest], about[rest], form.sizes[units[rest]]
    spreads = np.maximum(form.spreads[units] - about**2 * sizes / (sizes - 1), 0.0)
    means = form.means[units] - about / (sizes - 1)
    change[rest] += unit_columns(Moments(sizes - 1, means, spreads))
    return change


def _pairs_without(form: Tally, data: Listed, n_raters: int) -> FloatArray:
    """(raters, values + pairs) sums of `pair_columns` without each."""
    first, second = np.triu_indices(len(form.values), 1)
    codes = np.searchsorted(form.values, data.values)
    order = np.argsort(_people(data), kind="stable")
    ends = np.cumsum(np.bincount(_people(data), minlength=n_raters))
    whole = _sums(form.table, form.sizes)
    sums = np.empty((n_raters, len(form.values) + len(first)))
    for rater, theirs in enumerate(np.split(order, ends[:-1])):
        units = data.units[theirs]
        table, sizes = form.table[:, units], form.sizes[units]
        before = _sums(table, sizes)
        table[codes[theirs], np.arange(len(theirs))] -= 1
        rest = sizes > 2
        after = _sums(table[:, rest], sizes[rest] - 1)
        given, together = (w - b + a for w, b, a in zip(whole, before, after, strict=True))
        sums[rater] = np.concatenate([given, together[first, second]])
    return sums


def _sums(table: FloatArray, sizes: FloatArray) -> tuple[FloatArray, FloatArray]:
    """How often values were given, and together with each other (off the diagonal)."""
    return table.sum(axis=1), (table / (sizes - 1)) @ table.T


def _per_rater(change: FloatArray, data: Listed, n_raters: int) -> FloatArray:
    return np.stack([sums_by(_people(data), column, n_raters) for column in change.T], axis=1)


def _again(data: Listed, level: str, rater: int) -> float:
    kept = _people(data) != rater
    return fine(list_ratings(data.values[kept], data.units[kept], None), level).value()


def _why(value: float, whole: float, n_units: int) -> str:
    if not n_units:
        return "without them no unit has two ratings"
    if np.isnan(value):
        return "without them all ratings are equal"
    return "alpha of everyone is not defined" if np.isnan(whole) else ""
