"""In how many pairs does a metric see what people see?  Pairs of outputs, and pairs of systems.

`acc_eq` counts pairs of outputs and lets a metric tie; pairwise accuracy counts pairs of systems,
and soft pairwise accuracy asks whether a metric is as sure of each as the people are.
"""

from collections.abc import Iterator, Sequence
from typing import Any, get_args

import numpy as np

from metrics.analyses.frame import FloatArray, Frame
from metrics.analyses.settings import Settings
from metrics.analyses.sides import about, oriented, people
from metrics.analyses.values import MetricValues
from metrics.statistics import (
    SystemPairs,
    acc_eq_interval,
    pairwise_accuracy_interval,
    soft_pairwise_interval,
)
from metrics.statistics.correlation import Grouping


def accuracy_table(
    frame: Frame, metrics: Sequence[MetricValues], settings: Settings
) -> list[dict[str, Any]]:
    """Rows of each metric: acc_eq in every grouping, then the two accuracies over systems."""
    human = people(frame)
    if not len(human):
        return []
    return [
        row
        for metric in metrics
        for row in (
            *_by_segment(frame, human, metric, settings),
            *_by_system(frame, human, metric, settings),
        )
    ]


def _by_segment(
    frame: Frame, human: FloatArray, metric: MetricValues, settings: Settings
) -> Iterator[dict[str, Any]]:
    for grouping in get_args(Grouping):
        found = acc_eq_interval(
            human,
            oriented(metric),
            grouping=grouping,
            rng=settings.rng("acc_eq", grouping),
            level=settings.coverage,
            resamples=settings.resamples,
            most_pairs=settings.calibration_pairs,
        )
        both = np.isfinite(human) & np.isfinite(metric.values)
        yield about(metric) | {
            "level": "segment",
            "grouping": grouping,
            "statistic": "acc_eq",
            "human": frame.compared_with,
            "value": found.value,
            "low": found.low,
            "high": found.high,
            "epsilon": found.epsilon,
            "human_ties": found.human_ties,
            "metric_ties": found.metric_ties,
            "constant": found.constant,
            "coin": found.coin,
            "n": int(both.sum()),
            "n_pairs": found.n_pairs,
            "n_groups": found.n_groups,
            "reason": found.reason or None,
            "method": found.method or None,
        }


def _by_system(
    frame: Frame, human: FloatArray, metric: MetricValues, settings: Settings
) -> Iterator[dict[str, Any]]:
    systems = np.flatnonzero(~frame.is_human & metric.known.any(axis=0))
    accuracy = pairwise_accuracy_interval(
        human[:, systems],
        metric.of_counts(systems),
        rng=settings.rng("pairwise accuracy"),
        level=settings.coverage,
        resamples=settings.resamples,
    )
    yield _system_row(frame, metric, accuracy, segment=False)
    judged = np.flatnonzero(np.isfinite(human).any(axis=0) & metric.known.any(axis=0))
    soft, _ = soft_pairwise_interval(
        human[:, judged],
        oriented(metric)[:, judged],
        rng=settings.rng("soft pairwise accuracy"),
        level=settings.coverage,
        resamples=settings.metric_permutations,
    )
    yield _system_row(frame, metric, soft, segment=True)


def _system_row(
    frame: Frame, metric: MetricValues, found: SystemPairs, *, segment: bool
) -> dict[str, Any]:
    empty = dict.fromkeys(
        ("epsilon", "human_ties", "metric_ties", "constant", "coin"),
    )
    return (
        about(metric, segment=segment)
        | {
            "level": "system",
            "grouping": "none",
            "statistic": found.statistic,
            "human": frame.compared_with,
            "value": found.value,
            "low": found.low,
            "high": found.high,
        }
        | empty
        | {
            "n": found.n,
            "n_pairs": found.n_pairs,
            "n_groups": int(found.n_pairs > 0),
            "reason": found.reason or None,
            "method": found.method or None,
        }
    )
