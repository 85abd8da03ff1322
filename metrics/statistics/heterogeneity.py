"""Does a difference between two systems depend on the domain?"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from metrics.statistics.types import NAN, FloatArray, IntArray, Significance

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
    if values.ndim != 1:
        raise ValueError(f"deltas must have one dimension, not {values.ndim}")
    return domain_tests(values[:, None], domains, rng=rng, resamples=resamples)[0]


def domain_tests(
    columns: ArrayLike, domains: ArrayLike, *, rng: np.random.Generator, resamples: int = 10_000
) -> list[Significance]:
    """`domain_test` of each column of (n, k) differences.

    Columns that miss the same segments see the same shuffles.
    """
    values, labels = np.asarray(columns, dtype=np.float64), np.asarray(domains)
    if values.ndim != 2 or labels.shape != values.shape[:1]:
        raise ValueError(f"{len(values)} differences but {labels.size} domains; give one each")
    known = np.isfinite(values)
    patterns, of_column = np.unique(known, axis=1, return_inverse=True)
    found = [Significance(NAN, NAN, 0)] * values.shape[1]
    for number, rows in enumerate(patterns.T):
        mine = np.flatnonzero(of_column.ravel() == number)
        tests = _alike(values[rows][:, mine], labels[rows], rng, resamples)
        for column, test in zip(mine, tests, strict=True):
            found[column] = test
    return found


def _alike(
    values: FloatArray, labels: np.ndarray, rng: np.random.Generator, resamples: int
) -> list[Significance]:
    """Tests of columns without a missing difference."""
    order = np.argsort(labels, kind="stable")
    names, codes, sizes = np.unique(labels[order], return_inverse=True, return_counts=True)
    n, n_columns = values.shape
    reason = "fewer than two domains" if len(names) < 2 else ""
    if not reason and n == len(names):
        reason = "no domain has two segments"
    if reason:
        return [Significance(NAN, NAN, n, reason)] * n_columns
    varies = np.ptp(values, axis=0) > 0
    centred = (values - values.mean(axis=0))[order]
    observed = _between(centred, codes[None, :], sizes)[0]
    hits = np.zeros(n_columns)
    step = max(1, CELLS_AT_ONCE // max(n, n_columns))
    for start in range(0, resamples, step):
        rows = np.repeat(codes[None, :], min(step, resamples - start), axis=0)
        shuffled = _between(centred, rng.permuted(rows, axis=1), sizes)
        hits += (shuffled >= observed * (1 - 1e-12)).sum(axis=0)
    p = (hits + 1) / (resamples + 1)
    flat = Significance(NAN, NAN, n, "all differences are equal")
    return [
        Significance(float(observed[k]), float(p[k]), n) if varies[k] else flat
        for k in range(n_columns)
    ]


def _between(values: FloatArray, codes: IntArray, sizes: IntArray) -> FloatArray:
    """(rows, k) sums of squares between the domains that each row of codes makes of the values.

    The columns of `values` have mean zero, so the last domain's sum follows from the others.
    """
    last = np.zeros((len(codes), values.shape[1]))
    squares = np.zeros_like(last)
    for domain, size in enumerate(sizes[:-1]):
        inside = (codes == domain).astype(np.float64) @ values
        squares += inside**2 / size
        last -= inside
    return np.asarray(squares + last**2 / sizes[-1])
