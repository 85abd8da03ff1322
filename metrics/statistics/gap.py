"""How far a metric and the people part on each output, and where they prefer opposite things.

Both sides come oriented: higher is better.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, NamedTuple, get_args

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.stats import rankdata

from metrics.statistics.intervals import (
    bootstrap_chunks,
    item_codes,
    percentile_interval,
    proportion_interval,
    ratio,
    sums_by,
)
from metrics.statistics.types import NAN, FloatArray, IntArray

Scale = Literal["rank", "z"]
QUADRANTS = ("both low", "only people high", "only metric high", "both high")


class Reversals(NamedTuple):
    """How often a metric prefers what people reject, in one group of pairs.

    `share` is of the `n` pairs on which people prefer one output and the metric has a value;
    `tied` is the share of them on which the metric sees no difference.
    """

    group: str
    share: float
    low: float
    high: float
    tied: float
    n: int
    n_segments: int
    reason: str = ""


def shares(values: ArrayLike) -> FloatArray:
    """Mid-ranks from 0 (lowest) to 1; nan stays nan and takes no part; one value alone is nan."""
    numbers = np.asarray(values, dtype=np.float64)
    known = np.isfinite(numbers)
    out = np.full(numbers.shape, NAN)
    if known.sum() > 1:
        out[known] = (rankdata(numbers[known]) - 1) / (known.sum() - 1)
    return out


def standardised_gap(human: ArrayLike, metric: ArrayLike, *, scale: Scale = "rank") -> FloatArray:
    """The metric's standing of each output less the people's: positive is overrated.

    Parameters
    ----------
    human, metric : of one shape, oriented; nan where unknown
    scale : `rank` puts both on mid-ranks from 0 to 1, so that the gap lies in -1 .. 1; `z`
        subtracts the mean and divides by the standard deviation (n - 1) of each

    Returns
    -------
    The gap in the shape given, nan where a side is unknown; both sides are standardised over the
    outputs where both are known.  All nan with fewer than two of them, and for `z` where a side
    does not vary.
    """
    if scale not in get_args(Scale):
        raise ValueError(f"no scale called {scale!r}; known: {', '.join(get_args(Scale))}")
    people, machine = _both_known(human, metric)
    if scale == "rank":
        return shares(machine) - shares(people)
    return _z(machine) - _z(people)


def quadrants(
    human: ArrayLike,
    metric: ArrayLike,
    *,
    human_from: float | None = None,
    metric_from: float | None = None,
) -> IntArray:
    """Which of `QUADRANTS` each output is in: 0-3, -1 where a side is unknown.

    Parameters
    ----------
    human_from, metric_from : where "high" begins, in the side's own oriented unit; a score equal
        to it is high.  The median of the outputs where both are known when left out.
    """
    people, machine = _both_known(human, metric)
    known = np.isfinite(people)
    out = np.full(people.shape, -1, dtype=np.int64)
    if known.any():
        lines = [
            float(np.median(side[known])) if given is None else given
            for side, given in ((people, human_from), (machine, metric_from))
        ]
        out[known] = (people[known] >= lines[0]) + 2 * (machine[known] >= lines[1])
    return out


def reversal_shares(
    human: ArrayLike,
    metric: ArrayLike,
    segments: ArrayLike,
    *,
    groups: Mapping[str, ArrayLike] | None = None,
    rng: np.random.Generator,
    level: float = 0.95,
    resamples: int = 1000,
) -> list[Reversals]:
    """Share of pairs of outputs on which the metric prefers what people reject.

    Parameters
    ----------
    human, metric : (n,) oriented differences of each pair, first output minus second; people's
        zeros (no preference) and nan take no part
    segments : (n,) the segment of each pair
    groups : (n,) masks by name; a pair may be in several.  Without any, all pairs: "".

    Returns
    -------
    One row for each group, in the order given.  Percentile bootstrap that draws whole segments,
    the same draws for every group; of a share of 0 or 1 Wilson's, each segment being one trial.
    No interval with fewer than two segments, and not defined without a pair.

    Source: Davison and Hinkley (1997), sec. 3.8; pairs as in Deutsch et al. (2023).
    """
    people, machine = (np.asarray(side, dtype=np.float64) for side in (human, metric))
    if people.ndim != 1 or people.shape != machine.shape:
        raise ValueError(f"{people.size} differences of people, {machine.size} of the metric")
    codes, n_segments = item_codes(segments, people.size)
    masks = {"": np.ones(people.size, dtype=bool)} if groups is None else groups
    counted = np.isfinite(people) & np.isfinite(machine) & (people != 0)
    reversed_ = counted & (people * machine < 0)
    columns: list[FloatArray] = []
    for mask in masks.values():
        inside = np.asarray(mask, dtype=bool)
        if inside.shape != people.shape:
            raise ValueError(
                f"a mask of {inside.size} for {people.size} pairs; give one value each"
            )
        columns += [
            sums_by(codes, rows.astype(np.float64), n_segments)
            for rows in (reversed_ & inside, counted & inside, counted & inside & (machine == 0))
        ]
    if not columns:
        return []
    table = np.stack(columns, axis=1) if n_segments else np.zeros((0, len(columns)))
    draws = _drawn(table, rng, resamples)
    return [
        _reversals(name, table[:, 3 * i : 3 * i + 3], draws[:, i], level)
        for i, name in enumerate(masks)
    ]


def _drawn(table: FloatArray, rng: np.random.Generator, resamples: int) -> FloatArray:
    """(resamples, groups) shares, from (segments, 3 groups) counts."""
    if len(table) < 2:
        return np.full((resamples, table.shape[1] // 3), NAN)
    sums = [counts @ table for counts in bootstrap_chunks(len(table), resamples, rng)]
    drawn = np.concatenate(sums)
    return ratio(drawn[:, 0::3], drawn[:, 1::3])


def _reversals(name: str, counts: FloatArray, draws: FloatArray, level: float) -> Reversals:
    wrong, n, tied = counts.sum(axis=0).tolist()
    n_segments = int((counts[:, 1] > 0).sum())
    if not n:
        reason = "no pair of outputs on which people prefer one and the metric has a value"
        return Reversals(name, NAN, NAN, NAN, NAN, 0, 0, reason)
    share = wrong / n
    if n_segments < 2:
        reason = "no interval: the pairs are of one segment"
        return Reversals(name, share, NAN, NAN, tied / n, int(n), n_segments, reason)
    if share in (0, 1):  # drawing finds nothing else
        _, low, high = proportion_interval(round(share) * n_segments, n_segments, level=level)
    else:
        _, low, high = percentile_interval(share, draws, level)
    return Reversals(name, share, low, high, tied / n, int(n), n_segments)


def _both_known(human: ArrayLike, metric: ArrayLike) -> tuple[FloatArray, FloatArray]:
    people, machine = (np.asarray(side, dtype=np.float64) for side in (human, metric))
    if people.shape != machine.shape:
        raise ValueError(f"people's scores have the shape {people.shape}, not {machine.shape}")
    known: NDArray[np.bool_] = np.isfinite(people) & np.isfinite(machine)
    return np.where(known, people, NAN), np.where(known, machine, NAN)


def _z(values: FloatArray) -> FloatArray:
    known = values[np.isfinite(values)]
    if known.size < 2 or np.ptp(known) == 0:
        return np.full(values.shape, NAN)
    return np.asarray((values - known.mean()) / known.std(ddof=1))
