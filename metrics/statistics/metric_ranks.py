"""Ranks of metrics that share a place unless a test tells them apart, as WMT's metrics tasks."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np


def metric_clusters(
    values: Mapping[str, float],
    p_values: Mapping[tuple[str, str], float],
    *,
    alpha: float = 0.05,
) -> list[list[str]]:
    """Metrics in clusters, best first.

    Going down the metrics from the highest value, one opens a new cluster when it differs
    significantly from any that is already in the current one.

    Parameters
    ----------
    values : metric -> how well it follows the people, higher is better; nan leaves it out
    p_values : (metric, other) in either order -> p of their difference, corrected where several
        were tested; one that is missing or nan tells nothing apart

    Source: Freitag et al. (2022), "Results of WMT22 Metrics Shared Task", sec. 6.
    """
    ordered = sorted(
        (name for name, value in values.items() if np.isfinite(value)),
        key=lambda name: (-values[name], name),
    )
    clusters: list[list[str]] = []
    for name in ordered:
        current = clusters[-1] if clusters else []
        if not current or any(_p(p_values, name, other) < alpha for other in current):
            clusters.append([])
        clusters[-1].append(name)
    return clusters


def _p(p_values: Mapping[tuple[str, str], float], one: str, two: str) -> float:
    p = p_values.get((one, two), p_values.get((two, one), 1.0))
    return 1.0 if np.isnan(p) else p
