"""Correlation of a metric with the people, segment by segment.

Grouping decides what is compared: `none` takes every pair together (and so also rewards a metric
that only knows hard sources), `item` the systems within each segment, `system` the segments
within each system; grouped values are averaged over groups.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Literal, NamedTuple, get_args

import numpy as np
from numpy.typing import ArrayLike

from metrics.statistics.correlation_draws import (
    jackknife,
    resampled_groups,
    resampled_items,
    same_rows,
)
from metrics.statistics.intervals import percentile_interval, sums_by
from metrics.statistics.ranks import grouped_mid_ranks, pair_sums, tau_b
from metrics.statistics.types import NAN, Correlation, FloatArray, IntArray

Statistic = Literal["pearson", "spearman", "kendall_b"]
Grouping = Literal["none", "item", "system"]


class Pairs(NamedTuple):
    """Known pairs, both sides oriented, with their item and group numbered from 0."""

    human: FloatArray
    metric: FloatArray
    items: IntArray
    groups: IntArray
    known: np.ndarray  # of the pairs that were given
    n_groups: int


def grouped_correlation(
    human: ArrayLike,
    metric: ArrayLike,
    items: ArrayLike,
    systems: ArrayLike,
    *,
    statistic: Statistic = "pearson",
    grouping: Grouping = "item",
) -> Correlation:
    """Correlation within groups, averaged over them.

    Parameters
    ----------
    human, metric : (n,) one value per output, both higher = better; nan drops the pair
    items, systems : (n,) the segment and the system of each output

    Returns
    -------
    Correlation without an interval.  Groups with fewer than two pairs or a side that does not
    vary have no correlation: they are left out of the mean and of `n_groups`.  nan with a reason
    when no group is left.

    Source: Kendall (1945) for tau-b; groupings as in the WMT metrics tasks.
    """
    pairs = _pairs(human, metric, items, systems, statistic, grouping)
    return _summary(pairs, _per_group(pairs, statistic), statistic, grouping)


def correlation_interval(
    human: ArrayLike,
    metric: ArrayLike,
    items: ArrayLike,
    systems: ArrayLike,
    *,
    statistic: Statistic = "pearson",
    grouping: Grouping = "item",
    rng: np.random.Generator,
    level: float = 0.95,
    resamples: int = 1000,
) -> Correlation:
    """`grouped_correlation` with an interval that draws whole items (segments).

    Pearson and Spearman: percentile bootstrap over items, ranks made anew in each sample.
    Kendall: with `item` grouping the same; otherwise the delete-one-item jackknife of Fisher's z,
    computed exactly.  `method` says which.

    Source: Davison and Hinkley (1997), sec. 3.8; Arvesen (1969) for the jackknife.
    """
    return correlation_intervals(
        human,
        [metric],
        items,
        systems,
        statistic=statistic,
        grouping=grouping,
        rng=rng,
        level=level,
        resamples=resamples,
    )[0]


def correlation_intervals(
    human: ArrayLike,
    metrics: Sequence[ArrayLike],
    items: ArrayLike,
    systems: ArrayLike,
    *,
    statistic: Statistic = "pearson",
    grouping: Grouping = "item",
    rng: np.random.Generator,
    level: float = 0.95,
    resamples: int = 1000,
) -> list[Correlation]:
    """`correlation_interval` of each metric; those with values in the same places share draws."""
    sides = [_pairs(human, metric, items, systems, statistic, grouping) for metric in metrics]
    values = [_per_group(pairs, statistic) for pairs in sides]
    found = [_summary(p, v, statistic, grouping) for p, v in zip(sides, values, strict=True)]
    open_ones = [k for k, one in enumerate(found) if not one.reason]
    if statistic == "kendall_b" and grouping != "item":
        for k in open_ones:
            x, y, codes, groups = sides[k][:4]
            low, high = jackknife(x, y, codes, groups, found[k].value, level)
            found[k] = _with_ends(found[k], low, high, "jackknife over items, Fisher z")
        return found
    method = f"bootstrap over items, {resamples} resamples"
    for k, draws in _draws(sides, values, open_ones, statistic, grouping, rng, resamples):
        _, low, high = percentile_interval(found[k].value, draws, level)
        if grouping == "system" and np.unique(sides[k].items).size < 3:
            low = high = NAN  # two items correlate at 1 or -1 however often they are drawn
        found[k] = _with_ends(found[k], low, high, method)
    return found


def _draws(
    sides: Sequence[Pairs],
    values: Sequence[FloatArray],
    wanted: Sequence[int],
    statistic: str,
    grouping: str,
    rng: np.random.Generator,
    resamples: int,
) -> Iterator[tuple[int, FloatArray]]:
    if grouping == "item":
        yield from ((k, resampled_groups(values[k], rng, resamples)) for k in wanted)
        return
    for same in same_rows([sides[k].known for k in wanted]):
        columns = [wanted[place] for place in same]
        first = sides[columns[0]]
        draws = resampled_items(
            first.human,
            np.stack([sides[k].metric for k in columns]),
            first.items,
            first.groups,
            ranked=statistic == "spearman",
            rng=rng,
            resamples=resamples,
        )
        yield from zip(columns, draws, strict=True)


def _with_ends(found: Correlation, low: float, high: float, method: str) -> Correlation:
    reason = "no interval: too few items or no variation between them" if np.isnan(low) else ""
    return found._replace(low=low, high=high, method=method, reason=reason)


def pearson(x: ArrayLike, y: ArrayLike) -> float:
    """Pearson's r of two arrays; nan pairs are dropped, nan when a side does not vary."""
    return _simple(x, y, "pearson")


def spearman(x: ArrayLike, y: ArrayLike) -> float:
    """Spearman's rho (mid-ranks for ties); nan pairs dropped, nan when a side does not vary."""
    return _simple(x, y, "spearman")


def kendall_b(x: ArrayLike, y: ArrayLike) -> float:
    """Kendall's tau-b in O(n log n); nan pairs dropped, nan when a side does not vary."""
    return _simple(x, y, "kendall_b")


def _simple(x: ArrayLike, y: ArrayLike, statistic: Statistic) -> float:
    items = np.arange(np.size(x))
    return grouped_correlation(x, y, items, items, statistic=statistic, grouping="none").value


def _pairs(
    human: ArrayLike,
    metric: ArrayLike,
    items: ArrayLike,
    systems: ArrayLike,
    statistic: str,
    grouping: str,
) -> Pairs:
    if statistic not in get_args(Statistic):
        raise ValueError(f"no statistic called {statistic!r}; known: pearson, spearman, kendall_b")
    if grouping not in get_args(Grouping):
        raise ValueError(f"no grouping called {grouping!r}; known: none, item, system")
    x, y = np.asarray(human, dtype=np.float64), np.asarray(metric, dtype=np.float64)
    item_names, system_names = np.asarray(items), np.asarray(systems)
    if x.ndim != 1 or not x.shape == y.shape == item_names.shape == system_names.shape:
        raise ValueError("human, metric, items and systems must be lists of the same length")
    known = np.isfinite(x) & np.isfinite(y)
    item_codes = _numbered(item_names[known])
    groups = {
        "none": np.zeros(len(item_codes), dtype=np.int64),
        "item": item_codes,
        "system": _numbered(system_names[known]),
    }[grouping]
    return Pairs(x[known], y[known], item_codes, groups, known, _count(groups))


def _numbered(names: np.ndarray) -> IntArray:
    return np.asarray(np.unique(names, return_inverse=True)[1], dtype=np.int64)


def _count(codes: IntArray) -> int:
    return int(codes.max(initial=-1)) + 1


def _summary(pairs: Pairs, values: FloatArray, statistic: str, grouping: str) -> Correlation:
    used = values[np.isfinite(values)]
    value = float(used.mean()) if used.size else NAN
    reason = ""
    if len(pairs.human) < 2:
        reason = "fewer than two outputs have both a human and a metric score"
    elif not used.size:
        reason = "one side does not vary" + (
            "" if grouping == "none" else f" within any {grouping}"
        )
    return Correlation(statistic, grouping, value, NAN, NAN, len(pairs.human), used.size, reason)


def _per_group(pairs: Pairs, statistic: str) -> FloatArray:
    """(n_groups,) correlation of each group, nan where it has none."""
    x, y, groups, n_groups = pairs.human, pairs.metric, pairs.groups, pairs.n_groups
    if not n_groups:
        return np.zeros(0)
    if statistic == "kendall_b":
        return tau_b(pair_sums(x, y, groups, n_groups))
    if statistic == "spearman":
        x, y = grouped_mid_ranks(x, groups), grouped_mid_ranks(y, groups)
    sizes = np.bincount(groups, minlength=n_groups)
    x = x - (sums_by(groups, x, n_groups) / sizes)[groups]
    y = y - (sums_by(groups, y, n_groups) / sizes)[groups]
    cross = sums_by(groups, x * y, n_groups)
    bottom = np.sqrt(sums_by(groups, x * x, n_groups) * sums_by(groups, y * y, n_groups))
    varies = _varies(pairs.human, groups, n_groups) & _varies(pairs.metric, groups, n_groups)
    out = np.full(n_groups, NAN)
    np.divide(cross, bottom, out=out, where=varies & (bottom > 0))
    return np.asarray(np.clip(out, -1.0, 1.0))


def _varies(values: FloatArray, groups: IntArray, n_groups: int) -> np.ndarray:
    low, high = np.full(n_groups, np.inf), np.full(n_groups, -np.inf)
    np.minimum.at(low, groups, values)
    np.maximum.at(high, groups, values)
    return np.asarray(high > low)
