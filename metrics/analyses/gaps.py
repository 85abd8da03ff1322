"""Each output's standing with the people and under a metric, and the gap between the two.

The same ranks as in the table of disagreements: among the outputs that have both a score from
people and the metric's value, 0 worst to 1 best; texts that people wrote take no part.
"""

from typing import NamedTuple

import numpy as np

from metrics.analyses.disagreements import standardised
from metrics.analyses.frame import FloatArray, Frame, IntArray
from metrics.analyses.values import MetricValues
from metrics.statistics import quadrants
from metrics.statistics.gap import shares

BANDS = ("short", "middle", "long")


class Gap(NamedTuple):
    """(segments, systems) each; nan, and quadrant -1, where a side is unknown."""

    people: FloatArray  # rank 0-1
    machine: FloatArray  # the metric's rank 0-1
    gap: FloatArray  # machine - people, -1 to 1
    quadrant: IntArray  # position in metrics.statistics.QUADRANTS


def gap_of(frame: Frame, metric: MetricValues) -> Gap:
    human, values = standardised(frame), metric.direction * metric.values
    both = np.isfinite(human) & np.isfinite(values) & ~frame.is_human[None, :]
    people = shares(np.where(both, human, np.nan))
    machine = shares(np.where(both, values, np.nan))
    return Gap(people, machine, machine - people, quadrants(people, machine))


def people_rank(frame: Frame) -> FloatArray:
    """(segments, systems) rank 0-1 among all outputs that people judged, persons' texts apart."""
    return shares(np.where(frame.is_human[None, :], np.nan, standardised(frame)))


def length_bands(lengths: FloatArray) -> IntArray:
    """Which third each length belongs to, 0-2 as in `BANDS`; equal lengths share a third."""
    if not len(lengths):
        return np.zeros(0, dtype=np.int64)
    return np.searchsorted(np.quantile(lengths, [1 / 3, 2 / 3]), lengths).astype(np.int64)
