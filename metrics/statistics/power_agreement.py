"""How exactly a study of a given size will know its agreement, by drawing such studies.

The people of a drawn study look at a unit's true step with some chance and otherwise answer as
the scale's shares have it.  Under this model Krippendorff's alpha at every level and Cohen's
kappa with any weights have one and the same true value: the square of that chance.
"""

from __future__ import annotations

import math
from itertools import combinations
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike

from metrics.statistics.agreement import krippendorff_alpha
from metrics.statistics.kappa import cohen_kappa
from metrics.statistics.types import NAN, FloatArray, IntArray, Interval

Level = Literal["nominal", "ordinal", "interval", "kappa", "linear", "quadratic"]
LEVELS = ("nominal", "ordinal", "interval")
WEIGHTS: dict[str, Any] = {"kappa": None, "linear": "linear", "quadratic": "quadratic"}
FEWEST = 5
ROUNDS = 6


def draw_ratings(
    n_units: int,
    n_raters: int,
    agreement: float,
    shares: ArrayLike,
    *,
    rng: np.random.Generator,
) -> IntArray:
    """(raters, units) steps 0, 1, ... of people who agree that much; `shares` of the steps.

    Raises ValueError for an agreement outside 0 to 1, shares that are none, or too few units.
    """
    parts = np.asarray(shares, dtype=np.float64)
    if parts.ndim != 1 or (parts > 0).sum() < 2 or (parts < 0).any():
        raise ValueError("shares must be of two or more steps, none negative")
    if not 0 <= agreement <= 1:
        raise ValueError(f"the agreement to expect lies between 0 and 1, not {agreement}")
    if n_units < 1 or n_raters < 2:
        raise ValueError("agreement needs at least one unit and two people")
    steps = np.cumsum(parts / parts.sum())[:-1]
    truth, own = rng.random(n_units), rng.random((n_raters, n_units))
    sees = rng.random((n_raters, n_units)) < math.sqrt(agreement)
    return np.asarray(np.searchsorted(steps, np.where(sees, truth, own), side="right"))


def agreement_spread(
    n_units: int,
    n_raters: int,
    agreement: float,
    shares: ArrayLike,
    *,
    level: Level = "ordinal",
    rng: np.random.Generator,
    coverage: float = 0.95,
    simulations: int = 300,
) -> Interval:
    """Where the agreement found by such a study will lie: its median and the middle `coverage`.

    Parameters
    ----------
    agreement : the true alpha or kappa, 0 to 1
    shares : how often each step of the scale is given, lowest first; any unit
    level : `nominal`, `ordinal`, `interval` for Krippendorff's alpha; `kappa`, `linear`,
        `quadratic` for the mean over pairs of Cohen's kappa with those weights

    Returns
    -------
    Interval; a study that is not defined (all gave the same) is left out, nan if half are.

    high - low is the width that a good interval of one such study will have on average.
    """
    if level not in (*LEVELS, *WEIGHTS):
        raise ValueError(f"no level called {level!r}; known: {', '.join((*LEVELS, *WEIGHTS))}")
    n_steps = np.size(shares)
    found = np.array(
        [
            _agreement(draw_ratings(n_units, n_raters, agreement, shares, rng=rng), level, n_steps)
            for _ in range(simulations)
        ]
    )
    known = found[np.isfinite(found)]
    if 2 * known.size < simulations:
        return Interval(NAN, NAN, NAN)
    tail = (1 - coverage) / 2
    low, middle, high = np.quantile(known, [tail, 0.5, 1 - tail]).tolist()
    return Interval(middle, low, high)


def agreement_sample_size(
    width: float,
    n_raters: int,
    agreement: float,
    shares: ArrayLike,
    *,
    level: Level = "ordinal",
    rng: np.random.Generator,
    coverage: float = 0.95,
    simulations: int = 300,
    largest: int = 20_000,
) -> int:
    """About how many units make the interval of the agreement no wider than `width`.

    From drawn studies, so good to some 5 %.  Widths shrink with the root of the units.

    Raises ValueError for a width that is not above 0, or when more than `largest` are needed.
    """
    if not 0 < width < 2:
        raise ValueError(f"the width must lie between 0 and 2, not {width}")

    def width_at(n: int) -> float:
        found = agreement_spread(
            n,
            n_raters,
            agreement,
            shares,
            level=level,
            rng=rng,
            coverage=coverage,
            simulations=simulations,
        )
        return found.high - found.low

    n = 100
    for _ in range(ROUNDS):
        now = width_at(n)
        better = 4 * n if math.isnan(now) else max(FEWEST, math.ceil(n * (now / width) ** 2))
        if better > largest:
            raise ValueError(f"more than {largest} units are needed for a width of {width:g}")
        if abs(better - n) <= 0.02 * n:
            return better
        n = better
    return n


def _agreement(ratings: FloatArray | IntArray, level: Level, n_steps: int) -> float:
    if level in ("nominal", "ordinal", "interval"):
        return krippendorff_alpha(ratings.astype(np.float64), level=level)
    labels = np.arange(n_steps)
    kappas = [
        cohen_kappa(a, b, labels=labels, weights=WEIGHTS[level])
        for a, b in combinations(ratings, 2)
    ]
    return float(np.mean(kappas))
