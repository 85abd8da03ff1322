"""The two sides that are held against each other, both oriented so that higher is better."""

from typing import Any

import numpy as np

from metrics.analyses.baselines import is_baseline
from metrics.analyses.frame import FloatArray, Frame
from metrics.analyses.values import MetricValues


def people(frame: Frame) -> FloatArray:
    """(segments, systems) people's scores; nan for texts that people wrote.

    A metric that compares with a reference cannot judge the reference.
    """
    return np.where(frame.is_human[None, :], np.nan, frame.compared)


def oriented(metric: MetricValues) -> FloatArray:
    """(segments, systems) the metric's values, higher = better."""
    return metric.direction * metric.values


def about(metric: MetricValues, *, segment: bool = True) -> dict[str, Any]:
    """The cells that say which metric, and which recipe, a row is of."""
    return {
        "metric": metric.name,
        "signature": metric.segment_signature if segment else metric.signature,
        "is_baseline": is_baseline(metric.name),
    }
