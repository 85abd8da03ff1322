"""Systems by raw, standardised and adjusted scores: does it matter how scores are put together?

raw : mean over segments of the mean over raters, in the protocol's unit
z : the same of scores on each rater's own scale
adjusted : by a linear mixed model, score ~ system + (1 | rater) + (1 | segment) +
    (1 | system:segment): had everybody judged everything; in the protocol's unit
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache
from typing import Any, NamedTuple

import numpy as np

from metrics.analyses.frame import FloatArray, Frame
from metrics.analyses.orders import rank, rank_ranges, swaps
from metrics.analyses.settings import Settings
from metrics.analyses.systems import mean_with_interval
from metrics.statistics import MixedModel, kendall_b, mixed_contrasts, mixed_model, rank_sum_test

RAW, Z, ADJUSTED = "raw", "z", "adjusted"
RANK_SUM = "ranks: rank-sum tests of all ratings, as WMT's"
CONTRASTS = "ranks: contrasts of the model"
Beats = Callable[[int, int], bool]


class Scale(NamedTuple):
    """One way to score all systems: (value, low, high) of each, nan where there is none."""

    name: str
    direction: int
    intervals: Sequence[tuple[float, float, float]]
    beats: Beats
    reason: str
    method: str

    @property
    def costs(self) -> FloatArray:
        """(systems,) lower is better, without what rounding adds."""
        return np.round([-self.direction * row[0] for row in self.intervals], 9)


def fitted(frame: Frame, settings: Settings) -> MixedModel | None:
    """The mixed model of the main criterion; None for preferences, which are no scores."""
    if frame.ranks_pairs:
        return None
    return mixed_model(
        frame.value[frame.main],
        frame.system[frame.main],
        frame.segment[frame.main],
        frame.rater[frame.main],
        level=settings.coverage,
    )


def scale_table(frame: Frame, model: MixedModel | None, settings: Settings) -> list[dict[str, Any]]:
    """A row per scale and system, best first; [] for preferences."""
    if model is None or len(frame.systems) < 2:
        return []
    scales = [_raw(frame, settings), _z(frame, settings), _adjusted(frame, model, settings)]
    return [row for scale in scales for row in _rows(frame, scale, scales[0])]


def _raw(frame: Frame, settings: Settings) -> Scale:
    intervals = mean_with_interval(frame.scores, settings, "systems")
    oriented = frame.direction * frame.value[frame.main]
    beats = _rank_sums(frame, oriented, settings.alpha)
    return Scale(RAW, frame.direction, intervals, beats, "", f"bootstrap over segments; {RANK_SUM}")


def _z(frame: Frame, settings: Settings) -> Scale:
    intervals = mean_with_interval(frame.z_scores, settings, "z")
    beats = _rank_sums(frame, frame.direction * frame.z.z, settings.alpha)
    method = f"bootstrap over segments; {RANK_SUM}"
    why = [scale.reason for scale in frame.z.raters]
    reason = "" if any(not r for r in why) else "; ".join(sorted(set(why))) or "no score yet"
    return Scale(Z, frame.direction, intervals, beats, reason, method)


def _rank_sums(frame: Frame, oriented: FloatArray, alpha: float) -> Beats:
    system = frame.system[frame.main]
    scores = [oriented[system == number] for number in range(len(frame.systems))]
    return cache(lambda a, b: rank_sum_test(scores[a], scores[b]).p < alpha)


def _adjusted(frame: Frame, model: MixedModel, settings: Settings) -> Scale:
    found = {int(row.system): tuple(row.mean) for row in model.systems}
    nothing = (np.nan, np.nan, np.nan)
    intervals = [found.get(number, nothing) for number in range(len(frame.systems))]
    better: set[tuple[int, int]] = set()
    for contrast in mixed_contrasts(model):
        if contrast.p / 2 < settings.alpha:
            first, second = int(contrast.first), int(contrast.second)
            upward = frame.direction * contrast.difference.estimate > 0
            better.add((first, second) if upward else (second, first))
    method = f"{model.method}; {CONTRASTS}" if model.method else ""
    return Scale(
        ADJUSTED, frame.direction, intervals, lambda a, b: (a, b) in better, model.reason, method
    )


def _rows(frame: Frame, scale: Scale, raw: Scale) -> Iterator[dict[str, Any]]:
    costs = scale.costs
    known = [number for number in range(len(costs)) if np.isfinite(costs[number])]
    order = sorted(known, key=lambda number: (costs[number], number))
    ranges = rank_ranges(order, scale.beats)
    swapped = swaps(frame.systems, raw.costs, costs)
    tau = float(kendall_b(raw.costs, costs))
    n_ratings = np.bincount(frame.system[frame.main], minlength=len(frame.systems))
    for number in [*order, *(n for n in range(len(costs)) if n not in known)]:
        value, low, high = scale.intervals[number]
        first, last = ranges.get(number, (None, None))
        yield {
            "scale": scale.name,
            "system": frame.systems[number],
            "value": value,
            "low": low,
            "high": high,
            "rank": rank(costs, number),
            "rank_low": first,
            "rank_high": last,
            "n_ratings": int(n_ratings[number]),
            "tau_b": tau,
            "swaps_with": swapped[number],
            "reason": _reason(scale, value, low, tau),
            "method": scale.method or None,
        }


def _reason(scale: Scale, value: float, low: float, tau: float) -> str | None:
    if scale.reason:
        return scale.reason
    if np.isnan(value):
        return "no complete rating yet"
    if np.isnan(tau):
        return "no order to compare: fewer than two systems have scores, or all are alike"
    return "no interval from one segment" if np.isnan(low) else None


def variance_table(model: MixedModel | None) -> list[dict[str, Any]]:
    """A row per component of the scores' variance; `share` is of those that were estimated."""
    if model is None or np.isnan(model.log_likelihood):
        return []
    total = sum(c.variance for c in model.components if np.isfinite(c.variance))
    return [_component(component._asdict(), total) for component in model.components]


def _component(component: Mapping[str, Any], total: float) -> dict[str, Any]:
    return {
        "component": component["name"],
        "variance": component["variance"],
        "share": component["variance"] / total if total else np.nan,
        "n_levels": component["n_levels"],
        "reason": component["reason"] or None,
    }
