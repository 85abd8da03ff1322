"""What the people say, what the metric says, and whether they part."""

from __future__ import annotations

import math
from typing import Literal

from metrics.statistics.types import Verdict

Side = Literal["better", "worse", "not separable", "not defined"]

AGREE = "agree"
OPPOSITE = "opposite"
ONLY_PEOPLE = "only people"
ONLY_METRIC = "only metric"
NEITHER = "neither"
NOT_DEFINED = "not defined"


def side(delta: float, p: float, *, alpha: float = 0.05, higher_is_better: bool = True) -> Side:
    """One side's word on the second system against the first.

    Parameters
    ----------
    delta : second system minus first, in the score's own unit
    p : two-sided p-value of that difference, corrected where several were tested
    higher_is_better : False for penalties and error rates (MQM, TER)

    Returns
    -------
    "not separable" unless p < alpha and delta is not 0; "not defined" when either is nan.
    """
    if not 0 < alpha < 1:
        raise ValueError(f"alpha must lie between 0 and 1, not {alpha}")
    if math.isnan(delta) or math.isnan(p):
        return "not defined"
    if p >= alpha or delta == 0:
        return "not separable"
    return "better" if (delta > 0) == higher_is_better else "worse"


def verdict(
    human_delta: float,
    human_p: float,
    metric_delta: float,
    metric_p: float,
    *,
    alpha: float = 0.05,
    human_higher_is_better: bool = True,
    metric_higher_is_better: bool = True,
) -> Verdict:
    """The people's and the metric's word on a pair of systems, and the two together.

    `label` is "agree" (both see the same difference), "opposite" (both see one, in opposite
    directions), "only people", "only metric", "neither", or "not defined".
    """
    people = side(human_delta, human_p, alpha=alpha, higher_is_better=human_higher_is_better)
    metric = side(metric_delta, metric_p, alpha=alpha, higher_is_better=metric_higher_is_better)
    return Verdict(people, metric, _label(people, metric))


def _label(people: Side, metric: Side) -> str:
    if "not defined" in (people, metric):
        return NOT_DEFINED
    if people == metric:
        return NEITHER if people == "not separable" else AGREE
    if metric == "not separable":
        return ONLY_PEOPLE
    return ONLY_METRIC if people == "not separable" else OPPOSITE
