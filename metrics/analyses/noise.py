"""How far could a metric follow the people, when people only partly follow each other?

Human against human on the same outputs: split halves and variance components of all ratings, and
one person against the others, as each metric is held against the same others.
"""

from collections.abc import Sequence
from typing import Any, get_args

import numpy as np

from metrics.analyses.frame import FloatArray, Frame
from metrics.analyses.settings import Settings
from metrics.analyses.sides import about, oriented
from metrics.analyses.values import MetricValues
from metrics.statistics import (
    CorrectedCorrelation,
    RaterShare,
    corrected_correlations,
    noise_ceiling,
    rater_shares,
    split_half,
)
from metrics.statistics.correlation import Grouping

ONE_RATING = "no output has two ratings: how far people agree cannot be known"
ENDS = ("", "_low", "_high")
COMPARISONS = "people compared outputs: a rating belongs to two of them, not to one"


def rating_cube(frame: Frame) -> FloatArray:
    """(raters, segments, systems) what metrics are compared with, higher = better.

    nan where a rater gave nothing, for texts that people wrote, and for all of a comparison's.
    """
    cube = np.full((len(frame.raters), *frame.outputs.shape), np.nan)
    if frame.ranks_pairs:
        return cube
    values = frame.z.z if frame.compared_with == "z" else frame.value[frame.main]
    spots = frame.rater[frame.main], frame.segment[frame.main], frame.system[frame.main]
    cube[spots] = frame.direction * values
    cube[:, :, frame.is_human] = np.nan
    return cube


def _refusal(frame: Frame, cube: FloatArray) -> str:
    if frame.ranks_pairs:
        return COMPARISONS
    return "" if (np.isfinite(cube).sum(axis=0) >= 2).any() else ONE_RATING


def reliability_table(frame: Frame, settings: Settings) -> list[dict[str, Any]]:
    """How far people agree on the outputs, two ways; `value` is of the mean of all ratings."""
    cube = rating_cube(frame)
    flat, items = _flat(cube)
    refusal = _refusal(frame, cube)
    row = {
        "human": frame.compared_with,
        "value": None,
        "low": None,
        "high": None,
        "ceiling": None,
        "n_units": int(np.isfinite(flat).any(axis=0).sum()),
        "n_raters": int(np.isfinite(flat).any(axis=1).sum()),
        "n_ratings": int(np.isfinite(flat).sum()),
        "reason": refusal or None,
        "method": None,
    }
    names = ("split_half", "variance_components")
    if refusal:
        return [{"statistic": name} | row for name in names]
    how = {"items": items, "coverage": settings.coverage, "resamples": settings.resamples}
    halves = split_half(flat, rng=settings.rng("noise", "halves"), **how)
    parts = noise_ceiling(flat, rng=settings.rng("noise", "components"), **how)
    ends = {"value": parts.reliability.estimate, "low": parts.reliability.low}
    ends |= {"high": parts.reliability.high, "ceiling": parts.ceiling.estimate}
    said = {"reason": parts.reason or None, "method": parts.method or None}
    root = float(np.sqrt(halves.value)) if halves.value > 0 else None
    first = {"value": halves.value, "low": halves.low, "high": halves.high, "ceiling": root}
    no_root = "" if halves.value > 0 or halves.reason else "no ceiling: people do not agree"
    first |= {"reason": halves.reason or no_root or None, "method": halves.method or None}
    return [{"statistic": names[0]} | row | first, {"statistic": names[1]} | row | ends | said]


def noise_table(
    frame: Frame, metrics: Sequence[MetricValues], settings: Settings
) -> list[dict[str, Any]]:
    """Each metric in each grouping beside one person; corrected for noise without grouping."""
    cube = rating_cube(frame)
    flat, items = _flat(cube)
    refusal = _refusal(frame, cube)
    sides = [oriented(metric) for metric in metrics]
    if refusal or not sides:
        return [
            about(metric) | _empty(frame, grouping, refusal)
            for metric in metrics
            for grouping in get_args(Grouping)
        ]
    corrected = corrected_correlations(
        flat,
        [side.ravel() for side in sides],
        items=items,
        rng=settings.rng("noise", "corrected"),
        coverage=settings.coverage,
        resamples=settings.resamples,
    )
    shares = {
        grouping: rater_shares(
            cube,
            sides,
            grouping=grouping,
            rng=settings.rng("noise", "shares"),
            level=settings.coverage,
        )
        for grouping in get_args(Grouping)
    }
    return [
        about(metric)
        | _row(frame, shares[grouping][place], corrected[place] if grouping == "none" else None)
        for place, metric in enumerate(metrics)
        for grouping in get_args(Grouping)
    ]


def _flat(cube: FloatArray) -> tuple[FloatArray, np.ndarray]:
    """(raters, outputs), and the segment of each output."""
    n_raters, n_segments, n_systems = cube.shape
    segments = np.repeat(np.arange(n_segments), n_systems)
    return cube.reshape(n_raters, n_segments * n_systems), segments


def _row(frame: Frame, found: RaterShare, corrected: CorrectedCorrelation | None) -> dict[str, Any]:
    reasons = dict.fromkeys(filter(None, [found.reason, corrected.reason if corrected else ""]))
    cells = _empty(frame, found.grouping, "; ".join(reasons))
    for name, interval in (
        ("beside", found.metric),
        ("person", found.person),
        ("share", found.share),
        *([("corrected", corrected.corrected)] if corrected else []),
    ):
        cells |= {
            name: interval.estimate,
            f"{name}_low": interval.low,
            f"{name}_high": interval.high,
        }
    return cells | {"n": found.n, "n_groups": found.n_groups, "method": found.method or None}


def _empty(frame: Frame, grouping: str, reason: str) -> dict[str, Any]:
    names = [f"{name}{end}" for name in ("beside", "person", "share", "corrected") for end in ENDS]
    row: dict[str, Any] = {"grouping": grouping, "human": frame.compared_with}
    row |= dict.fromkeys(names)
    return row | {"n": 0, "n_groups": 0, "reason": reason or None, "method": None}
