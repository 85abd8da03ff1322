"""How far can a metric follow the people, when people only partly follow each other?"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, NamedTuple, get_args

import numpy as np
from numpy.typing import ArrayLike

from metrics.statistics.intervals import percentile_interval, ratio, unit_chunks
from metrics.statistics.split_half import weighted_pearson
from metrics.statistics.types import NAN, FloatArray, IntArray, Interval
from metrics.statistics.variance import RatingTable, mean_size, one_way, rating_table, two_way

Model = Literal["1", "2", "3"]
UNDEFINED = Interval(NAN, NAN, NAN)
ONE_ITEM = "no interval from one item"
NOTHING_SHARED = "no unit has both a rating and a metric score"


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


_NOTHING = CorrectedCorrelation(UNDEFINED, UNDEFINED, UNDEFINED, UNDEFINED, NAN, 0, NOTHING_SHARED)


def noise_ceiling(
    ratings: ArrayLike,
    *,
    items: ArrayLike | None = None,
    model: Model = "2",
    rng: np.random.Generator,
    coverage: float = 0.95,
    resamples: int = 1000,
) -> NoiseCeiling:
    """The highest correlation with the mean rating that the people's noise allows.

    Parameters
    ----------
    ratings : (raters, units), nan where missing
    items : (units,) what is drawn whole, such as the segment of each output; each unit by itself
        when left out
    model : what is noise, as in `icc`: `1` all within a unit (rows mean nothing), `2` strictness
        and residual (people differ from unit to unit), `3` residual alone (the same people rated
        every unit, so that strictness moves all means alike)

    Returns
    -------
    NoiseCeiling with bootstrap intervals over units; nan with a reason where people do not agree
    at all (reliability not above 0) or ratings are too few.

    Source: reliability of a mean, Shrout and Fleiss (1979); its root, Spearman (1904).
    """
    matrix = np.asarray(ratings, dtype=np.float64)
    table = rating_table(matrix)
    once = np.ones((1, table.values.shape[1]))
    codes = _codes(items, np.asarray(np.isfinite(matrix).any(axis=0)))
    columns = _ceilings(table, _checked(model), once)
    k, n_units = float(mean_size(table, once)[0]), table.values.shape[1]
    if reason := _why(float(columns[0, 1])):
        return NoiseCeiling(UNDEFINED, UNDEFINED, UNDEFINED, k, n_units, reason)
    if not codes.max(initial=0):
        mean, root, one = (Interval(float(value), NAN, NAN) for value in columns[0])
        return NoiseCeiling(mean, root, one, k, n_units, ONE_ITEM)
    draws = [_ceilings(table, model, c) for c in unit_chunks(codes, resamples, rng)]
    reliability, ceiling, human = _intervals(columns[0], np.concatenate(draws), coverage)
    drawn = "units" if items is None else "items"
    method = f"variance components, bootstrap over {drawn}, {resamples} resamples"
    return NoiseCeiling(reliability, ceiling, human, k, n_units, method=method)


def corrected_correlation(
    ratings: ArrayLike,
    metric: ArrayLike,
    *,
    items: ArrayLike | None = None,
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
    items, model : as in `noise_ceiling`

    Returns
    -------
    CorrectedCorrelation; every bootstrap sample of items estimates r and the noise anew.  nan
    with a reason as in `noise_ceiling`, or when the metric or the mean rating does not vary.

    Source: Spearman (1904), correction for attenuation on one side.
    """
    return corrected_correlations(
        ratings,
        [metric],
        items=items,
        model=model,
        rng=rng,
        coverage=coverage,
        resamples=resamples,
    )[0]


def corrected_correlations(
    ratings: ArrayLike,
    metrics: Sequence[ArrayLike],
    *,
    items: ArrayLike | None = None,
    model: Model = "2",
    rng: np.random.Generator,
    coverage: float = 0.95,
    resamples: int = 1000,
) -> list[CorrectedCorrelation]:
    """`corrected_correlation` of several metrics; those that miss the same units share samples."""
    matrix = np.asarray(ratings, dtype=np.float64)
    columns = [np.asarray(metric, dtype=np.float64) for metric in metrics]
    _checked(model)
    for scores in columns:
        if matrix.ndim != 2 or scores.shape != matrix.shape[1:]:
            raise ValueError(
                f"{scores.size} metric scores; give one per unit (column) of the ratings"
            )
    rated = np.isfinite(matrix).any(axis=0)
    alike: dict[bytes, list[int]] = {}
    for place, scores in enumerate(columns):
        alike.setdefault((rated & np.isfinite(scores)).tobytes(), []).append(place)
    found: dict[int, CorrectedCorrelation] = {}
    for key, places in alike.items():
        kept = np.frombuffer(key, dtype=bool)
        if not kept.any():
            found |= dict.fromkeys(places, _NOTHING)
            continue
        table, codes = rating_table(matrix[:, kept]), _codes(items, kept)
        scores_kept = [columns[place][kept] for place in places]
        results = _corrected(table, scores_kept, codes, model, rng, coverage, resamples)
        found |= dict(zip(places, results, strict=True))
    drawn = "units" if items is None else "items"
    method = f"bootstrap over {drawn}, {resamples} resamples"
    return [
        one if one.reason else one._replace(method=method)
        for one in (found[place] for place in range(len(columns)))
    ]


def _corrected(
    table: RatingTable,
    metrics: Sequence[FloatArray],
    codes: IntArray,
    model: str,
    rng: np.random.Generator,
    coverage: float,
    resamples: int,
) -> list[CorrectedCorrelation]:
    n_units = len(codes)
    means = table.values.sum(axis=0) / table.sizes

    def sample(counts: FloatArray) -> FloatArray:
        """(metrics, rows, 4) r, corrected r, one more person's, and the share of it."""
        _, ceiling, human = _ceilings(table, model, counts).T
        r = np.stack([weighted_pearson(means, scores, counts) for scores in metrics])
        over, beside = np.broadcast_to(ceiling, r.shape), np.broadcast_to(human, r.shape)
        return np.stack([r, ratio(r, over), beside, ratio(r, beside)], axis=2)

    once = np.ones((1, n_units))
    estimates, k = sample(once)[:, 0], float(mean_size(table, once)[0])
    reasons = [
        "the metric or the mean rating does not vary" if np.isnan(r) else _why(float(human))
        for r, _corrected_r, human, _share in estimates
    ]
    if not all(reasons):
        chunks = [sample(counts) for counts in unit_chunks(codes, resamples, rng)]
        draws = np.concatenate(chunks, axis=1)
    found = []
    for place, (estimate, reason) in enumerate(zip(estimates, reasons, strict=True)):
        if reason:
            ends = [Interval(float(estimate[0]), NAN, NAN), UNDEFINED, UNDEFINED, UNDEFINED]
        elif not codes.max(initial=0):
            ends, reason = [Interval(float(value), NAN, NAN) for value in estimate], ONE_ITEM
        else:
            ends = _intervals(estimate, draws[place], coverage)
        observed, corrected, human, share = ends
        found.append(CorrectedCorrelation(observed, corrected, human, share, k, n_units, reason))
    return found


def _codes(items: ArrayLike | None, kept: np.ndarray) -> IntArray:
    """(kept units,) numbers from 0 of what is drawn whole."""
    if items is None:
        return np.arange(int(kept.sum()))
    names = np.asarray(items)
    if names.shape != kept.shape:
        raise ValueError(f"{kept.size} units but {names.size} items; give one item per unit")
    return np.asarray(np.unique(names[kept], return_inverse=True)[1], dtype=np.int64)


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
