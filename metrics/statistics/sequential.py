"""While a campaign runs: is the difference of two systems resolved, hopeless, or worth going on?

Looks are fixed ahead, at equal shares of the planned segments, and each takes the segments that
were judged first.  So whoever reads the verdict, however often, sees the same few looks, and the
chance of calling equal systems different stays alpha over all of them.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import ndtr, ndtri
from scipy.stats import t as student

from metrics.statistics.spending import obrien_fleming_bounds
from metrics.statistics.types import NAN, FloatArray, Interval

RESOLVED, FUTILE, GO_ON, WAITING, ENDED = "resolved", "futile", "go on", "waiting", "ended"
LEAST = 5e-324


class Look(NamedTuple):
    """The first `n` segments: z of their mean difference, and what |z| must reach."""

    n: int
    mean: float
    z: float
    bound: float


class Sequential(NamedTuple):
    """Where one pair of systems stands.

    `state` is `resolved` (the bound was reached at the last of `looks`), `futile` (the rest has
    little chance to reach it), `go on`, `waiting` (no look yet) or `ended` (all looks, no bound
    reached).  `difference` is the mean at the last look with its repeated confidence interval;
    `at_trend` and `at_smallest` are the chances that the last look resolves it if the difference
    goes on as so far, or is the smallest that matters.  `n_more` segments from now it may be
    decided, with the chance `by_then`.  Not defined is nan.
    """

    state: str
    n: int
    planned: int
    difference: Interval
    looks: tuple[Look, ...]
    at_trend: float
    at_smallest: float
    n_more: int
    by_then: float
    reason: str


def look_sizes(planned: int, looks: int) -> list[int]:
    """Segments at each look: equal shares of the planned ones, two at least."""
    if planned < 2 or looks < 1:
        raise ValueError("looks need at least two planned segments and one look")
    return sorted({max(2, math.ceil(planned * k / looks)) for k in range(1, looks + 1)})


def sequential_verdict(
    deltas: ArrayLike,
    planned: int,
    *,
    smallest: float | None = None,
    looks: int = 5,
    alpha: float = 0.05,
    futility: float = 0.10,
    power: float = 0.80,
) -> Sequential:
    """Verdict on the mean of segments' differences, judged so far.

    Parameters
    ----------
    deltas : (n,) first system minus second, in the order in which segments were finished; nan is
        left out, and so is what goes beyond `planned`
    planned : segments that the campaign will have in the end
    smallest : the smallest difference that matters, in the unit of `deltas`; with it, a pair is
        futile only if even that has little chance
    looks : how many, at equal shares of `planned`; fixed before the first result
    alpha : two-sided, over all looks; divide it by the number of pairs where there are several
    futility : chance of resolving by the end below which going on is futile; the bounds do not
        count on stopping there
    power : chance from which a coming look is announced

    Source: Lan and DeMets (1983) with O'Brien-Fleming-type spending; Jennison and Turnbull
    (2000), ch. 9 for repeated confidence intervals and ch. 10 for conditional power.  z is the
    normal quantile of the t test's p.
    """
    sizes = look_sizes(planned, looks)
    values = np.asarray(deltas, dtype=np.float64).ravel()
    values = values[np.isfinite(values)][:planned]
    n = len(values)
    bounds = obrien_fleming_bounds(np.array(sizes) / planned, alpha=alpha)
    seen = []
    for size, bound in zip(sizes, bounds.tolist(), strict=True):
        if size > n:
            break
        mean, z = _tested(values[:size])
        seen.append(Look(size, mean, z, bound))
        if abs(z) >= bound:
            break
    if not seen:
        more = sizes[0] - n
        nothing = Interval(NAN, NAN, NAN)
        reason = f"{more} more segments until the first look"
        return Sequential(WAITING, n, planned, nothing, (), NAN, NAN, more, NAN, reason)
    last = seen[-1]
    found = Sequential(GO_ON, n, planned, _around(values, last), tuple(seen), NAN, NAN, 0, NAN, "")
    if abs(last.z) >= last.bound:
        return found._replace(state=RESOLVED, reason=_resolved(last, sizes))
    if last.n == sizes[-1]:
        reason = f"all {planned} segments are judged and the difference may be chance"
        return found._replace(state=ENDED, reason=reason)
    return _ahead(found, values, sizes, bounds, smallest, futility, power)


def conditional_power(z: float, n: int, m: int, bound: float, effect: float) -> float:
    """Chance that |z| reaches `bound` at `m` segments, given `z` at `n` < m.

    `effect` is the mean of the segments to come over their standard deviation.
    """
    if not 0 < n < m:
        raise ValueError(f"of {n} segments so far and {m} then, the latter must be more")
    mean = z * math.sqrt(n) + (m - n) * effect
    edge, spread = bound * math.sqrt(m), math.sqrt(m - n)
    return float(ndtr((mean - edge) / spread) + ndtr((-mean - edge) / spread))


def _ahead(
    found: Sequential,
    values: FloatArray,
    sizes: list[int],
    bounds: FloatArray,
    smallest: float | None,
    futility: float,
    power: float,
) -> Sequential:
    """What the segments still to come can do."""
    n, (mean, z), sd = len(values), _tested(values), float(values.std(ddof=1))
    coming = [(m, b) for m, b in zip(sizes, bounds.tolist(), strict=True) if m > n]
    if math.isnan(z) or not sd > 0:
        reason = "all differences so far are equal, so nothing can be projected"
        return found._replace(n_more=coming[0][0] - n, reason=reason)
    chances = [conditional_power(z, n, m, b, mean / sd) for m, b in coming]
    at_trend, at_smallest = chances[-1], NAN
    if smallest:
        m, b = coming[-1]
        both = (abs(smallest) / sd, -abs(smallest) / sd)
        at_smallest = max(conditional_power(z, n, m, b, effect) for effect in both)
    best = np.nanmax([at_trend, at_smallest])
    place = next((i for i, chance in enumerate(chances) if chance >= power), len(chances) - 1)
    more, by_then = coming[place][0] - n, chances[place]
    found = found._replace(at_trend=at_trend, at_smallest=at_smallest, n_more=more, by_then=by_then)
    if best < futility:
        left = sizes[-1] - n
        reason = f"the {left} segments to come have a chance of {best:.0%} to separate the systems"
        return found._replace(state=FUTILE, reason=reason)
    reason = f"{more} more segments resolve it with a chance of {by_then:.0%} at the trend so far"
    return found._replace(reason=reason)


def _tested(values: FloatArray) -> tuple[float, float]:
    """Mean, and the z that is as unlikely as the t test's t; nan where all are equal, but not 0."""
    n, mean, sd = len(values), float(values.mean()), float(values.std(ddof=1))
    if not sd > 1e-12 * abs(mean):
        return mean, 0.0 if mean == 0 else NAN
    t = mean / sd * math.sqrt(n)
    tail = max(float(student.sf(abs(t), n - 1)), LEAST)
    return mean, math.copysign(-float(ndtri(tail)), t)


def _around(values: FloatArray, look: Look) -> Interval:
    """The mean at a look and its repeated confidence interval, by the bound in place of 1.96."""
    if math.isinf(look.bound):
        return Interval(look.mean, NAN, NAN)
    edge = float(student.isf(max(float(ndtr(-look.bound)), LEAST), look.n - 1))
    half = edge * float(values[: look.n].std(ddof=1)) / math.sqrt(look.n)
    return Interval(look.mean, look.mean - half, look.mean + half)


def _resolved(look: Look, sizes: list[int]) -> str:
    side = "first" if look.z > 0 else "second"
    place = sizes.index(look.n) + 1
    return (
        f"the {side} system is better: at look {place} of {len(sizes)}, with {look.n} segments, "
        f"|z| was {abs(look.z):.2f} and had to reach {look.bound:.2f}"
    )
