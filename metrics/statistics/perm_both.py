"""Does one metric follow the people better than another?  The PERM-BOTH test."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import ndtr

from metrics.statistics.correlation import Grouping
from metrics.statistics.intervals import ratio
from metrics.statistics.pairwise import (
    acc_eq,
    groups_by_size,
    kendall_b_by_item,
    pair_differences,
    score_matrices,
)
from metrics.statistics.swaps import Swaps, kendall_deltas, pearson_swapped
from metrics.statistics.types import NAN, FloatArray, IntArray

MetricStatistic = Literal["pearson", "kendall_b", "acc_eq"]
# Equal differences come out apart in the last bits: closer than this they are equal.
SLACK = 1e-12
# Fewer permutations than this beyond the data leave p uncertain; fewer groups, the normal curve.
FEW_BEYOND, MANY_GROUPS = 10, 30


class MetricComparison(NamedTuple):
    """Two metrics against the people, and how surprising their difference is.

    `delta` is first - second.  `p` is one-sided, small when the first metric is better;
    `p_two_sided` is small when they differ.  `n` counts outputs (acc_eq: pairs of outputs),
    `n_groups` the groups in which each metric has a value.
    """

    statistic: str
    grouping: str
    first: float
    second: float
    delta: float
    p: float
    p_two_sided: float
    n: int
    n_groups: tuple[int, int]
    reason: str = ""
    method: str = ""


def perm_both(
    human: ArrayLike,
    first: ArrayLike,
    second: ArrayLike,
    *,
    statistic: MetricStatistic = "kendall_b",
    grouping: Grouping = "item",
    rng: np.random.Generator,
    resamples: int = 1000,
    epsilons: tuple[float, float] | None = None,
    swaps: Swaps | None = None,
    normal_tail: bool = False,
) -> MetricComparison:
    """Permutation test that two metrics follow the people equally well.

    Parameters
    ----------
    human, first, second : (segments, systems), higher = better; only outputs with all three count
    statistic : pearson (any grouping), kendall_b (grouping `item`), acc_eq (any grouping)
    epsilons : for acc_eq, the difference that is still a tie of each metric; left out, each
        metric's best one on these data, fixed over permutations
    swaps : permutations that several tests share, instead of `resamples` new ones; acc_eq draws
        its own
    normal_tail : where fewer than ten permutations reach the difference and 30 groups count, take
        p from the normal curve with the permutations' spread: it can then be small enough to be
        corrected for many comparisons.  The difference is a mean over groups that are swapped
        independently (Winkler et al., 2016, on approximating the tail)

    Returns
    -------
    MetricComparison with p = (c + 1) / (resamples + 1); nan with a reason where a metric has no
    value.  Pearson and Kendall: both metrics are standardised, then swapped output by output;
    groups in which a side does not vary are left out, in every permutation anew.  acc_eq: whether
    a pair is right is swapped pair by pair, which takes pairs that share an output for
    independent, so its p can be too small.

    Source: Deutsch, Dror and Roth (2021); for acc_eq Deutsch, Foster and Freitag (2023).
    """
    if statistic not in ("pearson", "kendall_b", "acc_eq"):
        raise ValueError(f"no statistic called {statistic!r}; known: pearson, kendall_b, acc_eq")
    if statistic == "kendall_b" and grouping != "item":
        raise ValueError("kendall_b is tested with grouping='item' only")
    h, a, b = score_matrices(human, first, second)
    if statistic == "acc_eq":
        return _perm_pairs(h, a, b, grouping, rng, resamples, epsilons, normal_tail)
    n = int(np.isfinite(h).sum())
    nothing = MetricComparison(statistic, grouping, NAN, NAN, NAN, NAN, NAN, n, (0, 0))
    if n < 2:
        return nothing._replace(reason="fewer than two outputs have all three scores")
    swaps = swaps or Swaps((h.shape[0], h.shape[1]), resamples, rng)
    test = _pearson if statistic == "pearson" else _kendall
    values, draw = test(h, _standardised(a), _standardised(b), grouping, swaps)
    one, two = (float(_mean(value[:, None])[0]) for value in values)
    n_groups = (int(np.isfinite(values[0]).sum()), int(np.isfinite(values[1]).sum()))
    found = nothing._replace(first=one, second=two, delta=one - two, n_groups=n_groups)
    if np.isnan(found.delta):
        reason = "one side does not vary" + ("" if grouping == "none" else f" in any {grouping}")
        return found._replace(reason=reason)
    deltas = draw()
    found = _with_p(found, deltas, f"PERM-BOTH, {len(deltas)} swaps of outputs")
    groups = n if grouping == "none" else min(n_groups)
    return _with_tail(found, deltas, groups) if normal_tail else found


# Each metric's values in the groups, and what draws the permuted differences.
Drawn = tuple[tuple[FloatArray, FloatArray], Callable[[], FloatArray]]


def _pearson(h: FloatArray, a: FloatArray, b: FloatArray, grouping: str, swaps: Swaps) -> Drawn:
    swapped = pearson_swapped(h, a, b, grouping)
    one, two = swapped(np.ones((1, h.size)))

    def draw() -> FloatArray:
        parts = [[_mean(value) for value in swapped(signs)] for signs in swaps.chunks()]
        return np.concatenate([np.subtract(*part) for part in parts])

    return (one[:, 0], two[:, 0]), draw


def _kendall(h: FloatArray, a: FloatArray, b: FloatArray, _grouping: str, swaps: Swaps) -> Drawn:
    values = kendall_b_by_item(h, a), kendall_b_by_item(h, b)
    return values, lambda: kendall_deltas(h, a, b, swaps.by_segment)


def _with_p(found: MetricComparison, deltas: FloatArray, method: str) -> MetricComparison:
    above = int((deltas >= found.delta - SLACK).sum())
    beyond = int((np.abs(deltas) >= abs(found.delta) - SLACK).sum())
    n = len(deltas) + 1
    return found._replace(p=(above + 1) / n, p_two_sided=(beyond + 1) / n, method=method)


def _with_tail(found: MetricComparison, deltas: FloatArray, n_groups: int) -> MetricComparison:
    spread = float(np.sqrt((deltas**2).mean()))
    beyond = round(found.p_two_sided * (len(deltas) + 1)) - 1
    if beyond >= FEW_BEYOND or n_groups < MANY_GROUPS or spread == 0:
        return found
    p = float(ndtr(-found.delta / spread))
    method = f"{found.method}, normal tail"
    return found._replace(p=p, p_two_sided=2 * min(p, 1 - p), method=method)


def _standardised(scores: FloatArray) -> FloatArray:
    known = scores[np.isfinite(scores)]
    spread = known.std()
    return np.asarray((scores - known.mean()) / (spread if np.ptp(known) > 0 else 1.0))


def _mean(values: FloatArray) -> FloatArray:
    """(rows,) mean over the groups that have a value."""
    known = np.isfinite(values)
    return ratio(np.where(known, values, 0.0).sum(axis=0), known.sum(axis=0))


def _perm_pairs(
    h: FloatArray,
    a: FloatArray,
    b: FloatArray,
    grouping: Grouping,
    rng: np.random.Generator,
    resamples: int,
    epsilons: tuple[float, float] | None,
    normal_tail: bool,
) -> MetricComparison:
    given = epsilons or (None, None)
    one = acc_eq(h, a, grouping=grouping, epsilon=given[0])
    two = acc_eq(h, b, grouping=grouping, epsilon=given[1])
    delta = one.value - two.value
    found = MetricComparison(
        "acc_eq",
        grouping,
        one.value,
        two.value,
        delta,
        NAN,
        NAN,
        one.n_pairs,
        (one.n_groups, two.n_groups),
        one.reason,
    )
    if one.reason:
        return found
    deltas = np.zeros(resamples)
    for weight, only in _one_sided_pairs(h, a, b, grouping, (one.epsilon, two.epsilon)):
        kept = only - 2 * rng.binomial(only, 0.5, size=(resamples, 2))
        deltas += weight * (kept[:, 0] - kept[:, 1])
    method = f"PERM-BOTH, {resamples} swaps of pairs"
    deltas /= one.n_groups
    found = _with_p(found, deltas, method)
    return _with_tail(found, deltas, one.n_groups) if normal_tail else found


def _one_sided_pairs(
    h: FloatArray, a: FloatArray, b: FloatArray, grouping: str, epsilons: tuple[float, float]
) -> Iterator[tuple[float, IntArray]]:
    """Per size of group: a pair's weight, and how many only the first or second has right."""
    sides = [groups_by_size(h, metric, grouping=grouping) for metric in (a, b)]
    for first, second in zip(*sides, strict=True):
        only = np.zeros(2, dtype=np.int64)
        for pairs in zip(pair_differences(first), pair_differences(second), strict=True):
            one, two = (
                _right(*pair, epsilon) for pair, epsilon in zip(pairs, epsilons, strict=True)
            )
            only += [(one & ~two).sum(), (two & ~one).sum()]
        yield 1 / first.pairs_each, only


def _right(
    size: FloatArray, human: NDArray[np.int8], metric: NDArray[np.int8], epsilon: float
) -> NDArray[np.bool_]:
    return np.asarray(np.where(size <= epsilon, human == 0, human == metric))
