"""Pairs of outputs: Kendall's taus on whole matrices, and acc_eq with calibrated ties.

Scores are (segments, systems) matrices, higher = better, nan where an output has none; an output
counts only where both people and metric scored it.  Equal means equal to the last bit: round
scores that are sums of tenths first.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple, get_args

import numpy as np
from numpy.typing import ArrayLike, NDArray

from metrics.statistics.correlation import Grouping
from metrics.statistics.ranks import pair_contributions, tau_b
from metrics.statistics.types import NAN, FloatArray


class TieCalibration(NamedTuple):
    """acc_eq: the share of pairs that metric and people order alike, ties included.

    `epsilon` is the largest metric difference that counts as a tie, in the metric's unit.
    `constant` is what a metric scores that ties everything, `coin` what one scores on average
    that orders every pair by chance: a value means something only above both.
    """

    grouping: str
    value: float
    epsilon: float
    constant: float
    coin: float
    n_pairs: int
    n_groups: int
    reason: str = ""

    @property
    def tau_23(self) -> float:
        """(C + T_hm - D - T_h - T_m) / all pairs, which is twice the value minus 1."""
        return 2 * self.value - 1


class GroupsOfOneSize(NamedTuple):
    """Groups with equally many outputs, one per row, nothing missing."""

    human: FloatArray  # (groups, outputs)
    metric: FloatArray  # (groups, outputs)

    @property
    def pairs_each(self) -> int:
        """Pairs of outputs in each group."""
        n = int(self.human.shape[1])
        return n * (n - 1) // 2


class Outcomes(NamedTuple):
    """Pairs of `GroupsOfOneSize`, counted, and what making ties would gain and lose."""

    pairs_each: int
    n_groups: int
    right: int  # concordant or tied on both sides, with no metric tie but the exact ones
    human_ties: int
    gains: FloatArray  # ascending metric differences of pairs that people tie and it does not
    losses: FloatArray  # ascending metric differences of concordant pairs


def acc_eq(
    human: ArrayLike,
    metric: ArrayLike,
    *,
    grouping: Grouping = "item",
    epsilon: float | None = None,
) -> TieCalibration:
    """Pairwise accuracy with ties, metric differences up to epsilon counting as ties.

    Parameters
    ----------
    human, metric : (segments, systems), higher = better, nan where missing
    grouping : `item` compares systems within a segment, `system` segments within a system,
        `none` all outputs; accuracies are averaged over groups
    epsilon : not negative; left out, the smallest one that makes the value largest is searched
        among all differences.  Calibrated on the data it judges, it favours metrics of many
        distinct values: take it from other data where there are any

    Returns
    -------
    TieCalibration; nan with a reason when no group has two outputs.  Groups of one output are
    not counted.

    Exact, with every pair: O(pairs log pairs) time; about 14 bytes a pair (2 GB for 16 000
    outputs without grouping).  Source: Deutsch, Foster and Freitag (2023), "Ties Matter".
    """
    if epsilon is not None and not epsilon >= 0:
        raise ValueError(f"epsilon is a difference of metric scores, 0 or more, not {epsilon}")
    x, y = score_matrices(human, metric)
    sizes = [_outcomes(part) for part in groups_by_size(x, y, grouping=grouping)]
    n_groups = sum(size.n_groups for size in sizes)
    n_pairs = sum(size.n_groups * size.pairs_each for size in sizes)
    if not n_groups:
        reason = "no group has two outputs with both a human and a metric score"
        return TieCalibration(grouping, NAN, NAN, NAN, NAN, 0, 0, reason)
    if epsilon is None:
        candidates = np.unique(np.concatenate([np.zeros(1), *(size.gains for size in sizes)]))
    else:
        candidates = np.array([epsilon], dtype=np.float64)
    values = _accuracy(sizes, candidates) / n_groups
    best = int(np.argmax(values))
    constant = sum(size.human_ties / size.pairs_each for size in sizes) / n_groups
    return TieCalibration(
        grouping,
        float(values[best]),
        float(candidates[best]),
        constant,
        (1 - constant) / 2,
        n_pairs,
        n_groups,
    )


def kendall_b_by_item(human: ArrayLike, metric: ArrayLike) -> FloatArray:
    """Kendall's tau-b over the systems within each segment.

    Parameters
    ----------
    human, metric : (segments, systems), higher = better, nan where missing

    Returns
    -------
    (segments,) tau-b; nan where fewer than two systems are known or a side does not vary.

    Source: Kendall (1945).
    """
    x, y = score_matrices(human, metric)
    sums = np.zeros((len(x), 3))
    for gap in range(1, x.shape[1]):
        dx, dy = _signs(x, gap), _signs(y, gap)
        sums[:, 0] += (dx * dy).sum(axis=1)
        sums[:, 1] += (dx != 0).sum(axis=1)
        sums[:, 2] += (dy != 0).sum(axis=1)
    return tau_b(sums)


def pair_outcomes(human: FloatArray, metric: FloatArray, epsilon: float) -> FloatArray:
    """Pairs of systems within each segment: (segments, 4) right, human ties, metric ties, all.

    `human` and `metric` are `score_matrices`; metric differences up to epsilon are ties.
    """
    counts = np.zeros((len(human), 4))
    known = np.isfinite(human)
    for gap in range(1, human.shape[1]):
        both = known[:, gap:] & known[:, :-gap]
        dx, dy = _signs(human, gap), _signs(metric, gap)
        close = np.abs(metric[:, gap:] - metric[:, :-gap]) <= epsilon
        right = np.where(close, dx == 0, dx == dy)
        for column, cells in enumerate((right, dx == 0, close, both)):
            counts[:, column] += (cells & both).sum(axis=1)
    return counts


def kendall_c(x: ArrayLike, y: ArrayLike) -> float:
    """Stuart's tau-c, 2 (C - D) / (n^2 (k - 1) / k), k the smaller number of distinct values.

    nan pairs are dropped; nan when a side does not vary.  O(n log n).  Source: Stuart (1953).
    """
    first, second = np.asarray(x, dtype=np.float64), np.asarray(y, dtype=np.float64)
    if first.ndim != 1 or first.shape != second.shape:
        raise ValueError(f"{first.size} values against {second.size}; give two lists of one length")
    known = np.isfinite(first) & np.isfinite(second)
    first, second = first[known], second[known]
    k = min(len(np.unique(first)), len(np.unique(second)))
    if k < 2:
        return NAN
    balance = pair_contributions(first, second)[:, 0].sum() / 2
    return float(2 * balance / (first.size**2 * (k - 1) / k))


def score_matrices(*matrices: ArrayLike) -> list[FloatArray]:
    """Copies as floats, nan wherever any of them is not finite.

    Raises ValueError unless all are matrices of one shape.
    """
    arrays = [np.asarray(matrix, dtype=np.float64) for matrix in matrices]
    if any(a.ndim != 2 or a.shape != arrays[0].shape for a in arrays):
        shapes = ", ".join(str(a.shape) for a in arrays)
        raise ValueError(f"scores must be segments x systems matrices of one shape, not {shapes}")
    known = np.logical_and.reduce([np.isfinite(a) for a in arrays])
    return [np.where(known, a, NAN) for a in arrays]


def rows_of_groups(matrix: FloatArray, grouping: str) -> FloatArray:
    """The same cells with one group per row: (groups, outputs)."""
    if grouping not in get_args(Grouping):
        raise ValueError(f"no grouping called {grouping!r}; known: none, item, system")
    return {"none": matrix.reshape(1, -1), "item": matrix, "system": matrix.T}[grouping]


def groups_by_size(x: FloatArray, y: FloatArray, *, grouping: str) -> list[GroupsOfOneSize]:
    """Groups of two outputs and more, those with equally many together, smallest first."""
    rows_x, rows_y = rows_of_groups(x, grouping), rows_of_groups(y, grouping)
    known = np.isfinite(rows_x)
    n_known = known.sum(axis=1)
    found = []
    for n in np.unique(n_known[n_known > 1]):
        mine = n_known == n
        here = known[mine]
        found.append(
            GroupsOfOneSize(rows_x[mine][here].reshape(-1, n), rows_y[mine][here].reshape(-1, n))
        )
    return found


def pair_differences(
    groups: GroupsOfOneSize,
) -> Iterator[tuple[FloatArray, NDArray[np.int8], NDArray[np.int8]]]:
    """All pairs, some at a time: size of the metric difference, signs of human and metric."""
    for gap in range(1, groups.human.shape[1]):
        size = np.abs(groups.metric[:, gap:] - groups.metric[:, :-gap])
        yield size, _signs(groups.human, gap), _signs(groups.metric, gap)


def _signs(values: FloatArray, gap: int) -> NDArray[np.int8]:
    """Order of each value and the one `gap` columns before it; 0 when equal or missing."""
    above, below = values[:, gap:], values[:, :-gap]
    return (above > below).astype(np.int8) - (above < below).astype(np.int8)


def _outcomes(groups: GroupsOfOneSize) -> Outcomes:
    gains, losses = [], []
    right = human_ties = 0
    for size, dx, dy in pair_differences(groups):
        tied = dx == 0
        alike = dx == dy
        untied = dy != 0
        human_ties += int(tied.sum())
        right += int(alike.sum())
        gains.append(size[tied & untied])
        losses.append(size[alike & untied])
    return Outcomes(
        groups.pairs_each,
        len(groups.human),
        right,
        human_ties,
        _ascending(gains),
        _ascending(losses),
    )


def _ascending(parts: list[FloatArray]) -> FloatArray:
    """All values in order; `parts` is emptied, so that memory holds them twice at most."""
    values = np.concatenate(parts)
    parts.clear()
    values.sort()
    return values


def _accuracy(sizes: list[Outcomes], epsilons: FloatArray) -> FloatArray:
    """(epsilons,) accuracy summed over groups: whole counts, divided only at the end."""
    total = np.zeros(len(epsilons))
    for size in sizes:
        gained = np.searchsorted(size.gains, epsilons, side="right")
        lost = np.searchsorted(size.losses, epsilons, side="right")
        total += (size.right + gained - lost) / size.pairs_each
    return total
