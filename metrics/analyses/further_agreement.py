"""What stands beside alpha and kappa: intraclass correlations, Fleiss, Gwet, percent agreement."""

from collections.abc import Iterator

import numpy as np

from metrics.analyses.frame import PREFERENCE, Frame
from metrics.analyses.judged import Judged, weights_of
from metrics.analyses.settings import Settings
from metrics.statistics import (
    Agreement,
    fleiss_kappa,
    gwet_ac,
    icc,
    percent_agreement_interval,
    rater_matrix,
)

# McGraw and Wong's names: agreement (A) or consistency (C), of one rating or of the mean of k
FORMS = {"A,1": "2,1", "A,k": "2,k", "1,1": "1,1", "C,1": "3,1"}


def further(frame: Frame, given: Judged, settings: Settings) -> Iterator[Agreement]:
    """Intraclass correlations of scores; statistics of categories where steps can be counted."""
    if frame.protocol.level != "nominal" and given.criterion != PREFERENCE:
        yield from _iccs(given, settings)
    if given.labels is not None and given.steps.size:
        yield from _by_category(frame, given, settings)


def _iccs(given: Judged, settings: Settings) -> Iterator[Agreement]:
    if not given.values.size:
        yield from (nothing("icc", name, given, "no unit has two ratings") for name in FORMS)
        return
    try:
        matrix, _, _ = rater_matrix(given.values, given.units, given.raters)
    except ValueError as problem:
        yield from (nothing("icc", name, given, str(problem)) for name in FORMS)
        return
    for name, form in FORMS.items():
        found = icc(
            matrix,
            form=form,
            coverage=settings.coverage,
            rng=settings.rng("icc", given.criterion, name),
            resamples=settings.resamples,
        )
        yield found._replace(level=name)


def _by_category(frame: Frame, given: Judged, settings: Settings) -> Iterator[Agreement]:
    weights = weights_of(frame)
    for name, statistic in (("fleiss", fleiss_kappa), ("gwet", gwet_ac)):
        yield statistic(
            given.values,
            given.units,
            raters=given.raters,
            labels=given.labels,
            weights=weights,
            rng=settings.rng(name, given.criterion),
            coverage=settings.coverage,
            resamples=settings.resamples,
        )
    yield percent_agreement_interval(
        given.values,
        given.units,
        raters=given.raters,
        rng=settings.rng("percent", given.criterion),
        coverage=settings.coverage,
        resamples=settings.resamples,
    )


def nothing(statistic: str, level: str, given: Judged, reason: str) -> Agreement:
    """A statistic that is not defined, with its reason; counts are of units rated twice."""
    units, place = np.unique(given.units, return_inverse=True)
    n = np.bincount(place, minlength=units.size)
    shared = n[place] >= 2
    counts = int((n >= 2).sum()), np.unique(given.raters[shared]).size, int(shared.sum())
    return Agreement(statistic, level, np.nan, np.nan, np.nan, *counts, reason)
