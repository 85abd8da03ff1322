"""Which trials no other beats in everything. Numbers only, no Django."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike


def pareto_front(points: ArrayLike, greater_is_better: Sequence[bool]) -> np.ndarray:
    """Whether each point is on the front: no other is as good in all and better in one.

    points : (n, k), finite;  greater_is_better : for each of the k columns

    Returns
    -------
    (n,) of bool; equal points are on the front together

    Raises
    ------
    ValueError
        Shapes differ, or a number is not finite: leave such points out first and say how many.
    """
    p = np.asarray(points, dtype=float)
    if p.ndim != 2 or p.shape[1] != len(greater_is_better) or not np.all(np.isfinite(p)):
        raise ValueError("points must be rows of finite numbers, one for each direction")
    p = p * np.where(greater_is_better, 1.0, -1.0)
    as_good = np.all(p[:, None, :] >= p[None, :, :], axis=2)
    better = np.any(p[:, None, :] > p[None, :, :], axis=2)
    return np.asarray(~np.any(as_good & better, axis=0))
