"""Systems' means adjusted for who judged what: a linear mixed model with crossed effects.

score ~ system + (1 | rater) + (1 | segment) + (1 | system:segment), by REML.  Unlike z-scores it
needs no comparable load for every person, and its intervals know that raters and segments are
samples.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike
from scipy.stats import t as student

from metrics.statistics.mixed_design import EFFECTS, Crossed, cross, sums_of, told_apart
from metrics.statistics.reml import LARGEST, Fit, Spread, fit_reml, spread_of
from metrics.statistics.types import NAN, FloatArray, Interval

METHOD = "REML, t with Satterthwaite's degrees of freedom"
LEFT = 1e-12  # a residual below this share of the scores' variance is rounding


class Adjusted(NamedTuple):
    """A system's mean, had everybody judged everything; `n` ratings are its own."""

    system: str
    mean: Interval
    se: float
    df: float
    n: int


class Component(NamedTuple):
    """A variance in the squared unit of the scores; `reason` where it is not estimated or 0."""

    name: str
    variance: float
    n_levels: int
    reason: str = ""


class Contrast(NamedTuple):
    """The first system's mean minus the second's, and the two-sided p that it is zero."""

    first: str
    second: str
    difference: Interval
    se: float
    df: float
    p: float


class MixedModel(NamedTuple):
    """Systems, highest mean first; `covariance` is of the means as listed.

    `components` are segment, rater, system:segment and residual; a variance that the ratings
    cannot tell from the rest is nan with a reason and takes no part.  `spread` serves
    `mixed_contrasts`.  With a `reason`, what it speaks of is nan.
    """

    systems: tuple[Adjusted, ...]
    components: tuple[Component, ...]
    covariance: FloatArray
    spread: Spread
    log_likelihood: float
    level: float
    n: int
    reason: str = ""
    method: str = ""

    def variance(self, name: str) -> float:
        """A component by name; 0 where it was left out."""
        found = {c.name: c.variance for c in self.components}[name]
        return 0.0 if np.isnan(found) and not np.isnan(self.log_likelihood) else found


def mixed_model(
    scores: ArrayLike,
    systems: ArrayLike,
    segments: ArrayLike,
    raters: ArrayLike,
    *,
    interaction: bool = True,
    level: float = 0.95,
) -> MixedModel:
    """Adjusted means of systems, and how much segments, raters and the rest vary.

    Parameters
    ----------
    scores : (n,) one rating each, in the protocol's own unit; nan is left out, and so is a system
        with nothing else
    systems, segments, raters : (n,) what and who each rating belongs to, in any pattern
    interaction : whether systems' outputs vary beyond their segments, (1 | system:segment)
    level : coverage of the intervals, between 0 and 1

    Returns
    -------
    MixedModel; nan with a reason where the ratings do not vary, leave no residual variance, or
    where no maximum was found.  Where each rater judged one system only, means have no intervals:
    raters and systems cannot be told apart.

    Raises ValueError when the lists differ in length.

    Source: Patterson and Thompson (1971) for REML; Henderson (1973) for the equations;
    Satterthwaite (1946) and Giesbrecht and Burns (1985) for the degrees of freedom.
    """
    if not 0 < level < 1:
        raise ValueError(f"level must lie between 0 and 1, not {level}")
    names, centre, data = _read(scores, systems, segments, raters)
    if reason := _why_not(data):
        return _undefined(names, data, reason, level)
    apart = told_apart(data)
    chosen = {name: apart[name] and (interaction or name != EFFECTS[2]) for name in EFFECTS}
    sums = sums_of(data)
    fit = fit_reml(sums, np.array([chosen[name] for name in EFFECTS]))
    if fit.ratios.max() >= LARGEST or fit.residual <= LEFT * float(data.scores.var()):
        return _undefined(names, data, "the ratings leave no residual variance", level)
    if not fit.converged:
        return _undefined(names, data, "no maximum of the likelihood was found", level)
    spread, covariance = spread_of(sums, fit), fit.residual * fit.solved.covariance
    reason = _confounded(data)
    if reason:
        covariance = np.full_like(covariance, NAN)
    order = np.argsort(-fit.solved.means, kind="stable")
    model = MixedModel(
        (),
        _components(data, fit, chosen, apart, interaction),
        covariance[np.ix_(order, order)],
        spread._replace(slopes=spread.slopes[:, order][:, :, order]),
        fit.log_likelihood,
        level,
        len(data.scores),
        reason,
        METHOD,
    )
    n_of = np.bincount(data.system, minlength=len(names))
    rows = []
    for place, system in enumerate(order):
        weights = np.eye(len(names))[place]
        mean = centre + float(fit.solved.means[system])
        interval, se, df, _ = _tested(model, mean, weights)
        rows.append(Adjusted(names[system], interval, se, df, int(n_of[system])))
    if not reason and any(np.isnan(row.df) for row in rows):
        reason = "too few ratings for degrees of freedom, so no intervals"
    return model._replace(systems=tuple(rows), reason=reason)


def mixed_contrasts(model: MixedModel, against: str | None = None) -> list[Contrast]:
    """Differences between systems: of all two, the higher first, or of all others and one.

    p-values are of single differences; correct a family of them with `holm`.

    Raises ValueError for a system that the model does not know.
    """
    names = [row.system for row in model.systems]
    if against is not None and against not in names:
        raise ValueError(f"no system called {against!r}; known: {', '.join(names)}")
    pairs = [(i, j) for i in range(len(names)) for j in range(i + 1, len(names))]
    if against is not None:
        j = names.index(against)
        pairs = [(i, j) for i in range(len(names)) if i != j]
    found = []
    for i, j in pairs:
        weights = np.zeros(len(names))
        weights[i], weights[j] = 1.0, -1.0
        difference = model.systems[i].mean.estimate - model.systems[j].mean.estimate
        found.append(Contrast(names[i], names[j], *_tested(model, difference, weights)))
    return found


def _tested(
    model: MixedModel, value: float, weights: FloatArray
) -> tuple[Interval, float, float, float]:
    """Interval, standard error, degrees of freedom and p of a weighted sum of the means."""
    variance = float(weights @ model.covariance @ weights)
    if not variance > 0:
        return Interval(value, NAN, NAN), NAN, NAN, NAN
    along = np.einsum("i,kij,j->k", weights, model.spread.slopes, weights)
    se = variance**0.5
    df = float(2 * variance**2 / (along @ model.spread.covariance @ along))
    if not df > 0:
        return Interval(value, NAN, NAN), se, NAN, NAN
    half = float(student.ppf((1 + model.level) / 2, df)) * se
    p = float(2 * student.sf(abs(value) / se, df))
    return Interval(value, value - half, value + half), se, df, p


def _read(
    scores: ArrayLike, systems: ArrayLike, segments: ArrayLike, raters: ArrayLike
) -> tuple[list[str], float, Crossed]:
    values = np.asarray(scores, dtype=np.float64)
    labels = [np.asarray(side) for side in (systems, segments, raters)]
    if values.ndim != 1 or any(side.shape != values.shape for side in labels):
        raise ValueError("scores, systems, segments and raters must be lists of the same length")
    known = np.isfinite(values)
    codes = [np.unique(side[known], return_inverse=True) for side in labels]
    centre = float(values[known].mean()) if known.any() else NAN
    data = cross(values[known] - centre, codes[0][1], codes[1][1], codes[2][1])
    return [str(name) for name in codes[0][0]], centre, data


def _why_not(data: Crossed) -> str:
    if len(data.scores) == 0:
        return "no score is known"
    if len(data.scores) <= data.n_systems:
        return "no more ratings than systems"
    return "all scores are equal" if np.ptp(data.scores) == 0 else ""


def _confounded(data: Crossed) -> str:
    seen = np.unique(np.stack([data.rater, data.system]), axis=1).shape[1]
    if data.n_systems > 1 and 1 < data.n_levels["rater"] == seen == data.n_systems:
        return "each rater judged one system and each system has one rater, so no intervals"
    return ""


def _components(
    data: Crossed, fit: Fit, chosen: dict[str, bool], apart: dict[str, bool], interaction: bool
) -> tuple[Component, ...]:
    rows = []
    for name, ratio in zip(EFFECTS, fit.ratios.tolist(), strict=True):
        n_levels = data.n_levels[name]
        if not chosen[name]:
            wanted = interaction or name != EFFECTS[2]
            reason = "these ratings cannot tell it from the rest" if wanted else "not asked for"
            if n_levels < 2:
                reason = f"only one {name}"
            rows.append(Component(name, NAN, n_levels, reason))
        else:
            reason = "" if ratio else "at its bound: nothing beyond the residual was found"
            rows.append(Component(name, ratio * fit.residual, n_levels, reason))
    return (*rows, Component("residual", fit.residual, len(data.scores)))


def _undefined(names: list[str], data: Crossed, reason: str, level: float) -> MixedModel:
    p = len(names)
    n_of = np.bincount(data.system, minlength=p)
    nothing = Interval(NAN, NAN, NAN)
    rows = [Adjusted(name, nothing, NAN, NAN, int(n)) for name, n in zip(names, n_of, strict=True)]
    levels = {**data.n_levels, "residual": len(data.scores)}
    parts = tuple(Component(name, NAN, n, reason) for name, n in levels.items())
    holes = Spread(np.full((1, 1), NAN), np.full((1, p, p), NAN))
    covariance = np.full((p, p), NAN)
    return MixedModel(tuple(rows), parts, covariance, holes, NAN, level, len(data.scores), reason)
