"""Mean differences of two systems over the segments, with intervals and tests."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from metrics.analyses.frame import FloatArray
from metrics.analyses.settings import Settings
from metrics.analyses.values import MetricValues
from metrics.statistics import holm, mean_intervals, sign_flip_test


class Column(NamedTuple):
    """Differences of one pair of systems under the people (metric None) or a metric."""

    a: int
    b: int
    metric: MetricValues | None
    deltas: FloatArray  # (segments,)


class Tested(NamedTuple):
    n: int
    delta: float
    low: float
    high: float
    p: float
    adjusted: float


def tested_columns(
    columns: Sequence[Column], settings: Settings, name: str
) -> list[tuple[Column, Tested]]:
    """Intervals by drawing segments, p-values by flipping signs, Holm over pairs."""
    if not columns:
        return []
    deltas = np.stack([column.deltas for column in columns], axis=1)
    n = np.isfinite(deltas).sum(axis=0)
    if len(deltas) >= 2:
        intervals = mean_intervals(
            deltas,
            rng=settings.rng(name, "interval"),
            level=settings.coverage,
            resamples=settings.resamples,
        )
    else:
        intervals = [(d, np.nan, np.nan) for d in deltas.sum(axis=0)]
    p = sign_flip_test(deltas, rng=settings.rng(name, "test"), resamples=settings.permutations)
    adjusted = _adjusted(columns, p)
    return [
        (column, Tested(int(n[i]), *map(float, intervals[i]), float(p[i]), float(adjusted[i])))
        for i, column in enumerate(columns)
    ]


def _adjusted(columns: Sequence[Column], p: FloatArray) -> FloatArray:
    """Holm's correction within the people's tests and within each metric's."""
    names = np.array([column.metric.name if column.metric else "" for column in columns])
    out = np.empty(len(p))
    for name in set(names.tolist()):
        out[names == name] = holm(p[names == name])
    return out
