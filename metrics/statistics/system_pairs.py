"""Pairs of systems: does a metric order them as people do, and is it as sure?  With intervals."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import ndtr

from metrics.statistics.intervals import bootstrap_chunks, percentile_interval, ratio
from metrics.statistics.jackknife import logit_jackknife
from metrics.statistics.pairwise import score_matrices
from metrics.statistics.soft_pairwise import SoftPairwise, soft_pairwise_accuracy
from metrics.statistics.system_level import FEWEST_SYSTEMS, ScoreOfCounts, pairwise_accuracy
from metrics.statistics.types import NAN, FloatArray


class SystemPairs(NamedTuple):
    """A share of pairs of systems; `n` systems, `n_segments` that were drawn."""

    statistic: str
    value: float
    low: float
    high: float
    n: int
    n_pairs: int
    n_segments: int
    reason: str = ""
    method: str = ""


def pairwise_accuracy_interval(
    human: ArrayLike,
    metric: ScoreOfCounts,
    *,
    rng: np.random.Generator,
    level: float = 0.95,
    resamples: int = 1000,
) -> SystemPairs:
    """`pairwise_accuracy` of segment means and corpus scores, bootstrap over segments.

    Parameters
    ----------
    human : (segments, systems), higher = better, nan where not rated
    metric : from (samples, segments) counts to (samples, systems) scores, higher = better

    Returns
    -------
    SystemPairs; nan with a reason for fewer than four systems, as for a correlation over systems.
    """
    ratings = np.asarray(human, dtype=np.float64)
    known = np.isfinite(ratings)
    filled, present = np.where(known, ratings, 0.0), known.astype(np.float64)
    once = np.ones((1, len(ratings)))
    means, scores = ratio(once @ filled, once @ present)[0], metric(once)[0]
    kept = np.flatnonzero(np.isfinite(means) & np.isfinite(scores))
    n_segments = int(known.any(axis=1).sum())
    value, _, n_pairs = pairwise_accuracy(means, scores)
    found = SystemPairs("pairwise_accuracy", NAN, NAN, NAN, kept.size, n_pairs, n_segments)
    if kept.size < FEWEST_SYSTEMS:
        systems = "1 system" if kept.size == 1 else f"{kept.size} systems"
        reason = f"{systems} with both scores; at least {FEWEST_SYSTEMS} are needed"
        return found._replace(reason=reason)
    left, right = (kept[side] for side in np.triu_indices(kept.size, 1))
    draws = []
    for counts in bootstrap_chunks(len(ratings), resamples, rng):
        sides = ratio(counts @ filled, counts @ present), metric(counts)
        orders = [np.sign(side[:, left] - side[:, right]) for side in sides]
        draws.append((orders[0] == orders[1]).mean(axis=1))
    _, low, high = percentile_interval(value, np.concatenate(draws), level)
    method = f"bootstrap over segments, {resamples} resamples"
    return found._replace(value=value, low=low, high=high, method=method)


def soft_pairwise_interval(
    human: ArrayLike,
    metric: ArrayLike,
    *,
    rng: np.random.Generator,
    level: float = 0.95,
    resamples: int = 1000,
) -> tuple[SystemPairs, SoftPairwise]:
    """`soft_pairwise_accuracy` with an interval: delete-one-segment jackknife of the log-odds.

    Parameters
    ----------
    human, metric : as in `soft_pairwise_accuracy`;  resamples : sign flips of its p-values

    Returns
    -------
    SystemPairs, and what `soft_pairwise_accuracy` gives.  The interval's p-values come from the
    normal curve: a bootstrap would add its own noise to every p and lie below the value.
    """
    found = soft_pairwise_accuracy(human, metric, rng=rng, resamples=resamples)
    n_systems = len(found.human_p)
    nothing = SystemPairs(
        "soft_pairwise_accuracy",
        found.value,
        NAN,
        NAN,
        n_systems,
        found.n_pairs,
        found.n_segments,
        found.reason,
    )
    if found.reason:
        return nothing, found
    x, y = score_matrices(human, metric)
    whole = np.isfinite(x).all(axis=1)
    human_p, metric_p = _without_each(x[whole]), _without_each(y[whole])
    left_out = 1 - np.abs(human_p - metric_p).mean(axis=1)
    low, high = logit_jackknife(found.value, left_out, level)
    reason = "no interval: too few segments or no difference" if np.isnan(low) else ""
    method = (
        f"{found.n_segments} of {len(x)} segments have all scores; {resamples} sign flips; "
        "jackknife over segments, log-odds, p by the normal curve"
    )
    return nothing._replace(low=low, high=high, reason=reason, method=method), found


def _without_each(scores: FloatArray) -> FloatArray:
    """(segments, pairs) one-sided p of each pair of systems without each of the segments."""
    left, right = np.triu_indices(scores.shape[1], 1)
    deltas = scores[:, left] - scores[:, right]
    sums, squares = deltas.sum(axis=0) - deltas, (deltas**2).sum(axis=0) - deltas**2
    z = np.zeros_like(sums)
    np.divide(sums, np.sqrt(np.maximum(squares, 0.0)), out=z, where=squares > 0)
    return np.asarray(ndtr(-z))
