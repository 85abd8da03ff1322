"""What share of one person's correlation with the others does a metric reach?"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, get_args

import numpy as np
from numpy.typing import ArrayLike

from metrics.statistics.correlation import Grouping
from metrics.statistics.intervals import ratio, sums_by
from metrics.statistics.jackknife import plain_jackknife
from metrics.statistics.types import NAN, FloatArray, IntArray, Interval

UNDEFINED = Interval(NAN, NAN, NAN)


class RaterShare(NamedTuple):
    """A metric and one person, both held against the mean of the other people.

    `metric` and `person` are Pearson's r with that mean, on the same outputs; `share` is the
    first over the second: 0.8 says that the metric reaches 80 % of what a person does.
    """

    grouping: str
    metric: Interval
    person: Interval
    share: Interval
    n: int
    n_groups: int
    reason: str = ""
    method: str = ""


class _ByGroup(NamedTuple):
    whole: FloatArray  # (groups,) Pearson's r
    without: FloatArray | None  # (groups, segments) without each; None where a group is a segment


def rater_shares(
    ratings: ArrayLike,
    metrics: Sequence[ArrayLike],
    *,
    grouping: Grouping = "item",
    rng: np.random.Generator,
    splits: int = 10,
    level: float = 0.95,
) -> list[RaterShare]:
    """Each metric beside one person drawn for each output, against the other people's mean.

    Parameters
    ----------
    ratings : (raters, segments, systems), higher = better, nan where missing; outputs with one
        rating are left out
    metrics : matrices (segments, systems), higher = better
    grouping : Pearson's r within segments (`item`), within systems, or of all outputs, averaged
        over the groups in which both sides vary
    splits : times that the one person is drawn anew; r is averaged over them

    Returns
    -------
    RaterShare of each metric, delete-one-segment jackknife intervals; nan with a reason where
    people, left with one rating per output or without agreement, set no mark.

    Source: the split as in split-half reliability (Spearman, 1910), with one person as a half.
    """
    cube = np.asarray(ratings, dtype=np.float64)
    if cube.ndim != 3:
        raise ValueError(
            f"ratings must be raters x segments x systems, not {cube.ndim}-dimensional"
        )
    if grouping not in get_args(Grouping):
        raise ValueError(f"no grouping called {grouping!r}; known: none, item, system")
    shared = np.isfinite(cube).sum(axis=0) >= 2
    if not shared.any():
        reason = "no output has two ratings: how far people agree cannot be known"
        nothing = RaterShare(grouping, UNDEFINED, UNDEFINED, UNDEFINED, 0, 0, reason)
        return [nothing] * len(metrics)
    halves = [_one_and_others(cube, rng) for _split in range(splits)]
    return [
        _share(np.asarray(metric, dtype=np.float64), halves, shared, grouping, level)
        for metric in metrics
    ]


def _one_and_others(cube: FloatArray, rng: np.random.Generator) -> tuple[FloatArray, FloatArray]:
    """(segments, systems) one person's rating of each output, and the mean of the others'."""
    known = np.isfinite(cube)
    picked = np.where(known, rng.random(cube.shape), 2.0).argmin(axis=0)
    one = np.take_along_axis(cube, picked[None], axis=0)[0]
    filled = np.where(known, cube, 0.0).sum(axis=0) - np.where(np.isfinite(one), one, 0.0)
    return one, ratio(filled, known.sum(axis=0) - 1.0)


def _share(
    metric: FloatArray,
    halves: Sequence[tuple[FloatArray, FloatArray]],
    shared: np.ndarray,
    grouping: str,
    level: float,
) -> RaterShare:
    used = shared & np.isfinite(metric)
    lines, columns = np.nonzero(used)
    n_segments = len(metric)
    codes = {"none": np.zeros_like(lines), "item": lines, "system": columns}[grouping]
    groups = np.unique(codes, return_inverse=True)[1]
    values, left = np.zeros(2), np.zeros((2, n_segments))
    n_groups = 0
    for one, others in halves:
        sides = (metric[lines, columns], one[lines, columns])
        target = others[lines, columns]
        both = [_correlations(x, target, lines, groups, n_segments, grouping) for x in sides]
        defined = np.isfinite(both[0].whole) & np.isfinite(both[1].whole)
        n_groups = max(n_groups, int(defined.sum()))
        for side, found_r in enumerate(both):
            values[side] += _mean(np.where(defined, found_r.whole, NAN)[:, None])[0]
            left[side] += _left_out(found_r, defined, groups, lines, n_segments)
    values = np.clip(values / len(halves), -1.0, 1.0)  # sums of ones end a bit beside one
    left = left[:, np.unique(lines)] / len(halves)
    found = RaterShare(grouping, UNDEFINED, UNDEFINED, UNDEFINED, lines.size, n_groups)
    if np.isnan(values).any():
        return found._replace(reason="the metric or the people do not vary")
    ends = [
        Interval(float(value), *plain_jackknife(float(value), without, level))
        for value, without in zip(values, left, strict=True)
    ]
    found = found._replace(metric=ends[0], person=ends[1])
    if values[1] <= 0:
        return found._replace(reason="people agree no better than by chance: nothing to reach")
    share = float(values[0] / values[1])
    low, high = plain_jackknife(share, ratio(left[0], left[1]), level)
    method = f"one person against the others, {len(halves)} draws; jackknife over segments"
    reason = "no interval: too few segments, or undefined without one of them"
    why = reason if np.isnan([low, ends[0].low, ends[1].low]).any() else ""
    return found._replace(share=Interval(share, low, high), reason=why, method=method)


def _correlations(
    x: FloatArray,
    y: FloatArray,
    lines: IntArray,
    groups: IntArray,
    n_segments: int,
    grouping: str,
) -> _ByGroup:
    n_groups = int(groups.max(initial=-1)) + 1
    x, y = x - x.mean() if x.size else x, y - y.mean() if y.size else y
    columns = (np.ones_like(x), x, y, x * x, y * y, x * y)
    if grouping == "item":
        return _ByGroup(_pearson(np.stack([sums_by(groups, c, n_groups) for c in columns])), None)
    cells = groups * n_segments + lines
    n_cells = n_groups * n_segments
    parts = np.stack([sums_by(cells, c, n_cells).reshape(n_groups, n_segments) for c in columns])
    whole = parts.sum(axis=2)
    return _ByGroup(_pearson(whole), _pearson(whole[:, :, None] - parts))


def _left_out(
    found: _ByGroup, defined: np.ndarray, groups: IntArray, lines: IntArray, n_segments: int
) -> FloatArray:
    """(segments,) mean over the defined groups without each segment."""
    if found.without is not None:
        return _mean(np.where(defined[:, None], found.without, NAN))
    own = np.zeros(n_segments)
    own[lines] = np.where(defined, found.whole, 0.0)[groups]
    counted = np.zeros(n_segments)
    counted[lines] = defined[groups]
    return ratio(own.sum() - own, counted.sum() - counted)


def _pearson(sums: FloatArray) -> FloatArray:
    n, sx, sy, xx, yy, xy = sums
    vx, vy = n * xx - sx**2, n * yy - sy**2
    varies = (vx > 1e-9 * n * xx) & (vy > 1e-9 * n * yy)
    out = np.full(n.shape, NAN)
    np.divide(n * xy - sx * sy, np.sqrt(np.where(varies, vx * vy, 1.0)), out=out, where=varies)
    return out


def _mean(values: FloatArray) -> FloatArray:
    known = np.isfinite(values)
    return ratio(np.where(known, values, 0.0).sum(axis=0), known.sum(axis=0).astype(np.float64))
