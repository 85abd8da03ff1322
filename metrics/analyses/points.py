"""A sample of outputs for the scatter figures: human score beside each metric's value."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from metrics.analyses.frame import Frame
from metrics.analyses.settings import Settings
from metrics.analyses.values import MetricValues

MOST = 400  # dots in a figure


def point_sample(
    frame: Frame, metrics: Sequence[MetricValues], settings: Settings
) -> list[dict[str, Any]]:
    """The same outputs for each metric where possible, drawn without regard to their scores."""
    judged = np.isfinite(frame.scores) & ~frame.is_human[None, :]
    order = settings.rng("points").permutation(frame.scores.size).reshape(frame.scores.shape)
    rows = []
    for metric in metrics:
        lines, columns = np.nonzero(judged & np.isfinite(metric.values))
        chosen = np.sort(np.argsort(order[lines, columns])[:MOST])
        for line, column in zip(lines[chosen], columns[chosen], strict=True):
            rows.append(
                {
                    "metric": metric.name,
                    "key": frame.segments[line].key,
                    "system": frame.systems[column],
                    "human": frame.scores[line, column],
                    "metric_value": metric.values[line, column],
                }
            )
    return rows
