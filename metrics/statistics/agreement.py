"""Krippendorff's alpha in closed form, with an interval, and plain agreement.

Ratings come either as a matrix (raters x units, nan where a person gave none) or long: a value
and a unit for each rating.  Time and memory grow with the ratings, whatever the number of
distinct values; only the ratio scale takes time with its values squared.
"""

from __future__ import annotations

from typing import Literal, get_args

import numpy as np
from numpy.typing import ArrayLike

from metrics.statistics.coincidences import Tally, tally
from metrics.statistics.many_values import Fine, fine
from metrics.statistics.moments import Moments, moments
from metrics.statistics.over_units import JACKKNIFE_BELOW, Recipe, with_interval
from metrics.statistics.ratings import Listed, listed, n_raters, read_ratings
from metrics.statistics.types import NAN, Agreement, FloatArray

Level = Literal["nominal", "ordinal", "interval", "ratio"]
Form = Moments | Tally | Fine

CELLS_AT_ONCE = 4_000_000


def krippendorff_alpha(
    ratings: ArrayLike, units: ArrayLike | None = None, *, level: Level = "interval"
) -> float:
    """Krippendorff's alpha: 1 - observed / expected disagreement; 1 agrees, 0 is chance.

    Parameters
    ----------
    ratings : (raters, units) with nan where missing; or, with `units`, (n,) one rating each
    units : (n,) the unit of each rating (long form)
    level : the scale's metric; nominal ratings may be text (None or nan is missing)

    Returns
    -------
    alpha, at most 1; nan where it is not defined: no unit has two ratings, or all are equal.

    Raises
    ------
    ValueError
        Unknown level, shapes differ, or a negative rating on the ratio scale.

    Source: Krippendorff (2019), ch. 12; ordinal is interval alpha of mid-ranks.
    """
    return alpha_form(read(ratings, units, None, level), level).value()


def alpha_interval(
    ratings: ArrayLike,
    units: ArrayLike | None = None,
    *,
    raters: ArrayLike | None = None,
    level: Level = "interval",
    rng: np.random.Generator,
    coverage: float = 0.95,
    resamples: int = 1000,
    recipe: Recipe | None = None,
) -> Agreement:
    """`krippendorff_alpha` with an interval that draws whole units.

    Expected disagreement is computed anew in each sample.

    Parameters
    ----------
    raters : (n,) the person behind each rating of the long form, only to count them; without it
        `n_raters` is the most ratings any unit has
    recipe : `bootstrap`, percentiles; `jackknife`, Student's t on the delete-one-unit jackknife,
        cut at 1.  Left out: from 50 units the bootstrap, below them the jackknife, since there
        the bootstrap is too narrow

    Source: Hughes (2022), arXiv:2210.13265, for the jackknife; the cut-off is ours.
    """
    data = read(ratings, units, raters, level)
    form = alpha_form(data, level)
    n_units = len(form.sizes)
    value = form.value()
    found = Agreement(
        "krippendorff_alpha",
        level,
        value,
        NAN,
        NAN,
        n_units,
        n_raters(data),
        int(form.sizes.sum()),
        why_undefined(value, n_units),
    )
    if found.reason:
        return found
    return with_interval(
        found,
        form.resampler(),
        rng=rng,
        coverage=coverage,
        resamples=resamples,
        recipe=recipe or ("jackknife" if n_units < JACKKNIFE_BELOW else "bootstrap"),
        cells=_cells(form),
    )


def percent_agreement(ratings: ArrayLike, units: ArrayLike | None = None) -> float:
    """Share of agreeing pairs of ratings within a unit, averaged over units; 0 to 1.

    nan when no unit has two ratings.  Same two forms of input as `krippendorff_alpha`.
    """
    form = counted(read(ratings, units, None, "nominal"), "nominal")
    if not len(form.sizes):
        return NAN
    return float(np.mean(1 - differing(form) / form.sizes))


def percent_agreement_interval(
    ratings: ArrayLike,
    units: ArrayLike | None = None,
    *,
    raters: ArrayLike | None = None,
    rng: np.random.Generator,
    coverage: float = 0.95,
    resamples: int = 1000,
) -> Agreement:
    """`percent_agreement` as an Agreement with a percentile bootstrap interval over units.

    Parameters as for `alpha_interval`.  It is defined, and 1, where all ratings are equal.
    """
    data = read(ratings, units, raters, "nominal")
    form = counted(data, "nominal")
    shares = 1 - differing(form) / form.sizes
    n_units = len(shares)
    value = float(shares.mean()) if n_units else NAN
    counts = (n_units, n_raters(data), int(form.sizes.sum()))
    reason = "" if n_units else "no unit has two ratings"
    return with_interval(
        Agreement("percent_agreement", "nominal", value, NAN, NAN, *counts, reason),
        lambda drawn: drawn @ shares / n_units,
        rng=rng,
        coverage=coverage,
        resamples=resamples,
    )


def differing(form: Tally | Fine) -> FloatArray:
    """Per unit, the ordered pairs of ratings that differ, over m - 1 (nominal scale)."""
    if isinstance(form, Fine):
        return form.within()
    return np.asarray((form.sizes**2 - (form.table**2).sum(axis=0)) / (form.sizes - 1))


def alpha_form(data: FloatArray | Listed, level: str) -> Form:
    """What alpha is computed from, in the cheapest way this level and these values allow."""
    if level == "interval":
        return moments(data)
    return counted(data, level)


def counted(data: FloatArray | Listed, level: str) -> Tally | Fine:
    """Ratings counted by value, as a table where there are few values."""
    return tally(data, level) or fine(listed(data), level)


def why_undefined(value: float, n_units: int) -> str:
    """One sentence for an alpha that is nan, else nothing."""
    if not n_units:
        return "no unit has two ratings"
    return "all ratings are equal" if np.isnan(value) else ""


def read(
    ratings: ArrayLike, units: ArrayLike | None, raters: ArrayLike | None, level: str
) -> FloatArray | Listed:
    """Check the level and read either form of ratings."""
    if level not in get_args(Level):
        known = ", ".join(get_args(Level))
        raise ValueError(f"no level called {level!r}; known: {known}")
    data = read_ratings(ratings, units, raters, nominal=level == "nominal")
    if level == "ratio" and np.any((data.values if isinstance(data, Listed) else data) < 0):
        raise ValueError("the ratio scale has no negative ratings; use level='interval'")
    return data


def _cells(form: Form) -> int:
    """Keep the value tables of a chunk as small as its counts."""
    if not isinstance(form, Fine):
        return CELLS_AT_ONCE
    n_units = len(form.sizes)
    return max(1, CELLS_AT_ONCE * n_units // max(n_units, len(form.values)))
