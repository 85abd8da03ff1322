"""McNemar's exact test: did one of two classifiers get right what the other got wrong?"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike
from scipy import stats

from metrics.statistics.types import NAN, Significance


def mcnemar_exact(first: ArrayLike, second: ArrayLike) -> Significance:
    """Two-sided exact McNemar test that two classifiers are right equally often.

    Parameters
    ----------
    first, second : (items,) 1 where right, 0 where wrong, of the same items in the same order

    Returns
    -------
    Significance: `statistic` is the number of items that only the second got right, `n` the
    number that exactly one got right. p is nan, with the reason, where there is none.

    Raises ValueError where the lengths differ.

    Source: McNemar (1947), in the exact binomial form of Liddell (1983).
    """
    a, b = np.asarray(first, dtype=bool), np.asarray(second, dtype=bool)
    if a.shape != b.shape:
        raise ValueError(f"{a.size} answers of the first but {b.size} of the second")
    gained, lost = int((b & ~a).sum()), int((a & ~b).sum())
    n = gained + lost
    if n == 0:
        return Significance(0.0, NAN, 0, "both are right on the same items")
    return Significance(float(gained), float(stats.binomtest(gained, n, 0.5).pvalue), n)
