"""How alike the raters rate, per criterion: alpha at the scale's own level, kappa, and others."""

from typing import Any

from metrics.analyses.frame import Frame
from metrics.analyses.further_agreement import further, nothing
from metrics.analyses.judged import Judged, criteria_of, judged, weights_of
from metrics.analyses.settings import Settings
from metrics.statistics import Agreement, alpha_interval, mean_pairwise_kappa, rater_matrix


def agreement_table(frame: Frame, settings: Settings) -> list[dict[str, Any]]:
    rows = []
    for criterion in criteria_of(frame):
        given = judged(frame, criterion)
        rows.append(_row(criterion, _alpha(frame, given, settings)))
        rows.append(_row(criterion, _kappa(frame, given, settings)))
        rows += [_row(criterion, found) for found in further(frame, given, settings)]
    return rows


def main_alpha(frame: Frame, settings: Settings) -> dict[str, Any]:
    """The row of alpha in the main criterion alone."""
    criterion = frame.protocol.main_criterion
    return _row(criterion, _alpha(frame, judged(frame, criterion), settings))


def _alpha(frame: Frame, given: Judged, settings: Settings) -> Agreement:
    return alpha_interval(
        given.values,
        given.units,
        raters=given.raters,
        level=frame.protocol.level,
        rng=settings.rng("alpha", given.criterion),
        coverage=settings.coverage,
        resamples=settings.resamples,
    )


def _kappa(frame: Frame, given: Judged, settings: Settings) -> Agreement:
    weights = weights_of(frame)
    level = weights or "unweighted"
    labels = given.labels
    if labels is None:
        return nothing("pairwise_kappa", level, given, given.why_no_labels)
    try:
        matrix, _, _ = rater_matrix(given.values, given.units, given.raters)
    except ValueError as problem:
        return nothing("pairwise_kappa", level, given, str(problem))
    return mean_pairwise_kappa(
        matrix,
        labels=labels,
        weights=weights,
        rng=settings.rng("kappa", given.criterion),
        coverage=settings.coverage,
        resamples=settings.resamples,
    )


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
