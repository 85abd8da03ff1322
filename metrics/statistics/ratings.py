"""Ratings as they come, a matrix or long, brought to numbers whose units can be compared.

A unit counts from two ratings on.  A matrix stays one, (raters, units) with nan in its holes, since
most of what is done with it needs no list; everything else is `Listed`.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from metrics.statistics.types import FloatArray, IntArray


class Listed(NamedTuple):
    """Ratings of the units that have two or more, sorted by unit."""

    values: FloatArray  # (n,); text is 0, 1, ... in its order
    units: IntArray  # (n,) 0 .. n_units-1, ascending
    sizes: FloatArray  # (n_units,) ratings per unit
    raters: IntArray | None  # (n,) numbers of the people, where known


def read_ratings(
    ratings: ArrayLike,
    units: ArrayLike | None,
    raters: ArrayLike | None = None,
    *,
    nominal: bool = False,
) -> FloatArray | Listed:
    """Check and read either form; text is for nominal scales.

    Raises ValueError when shapes differ, or without `units` the ratings are no matrix.
    """
    values = numbers(ratings, nominal=nominal)
    if units is None:
        if values.ndim != 2:
            raise ValueError("give a raters x units matrix, or the unit of each rating in `units`")
        return values
    where = np.unique(np.asarray(units), return_inverse=True)[1]
    if values.ndim != 1 or where.shape != values.shape:
        raise ValueError(f"{values.size} ratings but {where.size} units; give one per rating")
    people = None
    if raters is not None:
        people = np.unique(np.asarray(raters), return_inverse=True)[1]
        if people.shape != values.shape:
            raise ValueError(f"{values.size} ratings but {people.size} raters; give one per rating")
    return list_ratings(values, where, people)


def listed(data: FloatArray | Listed) -> Listed:
    """The long form of either."""
    if isinstance(data, Listed):
        return data
    units, raters = np.nonzero(np.isfinite(data).T)
    return list_ratings(data[raters, units], units, raters)


def n_raters(data: FloatArray | Listed) -> int:
    """People behind the ratings of units with two or more; without names, the most per unit."""
    if isinstance(data, Listed):
        if data.raters is None:
            return int(data.sizes.max(initial=0))
        return len(np.unique(data.raters))
    known = np.isfinite(data)
    return int(known[:, known.sum(axis=0) >= 2].any(axis=1).sum())


def list_ratings(values: FloatArray, where: IntArray, people: IntArray | None) -> Listed:
    """Keep the ratings of units with two or more, and sort them by unit."""
    keep = np.isfinite(values)
    times = np.bincount(where[keep], minlength=int(where.max(initial=-1)) + 1)
    paired = times >= 2
    keep &= paired[where]
    units = (np.cumsum(paired) - 1)[where[keep]]
    sizes = times[paired].astype(np.float64)
    order = np.argsort(units, kind="stable")
    kept = None if people is None else people[keep][order]
    return Listed(values[keep][order], units[order], sizes, kept)


def numbers(ratings: ArrayLike, *, nominal: bool = False) -> FloatArray:
    """Ratings as floats, nan where missing; on a nominal scale words are 0, 1, ... in order."""
    array: NDArray[np.generic] = np.asarray(ratings)
    if array.dtype.kind in "US" and not isinstance(ratings, np.ndarray):
        array = np.asarray(ratings, dtype=object)  # so that nan among words stays missing
    if array.dtype.kind not in "OUS":
        return array.astype(np.float64, copy=False)
    flat = array.ravel()
    known = np.array([v is not None and v == v for v in flat], dtype=bool)
    given = flat[known]
    values = np.full(flat.shape, np.nan)
    if nominal and any(isinstance(v, str | bytes) for v in given):
        values[known] = np.unique(given.astype(str), return_inverse=True)[1]
    else:
        values[known] = given.astype(np.float64)
    return values.reshape(array.shape)
