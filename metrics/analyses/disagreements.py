"""Where a metric and the people part most: outputs, and segments of a pair of systems.

An output's gap is its rank among all outputs under the metric minus its rank under the people,
both as a share from 0 (worst) to 1 (best): +1 is "the metric's favourite that people like least".
A pair's gap compares signed ranks of the differences, from -1 to 1, and is halved.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
from scipy.stats import rankdata

from metrics.analyses.frame import FloatArray, Frame
from metrics.analyses.pairs import system_pairs
from metrics.analyses.settings import Settings
from metrics.analyses.values import MetricValues


def disagreement_table(
    frame: Frame, metrics: Sequence[MetricValues], settings: Settings
) -> list[dict[str, Any]]:
    """The widest gaps first, outputs then pairs, for each metric."""
    rows: list[dict[str, Any]] = []
    for metric in metrics:
        rows += _outputs(frame, metric, settings.most_disagreements)
        rows += _pairs(frame, metric, settings.most_disagreements)
    return rows


def standardised(frame: Frame) -> FloatArray:
    """People's scores on each rater's own scale where there are any, oriented."""
    z = frame.z_scores
    scores = z if np.isfinite(z).any() else frame.scores
    return frame.direction * np.where(np.isfinite(frame.scores), scores, np.nan)


def _outputs(frame: Frame, metric: MetricValues, most: int) -> list[dict[str, Any]]:
    human = standardised(frame)
    both = np.isfinite(human) & np.isfinite(metric.values) & ~frame.is_human[None, :]
    lines, columns = np.nonzero(both)
    if len(lines) < 2:
        return []
    people = _share(human[both])
    machine = _share(metric.direction * metric.values[both])
    gaps = machine - people
    rows = []
    for i in _widest(gaps, most):
        line, column = lines[i], columns[i]
        rows.append(
            {
                **_where(frame, metric, line),
                "system": frame.systems[column],
                "pair": None,
                "human": frame.scores[line, column],
                "human_z": frame.z_scores[line, column],
                "metric_value": metric.values[line, column],
                "human_rank": people[i],
                "metric_rank": machine[i],
                "gap": gaps[i],
            }
        )
    return rows


def _pairs(frame: Frame, metric: MetricValues, most: int) -> list[dict[str, Any]]:
    pairs = [(a, b) for a, b in system_pairs(frame) if not frame.is_human[[a, b]].any()]
    if not pairs:
        return []
    first, second = np.array(pairs).T
    human = np.stack([frame.deltas(a, b) for a, b in pairs], axis=1)
    values = metric.values[:, first] - metric.values[:, second]
    both = np.isfinite(human) & np.isfinite(values)
    lines, columns = np.nonzero(both)
    if len(lines) < 2:
        return []
    people = _signed_share(frame.direction * human[both])
    machine = _signed_share(metric.direction * values[both])
    gaps = (machine - people) / 2
    rows = []
    for i in _widest(gaps, most):
        line, column = lines[i], columns[i]
        rows.append(
            {
                **_where(frame, metric, line),
                "system": None,
                "pair": [frame.systems[first[column]], frame.systems[second[column]]],
                "human": human[line, column],
                "human_z": None,
                "metric_value": values[line, column],
                "human_rank": people[i],
                "metric_rank": machine[i],
                "gap": gaps[i],
            }
        )
    return rows


def _where(frame: Frame, metric: MetricValues, line: int) -> dict[str, Any]:
    place = frame.segments[line]
    return {
        "metric": metric.name,
        "key": place.key,
        "segment": place.pk,
        "domain": place.domain,
        "document": place.document,
    }


def _share(values: FloatArray) -> FloatArray:
    """Mid-ranks from 0 to 1."""
    return np.asarray((rankdata(values) - 1) / (len(values) - 1))


def _signed_share(deltas: FloatArray) -> FloatArray:
    """Signed mid-ranks of the sizes, from -1 to 1; equal texts are 0."""
    return np.asarray(np.sign(deltas) * rankdata(np.abs(deltas)) / len(deltas))


def _widest(gaps: FloatArray, most: int) -> np.ndarray:
    order = np.argsort(-np.round(np.abs(gaps), 12), kind="stable")[:most]
    return order[np.abs(gaps[order]) > 0]
