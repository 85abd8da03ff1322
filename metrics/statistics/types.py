"""What the statistics functions hand back: plain named tuples.

`nan` means "not defined" everywhere; where a reader needs to know why, `reason` is one
sentence, and it is empty when the number is defined.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

NAN = float("nan")


class Interval(NamedTuple):
    """An estimate with its lower and upper bound, all in the unit of the data."""

    estimate: float
    low: float
    high: float


class Agreement(NamedTuple):
    """How alike people rated.

    `level` is the scale the statistic assumes (nominal, ordinal, interval, ratio; for kappa the
    weights).  The three counts are of what was used: units with at least two ratings, the people
    behind them, and their ratings.  `low` and `high` bound the value when an interval was asked
    for; `method` says how (bootstrap or jackknife over units), `resamples` and `seed` how to get
    the same one again (`seed` is None when the generator had been drawn from before).
    """

    statistic: str
    level: str
    value: float
    low: float
    high: float
    n_units: int
    n_raters: int
    n_ratings: int
    reason: str = ""
    method: str = ""
    resamples: int = 0
    seed: int | tuple[int, ...] | None = None


class Correlation(NamedTuple):
    """How a metric follows the people, both oriented so that higher is better.

    `n` counts pairs with both sides known, `n_groups` the groups that entered the mean (1 without
    grouping).  `method` names the interval's recipe, empty when there is none.
    """

    statistic: str
    grouping: str
    value: float
    low: float
    high: float
    n: int
    n_groups: int
    reason: str = ""
    method: str = ""


class Significance(NamedTuple):
    """A test's statistic and p-value; `n` observations were used."""

    statistic: float
    p: float
    n: int
    reason: str = ""


class WinTieLoss(NamedTuple):
    """How many differences are above, at and below zero."""

    wins: int
    ties: int
    losses: int


class RaterScale(NamedTuple):
    """How one person used the scale; `reason` says why they have no z-scores."""

    rater: str
    mean: float
    sd: float
    n: int
    reason: str = ""


class RaterZ(NamedTuple):
    """z-scores in the order of the ratings given, and the scale of every person."""

    z: FloatArray
    raters: tuple[RaterScale, ...]


class SystemMean(NamedTuple):
    """A system's mean score and the number of scores behind it."""

    system: str
    mean: float
    n: int


class Verdict(NamedTuple):
    """What the people say, what the metric says, and the two together."""

    people: str
    metric: str
    label: str
