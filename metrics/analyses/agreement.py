"""How alike the raters rate, per criterion: alpha at the scale's own level, and pairwise kappa."""

from typing import Any

import numpy as np

from metrics.analyses.frame import PREFERENCE, Frame
from metrics.analyses.settings import Settings
from metrics.statistics import Agreement, alpha_interval, mean_pairwise_kappa, rater_matrix

MOST_STEPS = 20  # a finer scale has no steps to count: kappa is for categories


def agreement_table(frame: Frame, settings: Settings) -> list[dict[str, Any]]:
    rows = []
    for criterion in dict.fromkeys([frame.protocol.main_criterion, *frame.protocol.criteria()]):
        chosen = _chosen(frame, criterion)
        values, raters = frame.value[chosen], frame.rater[chosen]
        units = _units(frame, chosen, criterion)
        rows.append(_alpha(frame, criterion, values, units, raters, settings))
        rows.append(_kappa(frame, criterion, values, units, raters, settings))
    return rows


def main_alpha(frame: Frame, settings: Settings) -> dict[str, Any]:
    """The row of alpha in the main criterion alone."""
    criterion = frame.protocol.main_criterion
    chosen = _chosen(frame, criterion)
    units = _units(frame, chosen, criterion)
    return _alpha(frame, criterion, frame.value[chosen], units, frame.rater[chosen], settings)


def _chosen(frame: Frame, criterion: str) -> np.ndarray:
    """Rows of a criterion, each judgement once: a preference is also its mirror image, and one
    score may be credited to several outputs that read the same."""
    chosen = frame.criterion == criterion
    if not _by_item(frame, criterion):
        return chosen
    _, place = np.unique(frame.item, return_inverse=True)
    first = np.full(int(place.max(initial=-1)) + 1, len(frame.systems))
    np.minimum.at(first, place, frame.system)
    return chosen & (frame.system == first[place])


def _units(frame: Frame, chosen: np.ndarray, criterion: str) -> np.ndarray:
    """What was judged: an item, or each output among the others of its item."""
    if _by_item(frame, criterion):
        return frame.item[chosen]
    return frame.item[chosen] * len(frame.systems) + frame.system[chosen]


def _by_item(frame: Frame, criterion: str) -> bool:
    return criterion == PREFERENCE or not frame.protocol.compares


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
        labels=scale_of(steps),
        weights=weights,
        rng=settings.rng("kappa", criterion),
        coverage=settings.coverage,
        resamples=settings.resamples,
    )
    return _row(criterion, found)


def scale_of(steps: np.ndarray) -> np.ndarray:
    """Every step between the lowest and highest used, where all are multiples of the smallest."""
    if steps.size < 2:
        return steps
    step = float(np.diff(steps).min())
    if np.array_equal(steps, np.round(steps)):
        step = min(step, 1.0)
    places = np.round((steps - steps[0]) / step).astype(int)
    whole = steps[0] + step * np.arange(places[-1] + 1)
    if not np.allclose(whole[places], steps, atol=1e-9) or whole.size > MOST_STEPS:
        return steps
    whole[places] = steps  # exactly the values given
    return whole


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
