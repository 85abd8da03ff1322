"""Rater z-scores, system means and clusters of systems, as WMT's direct assessment has them."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import ArrayLike

from metrics.statistics.significance import rank_sum_test
from metrics.statistics.types import NAN, RaterScale, RaterZ, SystemMean


def rater_z_scores(scores: ArrayLike, raters: ArrayLike) -> RaterZ:
    """Put every person on one scale: (score - their mean) / their standard deviation (n-1).

    Valid only where people saw comparable items; with few or unequal items it removes real
    differences between systems (Riley et al., 2024).

    Parameters
    ----------
    scores : (n,) in the protocol's unit; nan stays nan and is not counted
    raters : (n,) the person behind each score

    Returns
    -------
    RaterZ(z, raters): a person with one rating, or who gave all the same, has nan z-scores and a
    reason beside their name.

    Source: Graham et al. (2013); reproduces WMT21's published values.
    """
    values = np.asarray(scores, dtype=np.float64)
    names, codes = np.unique(np.asarray(raters), return_inverse=True)
    if codes.shape != values.shape:
        raise ValueError(f"{values.size} scores but {codes.size} raters; give one rater per score")
    z = np.full(values.shape, NAN)
    scales = []
    for code, name in enumerate(names):
        mine = (codes == code) & np.isfinite(values)
        scale = _scale(str(name), values[mine])
        scales.append(scale)
        if not scale.reason:
            z[mine] = (values[mine] - scale.mean) / scale.sd
    return RaterZ(z, tuple(scales))


def system_means(scores: ArrayLike, systems: ArrayLike) -> list[SystemMean]:
    """The mean score of every system, highest first; nan scores are left out.

    A system without a score has a nan mean and comes last; equal means go by name.
    """
    values = np.asarray(scores, dtype=np.float64)
    labels = np.asarray(systems)
    if labels.shape != values.shape:
        raise ValueError(f"{values.size} scores but {labels.size} systems; give one per score")
    means = []
    for name in np.unique(labels):
        mine = values[(labels == name) & np.isfinite(values)]
        means.append(SystemMean(str(name), float(mine.mean()) if mine.size else NAN, mine.size))
    return sorted(means, key=lambda m: (np.isnan(m.mean), -m.mean, m.system))


def clusters(scores: Mapping[str, ArrayLike], *, alpha: float = 0.05) -> list[list[str]]:
    """Group systems, best first, so that all of one group beat all of the next.

    A line is drawn below a system only if every system above the line is better than every
    system below it by a one-sided rank-sum test at `alpha`.

    Parameters
    ----------
    scores : system -> its scores (usually z-scores), higher is better

    Source: the rule of the WMT findings papers, e.g. Akhbardeh et al. (2021), sec. 3.
    """
    flat = np.concatenate([np.asarray(v, dtype=np.float64).ravel() for v in scores.values()])
    labels = np.repeat(list(scores), [np.size(v) for v in scores.values()])
    order = [m.system for m in system_means(flat, labels)]
    beats = {
        (a, b): rank_sum_test(scores[a], scores[b]).p < alpha
        for i, a in enumerate(order)
        for b in order[i + 1 :]
    }
    groups: list[list[str]] = []
    for i, name in enumerate(order):
        if i == 0 or all(beats[a, b] for a in order[:i] for b in order[i:]):
            groups.append([])
        groups[-1].append(name)
    return groups


def _scale(name: str, values: np.ndarray) -> RaterScale:
    n = values.size
    if n < 2:
        return RaterScale(name, float(values.mean()) if n else NAN, NAN, n, "fewer than 2 ratings")
    if np.ptp(values) == 0:
        return RaterScale(name, float(values[0]), 0.0, n, "gave every item the same score")
    return RaterScale(name, float(values.mean()), float(values.std(ddof=1)), n)
