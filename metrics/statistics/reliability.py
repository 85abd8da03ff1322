"""How far can a metric follow the people, when people only partly follow each other?"""

from __future__ import annotations

from typing import Literal, NamedTuple, get_args

import numpy as np
from numpy.typing import ArrayLike

from metrics.statistics.intervals import bootstrap_chunks, percentile_interval, ratio
from metrics.statistics.split_half import weighted_pearson
from metrics.statistics.types import NAN, FloatArray, Interval
from metrics.statistics.variance import RatingTable, mean_size, one_way, rating_table, two_way

Model = Literal["1", "2", "3"]
UNDEFINED = Interval(NAN, NAN, NAN)


class NoiseCeiling(NamedTuple):
    """What the people's own noise leaves to be predicted, for the mean of `k` ratings of a unit.

    `reliability` is the mean's, between 0 and 1.  `ceiling` is its root: the highest correlation
    with the mean that any predictor can expect.  `human` is the correlation with the mean that
    one more person's ratings would have.
    """

    reliability: Interval
    ceiling: Interval
    human: Interval
    k: float
    n_units: int
    reason: str = ""
    method: str = ""


class CorrectedCorrelation(NamedTuple):
    """A metric's correlation with the people, without and with their noise taken out.

    `observed` is Pearson's r with the mean rating, `corrected` that over the ceiling; it can pass
    1.  `human` is what one more person would reach, `share` observed / human: 0.8 says that the
    metric reaches 80 % of it.
    """

    observed: Interval
    corrected: Interval
    human: Interval
    share: Interval
    k: float
    n_units: int
    reason: str = ""
    method: str = ""


def noise_ceiling(
    ratings: ArrayLike,
    *,
    model: Model = "2",
    rng: np.random.Generator,
    coverage: float = 0.95,
    resamples: int = 1000,
) -> NoiseCeiling:
    """The highest correlation with the mean rating that the people's noise allows.

    Parameters
    ----------
    ratings : (raters, units), nan where missing
    model : what is noise, as in `icc`: `1` all within a unit (rows mean nothing), `2` strictness
        and residual (people differ from unit to unit), `3` residual alone (the same people rated
        every unit, so that strictness moves all means alike)

    Returns
    -------
    NoiseCeiling with bootstrap intervals over units; nan with a reason where people do not agree
    at all (reliability not above 0) or ratings are too few.

    Source: reliability of a mean, Shrout and Fleiss (1979); its root, Spearman (1904).
    """
    table = rating_table(ratings)
    once = np.ones((1, table.values.shape[1]))
    columns = _ceilings(table, _checked(model), once)
    k, n_units = float(mean_size(table, once)[0]), table.values.shape[1]
    if reason := _why(float(columns[0, 1])):
        return NoiseCeiling(UNDEFINED, UNDEFINED, UNDEFINED, k, n_units, reason)
    draws = [_ceilings(table, model, c) for c in bootstrap_chunks(n_units, resamples, rng)]
    reliability, ceiling, human = _intervals(columns[0], np.concatenate(draws), coverage)
    method = f"variance components, bootstrap over units, {resamples} resamples"
    return NoiseCeiling(reliability, ceiling, human, k, n_units, method=method)


def corrected_correlation(
    ratings: ArrayLike,
    metric: ArrayLike,
    *,
    model: Model = "2",
    rng: np.random.Generator,
    coverage: float = 0.95,
    resamples: int = 1000,
) -> CorrectedCorrelation:
    """Correlation of a metric with the mean rating, corrected for the people's noise.

    Parameters
    ----------
    ratings : (raters, units), higher = better, nan where missing
    metric : (units,), higher = better; nan leaves the unit out
    model : as in `noise_ceiling`

    Returns
    -------
    CorrectedCorrelation; every bootstrap sample of units estimates r and the noise anew.  nan
    with a reason as in `noise_ceiling`, or when the metric or the mean rating does not vary.

    Source: Spearman (1904), correction for attenuation on one side.
    """
    matrix, scores = np.asarray(ratings, dtype=np.float64), np.asarray(metric, dtype=np.float64)
    if matrix.ndim != 2 or scores.shape != matrix.shape[1:]:
        raise ValueError(f"{scores.size} metric scores; give one per unit (column) of the ratings")
    kept = np.isfinite(scores) & np.isfinite(matrix).any(axis=0)
    table, scores = rating_table(matrix[:, kept]), scores[kept]
    means = table.values.sum(axis=0) / table.sizes
    n_units = scores.size

    def columns(counts: FloatArray) -> FloatArray:
        _, ceiling, human = _ceilings(table, model, counts).T
        r = weighted_pearson(means, scores, counts)
        return np.stack([r, ratio(r, ceiling), human, ratio(r, human)], axis=1)

    _checked(model)
    once = np.ones((1, n_units))
    estimate, k = columns(once)[0], float(mean_size(table, once)[0])
    reason = "the metric or the mean rating does not vary" if np.isnan(estimate[0]) else ""
    if reason := reason or _why(float(estimate[2])):
        alone = Interval(float(estimate[0]), NAN, NAN)
        return CorrectedCorrelation(alone, UNDEFINED, UNDEFINED, UNDEFINED, k, n_units, reason)
    draws = [columns(counts) for counts in bootstrap_chunks(n_units, resamples, rng)]
    observed, corrected, human, share = _intervals(estimate, np.concatenate(draws), coverage)
    method = f"bootstrap over units, {resamples} resamples"
    return CorrectedCorrelation(observed, corrected, human, share, k, n_units, method=method)


def _ceilings(table: RatingTable, model: str, counts: FloatArray) -> FloatArray:
    """(rows, 3) reliability of the mean, its root, and one more person's correlation with it."""
    if model == "1":
        unit, noise = one_way(table, counts).T
    else:
        unit, rater, noise = two_way(table, counts).T
        noise = noise + rater if model == "2" else noise
    mean = ratio(unit, unit + noise / mean_size(table, counts))
    single = ratio(unit, unit + noise)
    mean, single = np.where(mean > 0, mean, NAN), np.where(single > 0, single, NAN)
    return np.stack([mean, np.sqrt(mean), np.sqrt(mean * single)], axis=1)


def _intervals(estimates: FloatArray, draws: FloatArray, coverage: float) -> list[Interval]:
    columns = zip(estimates, draws.T, strict=True)
    return [percentile_interval(float(value), draw, coverage) for value, draw in columns]


def _checked(model: str) -> str:
    if model not in get_args(Model):
        raise ValueError(f"no model called {model!r}; known: 1, 2, 3")
    return model


def _why(defined: float) -> str:
    if np.isnan(defined):
        return "people agree no better than by chance, or ratings are too few: nothing to reach"
    return ""
