"""acc_eq of whole studies: an epsilon from so many pairs, the value from all, an interval."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from metrics.statistics.correlation import Grouping
from metrics.statistics.intervals import bootstrap_chunks, percentile_interval, ratio, sums_by
from metrics.statistics.jackknife import logit_jackknife
from metrics.statistics.pairwise import acc_eq, pair_outcomes, score_matrices
from metrics.statistics.tied_pairs import count_pairs
from metrics.statistics.types import NAN, FloatArray


class PairAccuracy(NamedTuple):
    """`acc_eq` with an interval over segments; fields as in `TieCalibration`.

    `human_ties` and `metric_ties` are of the `n_pairs` pairs compared, the metric's up to
    `epsilon`.  The interval takes epsilon as given.
    """

    grouping: str
    value: float
    low: float
    high: float
    epsilon: float
    constant: float
    coin: float
    n_pairs: int
    human_ties: int
    metric_ties: int
    n_groups: int
    reason: str = ""
    method: str = ""


class _Counted(NamedTuple):
    """Groups' pairs, in all and without each item; a group without a pair has nan shares."""

    shares: FloatArray  # (groups,) of pairs that are right
    constant: FloatArray  # (groups,) of pairs that people tie
    without: FloatArray  # (items,) mean over groups of the share without the item
    n_pairs: int
    human_ties: int
    metric_ties: int


def acc_eq_interval(
    human: ArrayLike,
    metric: ArrayLike,
    *,
    grouping: Grouping = "item",
    rng: np.random.Generator,
    level: float = 0.95,
    resamples: int = 1000,
    most_pairs: int = 2_000_000,
) -> PairAccuracy:
    """`acc_eq` with a calibrated epsilon and an interval, in O(n log n) beyond `most_pairs`.

    Parameters
    ----------
    human, metric, grouping : as in `acc_eq`
    most_pairs : epsilon is the best of all pairs up to this number; of more, the best of the
        pairs in segments drawn at random.  The value always counts all pairs

    Returns
    -------
    PairAccuracy; grouping `item`: bootstrap over segments; otherwise delete-one-segment
    jackknife of the log-odds.  nan with a reason as in `acc_eq`.
    """
    x, y = score_matrices(human, metric)
    rows = _calibration_rows(x, grouping, rng, most_pairs)
    calibrated = acc_eq(x[rows], y[rows], grouping=grouping)
    epsilon = 0.0 if np.isnan(calibrated.epsilon) else calibrated.epsilon
    counted = _by_item(x, y, epsilon) if grouping == "item" else _by_group(x, y, grouping, epsilon)
    used = counted.shares[np.isfinite(counted.shares)]
    if not used.size:
        reason = "no group has two outputs with both a human and a metric score"
        return PairAccuracy(grouping, NAN, NAN, NAN, NAN, NAN, NAN, 0, 0, 0, 0, reason)
    value, constant = float(used.mean()), float(np.nanmean(counted.constant))
    if grouping == "item":
        low, high = _bootstrap(used, rng, level, resamples)
        method = f"bootstrap over segments, {resamples} resamples, epsilon kept"
    else:
        low, high = logit_jackknife(value, counted.without, level)
        method = "jackknife over segments, log-odds, epsilon kept"
    if len(rows) < len(x):
        method += f"; epsilon from {len(rows)} of {len(x)} segments"
    reason = "no interval: too few segments or all pairs alike" if np.isnan(low) else ""
    return PairAccuracy(
        grouping,
        value,
        low,
        high,
        epsilon,
        constant,
        (1 - constant) / 2,
        counted.n_pairs,
        counted.human_ties,
        counted.metric_ties,
        used.size,
        reason,
        method,
    )


def _calibration_rows(
    x: FloatArray, grouping: str, rng: np.random.Generator, most_pairs: int
) -> np.ndarray:
    """Segments whose pairs are at most `most_pairs`, in order: all, or some at random."""
    n_segments, n_systems = x.shape
    possible = {
        "none": np.sqrt(2 * most_pairs) / max(n_systems, 1),
        "system": np.sqrt(2 * most_pairs / max(n_systems, 1)),
        "item": 2 * most_pairs / max(n_systems, 1) ** 2,
    }[grouping]
    if n_segments <= possible:
        return np.arange(n_segments)
    return np.sort(rng.permutation(n_segments)[: max(2, int(possible))])


def _by_item(x: FloatArray, y: FloatArray, epsilon: float) -> _Counted:
    counts = pair_outcomes(x, y, epsilon)
    shares = ratio(counts[:, 0], counts[:, 3])
    constant = ratio(counts[:, 1], counts[:, 3])
    _, human_ties, metric_ties, n_pairs = (int(n) for n in counts.sum(axis=0))
    return _Counted(shares, constant, np.zeros(0), n_pairs, human_ties, metric_ties)


def _by_group(x: FloatArray, y: FloatArray, grouping: str, epsilon: float) -> _Counted:
    """Grouping `none` or `system`; what one segment adds is counted apart."""
    n_segments, n_systems = x.shape
    lines, columns = np.nonzero(np.isfinite(x))
    groups = columns if grouping == "system" else np.zeros_like(lines)
    n_groups = n_systems if grouping == "system" else 1
    inside = np.zeros((n_segments, n_groups))
    if grouping == "none":
        inside[:, 0] = pair_outcomes(x, y, epsilon)[:, 0]
    right = np.zeros((n_segments, n_groups))
    sizes = np.zeros((n_segments, n_groups))
    ties = np.zeros((n_groups, 2), dtype=np.int64)
    for group in range(n_groups):
        mine = groups == group
        spots = lines[mine], columns[mine]
        found = count_pairs(x[spots], y[spots], epsilon)
        right[:, group] = sums_by(lines[mine], found.right, n_segments)
        sizes[:, group] = np.bincount(lines[mine], minlength=n_segments)
        ties[group] = found.human_ties, found.metric_ties
    n = sizes.sum(axis=0)
    total, pairs = right.sum(axis=0) / 2, n * (n - 1) / 2
    left = n - sizes
    without = ratio(total - right + inside, left * (left - 1) / 2)
    known = np.isfinite(without)
    return _Counted(
        ratio(total, pairs),
        ratio(ties[:, 0].astype(np.float64), pairs),
        ratio(np.where(known, without, 0.0).sum(axis=1), known.sum(axis=1).astype(np.float64)),
        int(pairs.sum()),
        int(ties[:, 0].sum()),
        int(ties[:, 1].sum()),
    )


def _bootstrap(
    shares: FloatArray, rng: np.random.Generator, level: float, resamples: int
) -> tuple[float, float]:
    if shares.size < 2:
        return NAN, NAN
    draws = [
        counts @ shares / shares.size for counts in bootstrap_chunks(shares.size, resamples, rng)
    ]
    _, low, high = percentile_interval(float(shares.mean()), np.concatenate(draws), level)
    return low, high
