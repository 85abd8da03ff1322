"""Soft pairwise accuracy: is a metric as sure as the people of every difference of systems?"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from metrics.statistics.pairwise import score_matrices
from metrics.statistics.permutations import random_signs
from metrics.statistics.types import NAN, FloatArray


class SoftPairwise(NamedTuple):
    """Soft pairwise accuracy, 0 to 1, and the p-values behind it.

    `human_p` and `metric_p` are (systems, systems): [i, j] is small when system i is better than
    system j.  `n_segments` were scored by both sides for every system.
    """

    value: float
    n_pairs: int
    n_segments: int
    human_p: FloatArray
    metric_p: FloatArray
    reason: str = ""


def soft_pairwise_accuracy(
    human: ArrayLike, metric: ArrayLike, *, rng: np.random.Generator, resamples: int = 1000
) -> SoftPairwise:
    """1 minus the mean difference of the people's and the metric's p over pairs of systems.

    Parameters
    ----------
    human, metric : (segments, systems), higher = better; a segment with a missing (nan) score
        on either side is left out, so that all pairs see the same segments

    Returns
    -------
    SoftPairwise; with two systems its value is 1 - |p_human - p_metric|.  nan with a reason for
    fewer than two systems or no complete segment.  Both sides see the same sign flips.

    Source: Thompson et al. (2024), "Improving Statistical Significance in Human Evaluation of
    Automatic Metrics via Soft Pairwise Accuracy"; p as in `pairwise_p_values`.
    """
    x, y = score_matrices(human, metric)
    whole = np.isfinite(x).all(axis=1)
    x, y = x[whole], y[whole]
    n_segments, n_systems = x.shape
    left, right = np.triu_indices(n_systems, 1)
    if not n_segments or not left.size:
        nothing = np.full((n_systems, n_systems), NAN)
        reason = "fewer than two systems" if not left.size else "no segment has all its scores"
        return SoftPairwise(NAN, 0, n_segments, nothing, nothing, reason)
    human_p, metric_p = _p_values([x, y], rng, resamples)
    apart = np.abs(human_p[left, right] - metric_p[left, right])
    return SoftPairwise(1 - float(apart.mean()), left.size, n_segments, human_p, metric_p)


def pairwise_p_values(
    scores: ArrayLike, *, rng: np.random.Generator, resamples: int = 1000
) -> FloatArray:
    """One-sided paired permutation p that system i is better than system j, for all pairs.

    Parameters
    ----------
    scores : (segments, systems), higher = better; segments with a missing (nan) score are left out

    Returns
    -------
    (systems, systems), nan on the diagonal, p[i, j] + p[j, i] = 1; all nan without a segment.
    Mid-p with the data counted as one more permutation, (greater + equal / 2 + 1/2) /
    (resamples + 1): exactly tied systems get 1/2 in any order and no p is 0 or 1.

    One draw of signs serves all pairs: the flipped sum of a difference is the difference of two
    flipped sums.  Source: Thompson et al. (2024); Lancaster (1961) for mid-p.
    """
    (values,) = score_matrices(scores)
    values = values[np.isfinite(values).all(axis=1)]
    if not len(values):
        return np.full((values.shape[1], values.shape[1]), NAN)
    return _p_values([values], rng, resamples)[0]


def _p_values(
    sides: list[FloatArray], rng: np.random.Generator, resamples: int
) -> list[FloatArray]:
    n_segments, n_systems = sides[0].shape
    left, right = np.triu_indices(n_systems, 1)
    # Subtracting each segment's mean changes no difference and keeps the sums small.
    columns = np.hstack([side - side.mean(axis=1, keepdims=True) for side in sides])
    starts = np.arange(len(sides))[:, None] * n_systems
    i, j = (starts + left).ravel(), (starts + right).ravel()
    observed = columns.sum(axis=0)
    # Sums of the same numbers in another order differ in the last bits: count those as equal.
    size = np.abs(columns).sum(axis=0)
    slack = 1e-12 * (size[i] + size[j])
    delta = observed[i] - observed[j]
    score = np.full(len(i), 0.5)
    for signs in random_signs(n_segments, resamples, rng):
        flipped = signs @ columns
        beyond = flipped[:, i] - flipped[:, j] - delta
        score += (beyond > slack).sum(axis=0) + (np.abs(beyond) <= slack).sum(axis=0) / 2
    p = (score / (resamples + 1)).reshape(len(sides), -1)
    return [_square(values, left, right, n_systems) for values in p]


def _square(values: FloatArray, left: np.ndarray, right: np.ndarray, n: int) -> FloatArray:
    p = np.full((n, n), NAN)
    p[left, right] = values
    p[right, left] = 1 - values
    return p
