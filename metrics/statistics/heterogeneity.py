"""Does a difference between two systems depend on the domain?"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from metrics.statistics.types import NAN, FloatArray, Significance

CELLS_AT_ONCE = 4_000_000


def domain_test(
    deltas: ArrayLike, domains: ArrayLike, *, rng: np.random.Generator, resamples: int = 10_000
) -> Significance:
    """Permutation test that the mean difference is the same in every domain.

    Parameters
    ----------
    deltas : (n,) one difference per segment; nan is left out
    domains : (n,) the domain of each segment

    Returns
    -------
    Significance: the sum of squares between domains, and p = (c + 1) / (resamples + 1), c
    shuffles of the domain labels with at least that sum.  Not defined with fewer than two
    domains, no domain of two segments, or differences that are all equal.

    Source: Edgington and Onghena (2007), ch. 4 (one-way layout).
    """
    values = np.asarray(deltas, dtype=np.float64)
    labels = np.asarray(domains)
    if values.ndim != 1 or labels.shape != values.shape:
        raise ValueError(f"{values.size} differences but {labels.size} domains; give one each")
    known = np.isfinite(values)
    values, labels = values[known], labels[known]
    order = np.argsort(labels, kind="stable")
    values = values[order]
    names, sizes = np.unique(labels, return_counts=True)
    if len(names) < 2:
        return Significance(NAN, NAN, values.size, "fewer than two domains")
    if values.size == len(names):
        return Significance(NAN, NAN, values.size, "no domain has two segments")
    if np.ptp(values) == 0:
        return Significance(NAN, NAN, values.size, "all differences are equal")
    values = values - values.mean()
    observed = float(_between(values[None, :], sizes)[0])
    hits = 0
    step = max(1, CELLS_AT_ONCE // values.size)
    for start in range(0, resamples, step):
        rows = np.repeat(values[None, :], min(step, resamples - start), axis=0)
        shuffled = _between(rng.permuted(rows, axis=1), sizes)
        hits += int((shuffled >= observed * (1 - 1e-12)).sum())
    return Significance(observed, (hits + 1) / (resamples + 1), values.size)


def _between(rows: FloatArray, sizes: np.ndarray) -> FloatArray:
    """Sum of squares between domains of each row; rows have mean zero, domains lie together."""
    starts = np.cumsum(sizes) - sizes
    return np.asarray((np.add.reduceat(rows, starts, axis=1) ** 2 / sizes).sum(axis=1))
