"""Does each metric follow the people? Segment by segment, and system by system.

Both sides are oriented so that higher is better. Texts written by people are left out: a metric
that compares with a reference cannot judge the reference.
"""

from collections.abc import Iterator, Sequence
from typing import Any, get_args

import numpy as np

from metrics.analyses.frame import Frame
from metrics.analyses.settings import Settings
from metrics.analyses.sides import about, oriented, people
from metrics.analyses.values import MetricValues
from metrics.statistics import (
    Correlation,
    correlation_intervals,
    kendall_c_interval,
    system_correlation_interval,
)
from metrics.statistics.correlation import Grouping, Statistic


def correlation_table(
    frame: Frame, metrics: Sequence[MetricValues], settings: Settings
) -> list[dict[str, Any]]:
    """Metric by metric: segment by segment in every grouping, then system by system."""
    rows: dict[str, list[dict[str, Any]]] = {metric.name: [] for metric in metrics}
    for metric, row in _by_segment(frame, metrics, settings) if metrics else ():
        rows[metric.name].append(row)
    for metric in metrics:
        rows[metric.name] += _tau_c(frame, metric, settings)
        rows[metric.name] += _by_system(frame, metric, settings)
    return [row for metric in metrics for row in rows[metric.name]]


def _by_segment(
    frame: Frame, metrics: Sequence[MetricValues], settings: Settings
) -> Iterator[tuple[MetricValues, dict[str, Any]]]:
    """All metrics at once, so that they see the same drawn segments."""
    lines, columns = np.nonzero(~frame.is_human[None, :] & np.isfinite(frame.compared))
    human = frame.compared[lines, columns]
    values = [metric.direction * metric.values[lines, columns] for metric in metrics]
    for grouping in get_args(Grouping):
        for statistic in get_args(Statistic):
            found = correlation_intervals(
                human,
                values,
                lines,
                columns,
                statistic=statistic,
                grouping=grouping,
                rng=settings.rng("correlation", grouping, statistic),
                level=settings.coverage,
                resamples=settings.resamples,
            )
            for metric, one in zip(metrics, found, strict=True):
                yield metric, _row(frame, metric, "segment", one)


def _tau_c(frame: Frame, metric: MetricValues, settings: Settings) -> Iterator[dict[str, Any]]:
    for grouping in get_args(Grouping):
        found = kendall_c_interval(
            people(frame),
            oriented(metric),
            grouping=grouping,
            rng=settings.rng("correlation", grouping, "kendall_c"),
            level=settings.coverage,
            resamples=settings.resamples,
        )
        yield _row(frame, metric, "segment", found)


def _by_system(frame: Frame, metric: MetricValues, settings: Settings) -> Iterator[dict[str, Any]]:
    systems = np.flatnonzero(~frame.is_human & metric.known.any(axis=0))
    human = frame.compared[:, systems]
    for statistic in get_args(Statistic):
        if len(human):
            found = system_correlation_interval(
                human,
                metric.of_counts(systems),
                statistic=statistic,
                rng=settings.rng("systems", metric.name, statistic),
                level=settings.coverage,
                resamples=settings.resamples,
            )
            yield _row(frame, metric, "system", found)


def _row(frame: Frame, metric: MetricValues, level: str, found: Correlation) -> dict[str, Any]:
    return about(metric, segment=level == "segment") | {
        "level": level,
        "grouping": found.grouping,
        "statistic": found.statistic,
        "human": frame.compared_with,
        "value": found.value,
        "low": found.low,
        "high": found.high,
        "n": found.n,
        "n_groups": found.n_groups,
        "reason": found.reason or None,
        "method": found.method or None,
    }
