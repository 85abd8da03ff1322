"""How alike the raters rate, per criterion: alpha at the scale's own level, and pairwise kappa."""

from typing import Any

import numpy as np

from metrics.analyses.frame import Frame
from metrics.analyses.settings import Settings
from metrics.statistics import Agreement, alpha_interval, mean_pairwise_kappa, rater_matrix

MOST_STEPS = 20  # a finer scale has no steps to count: kappa is for categories


def agreement_table(frame: Frame, settings: Settings) -> list[dict[str, Any]]:
    rows = []
    for criterion in dict.fromkeys([frame.protocol.main_criterion, *frame.protocol.criteria()]):
        chosen = _chosen(frame, criterion)
        values, raters = frame.value[chosen], frame.rater[chosen]
        units = _units(frame, chosen)
        rows.append(_alpha(frame, criterion, values, units, raters, settings))
        rows.append(_kappa(frame, criterion, values, units, raters, settings))
    return rows


def _chosen(frame: Frame, criterion: str) -> np.ndarray:
    """Rows of a criterion; of a comparison, only one side: the other is its mirror image."""
    chosen = frame.criterion == criterion
    if not frame.protocol.compares:
        return chosen
    first = np.full(int(frame.item.max(initial=-1)) + 1, len(frame.systems))
    np.minimum.at(first, frame.item, frame.system)
    sizes = np.zeros(len(first), dtype=int)
    for system in range(len(frame.systems)):
        sizes[np.unique(frame.item[frame.system == system])] += 1
    return chosen & ((sizes[frame.item] != 2) | (frame.system == first[frame.item]))


def _units(frame: Frame, chosen: np.ndarray) -> np.ndarray:
    """What was rated: an output; in a comparison, an output among the others of its item."""
    n_systems = len(frame.systems)
    if frame.protocol.compares:
        return frame.item[chosen] * n_systems + frame.system[chosen]
    return frame.segment[chosen] * n_systems + frame.system[chosen]


def _alpha(
    frame: Frame,
    criterion: str,
    values: np.ndarray,
    units: np.ndarray,
    raters: np.ndarray,
    settings: Settings,
) -> dict[str, Any]:
    found = alpha_interval(
        values,
        units,
        raters=raters,
        level=frame.protocol.level,
        rng=settings.rng("alpha", criterion),
        coverage=settings.coverage,
        resamples=settings.resamples,
    )
    return _row(criterion, found)


def _kappa(
    frame: Frame,
    criterion: str,
    values: np.ndarray,
    units: np.ndarray,
    raters: np.ndarray,
    settings: Settings,
) -> dict[str, Any]:
    weights = None if frame.protocol.level == "nominal" else "quadratic"
    steps = np.unique(values)
    level = weights or "unweighted"
    if steps.size > MOST_STEPS:
        reason = f"kappa is for scales of few steps; here {steps.size} different scores were given"
        nothing = Agreement(
            "pairwise_kappa", level, np.nan, np.nan, np.nan, 0, 0, len(values), reason
        )
        return _row(criterion, nothing)
    try:
        matrix, _, _ = rater_matrix(values, units, raters)
    except ValueError as problem:
        nothing = Agreement(
            "pairwise_kappa", level, np.nan, np.nan, np.nan, 0, 0, len(values), str(problem)
        )
        return _row(criterion, nothing)
    found = mean_pairwise_kappa(
        matrix,
        labels=_scale(steps),
        weights=weights,
        rng=settings.rng("kappa", criterion),
        coverage=settings.coverage,
        resamples=settings.resamples,
    )
    return _row(criterion, found)


def _scale(steps: np.ndarray) -> np.ndarray:
    """Every step between the lowest and highest used, where the scale counts in whole numbers."""
    if steps.size and np.array_equal(steps, np.round(steps)):
        return np.arange(steps[0], steps[-1] + 1)
    return steps


def _row(criterion: str, found: Agreement) -> dict[str, Any]:
    return {
        "criterion": criterion,
        "statistic": found.statistic,
        "level": found.level,
        "value": found.value,
        "low": found.low,
        "high": found.high,
        "n_units": found.n_units,
        "n_raters": found.n_raters,
        "n_ratings": found.n_ratings,
        "reason": found.reason or None,
        "method": found.method or None,
    }
