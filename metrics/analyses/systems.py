"""How good each system is, in the protocol's own unit, with an interval."""

from typing import Any

import numpy as np

from metrics.analyses.frame import FloatArray, Frame
from metrics.analyses.settings import Settings
from metrics.statistics import mean_intervals


def system_table(frame: Frame, settings: Settings) -> list[dict[str, Any]]:
    """Best system first: mean over segments of the mean over raters; segments are resampled.

    `score_z` is the mean over ratings of the scores on each rater's own scale.
    """
    z_means = _z_means(frame)
    n_ratings = np.bincount(frame.system[frame.main], minlength=len(frame.systems))
    rows = []
    for number, interval in enumerate(mean_with_interval(frame.scores, settings, "systems")):
        n_segments = int(np.isfinite(frame.scores[:, number]).sum())
        rows.append(
            {
                "system": frame.systems[number],
                "is_human": bool(frame.is_human[number]),
                "n_segments": n_segments,
                "n_ratings": int(n_ratings[number]),
                "score": interval[0],
                "low": interval[1],
                "high": interval[2],
                "score_z": z_means[number],
                "unit": str(frame.protocol.unit),
                "direction": frame.protocol.direction,
                "reason": _reason(n_segments),
            }
        )
    return sorted(rows, key=lambda row: _rank(row, frame.direction))


def mean_with_interval(
    scores: FloatArray, settings: Settings, name: str
) -> list[tuple[float, float, float]]:
    """Each column's mean over segments; no interval from one segment."""
    if len(scores) < 2:
        return [(_mean(column), np.nan, np.nan) for column in scores.T]
    return [
        tuple(interval)
        for interval in mean_intervals(
            scores,
            rng=settings.rng(name),
            level=settings.coverage,
            resamples=settings.resamples,
        )
    ]


def _mean(column: np.ndarray) -> float:
    known = column[np.isfinite(column)]
    return float(known.mean()) if known.size else float("nan")


def _z_means(frame: Frame) -> list[float]:
    systems, z = frame.system[frame.main], frame.z.z
    return [_mean(z[systems == number]) for number in range(len(frame.systems))]


def _reason(n_segments: int) -> str | None:
    if n_segments == 0:
        return "no complete rating yet"
    return "no interval from one segment" if n_segments == 1 else None


def _rank(row: dict[str, Any], direction: int) -> tuple[bool, float, str]:
    undefined = bool(np.isnan(row["score"]))
    return undefined, 0.0 if undefined else -direction * row["score"], row["system"]
