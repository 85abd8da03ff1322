"""How good each system is, in the protocol's own unit, with an interval."""

from typing import Any

import numpy as np

from metrics.analyses.frame import FloatArray, Frame
from metrics.analyses.settings import Settings
from metrics.statistics import mean_intervals


def system_table(frame: Frame, settings: Settings) -> list[dict[str, Any]]:
    """Best system first: mean over segments of the mean over raters; segments are resampled.

    `score_z` is the same mean of the scores on each rater's own scale, as WMT has it.
    """
    z_means = [_mean(column) for column in frame.z_scores.T]
    no_z = why_no_z(frame)
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
                "reason": _reason(n_segments, "" if np.isfinite(z_means[number]) else no_z),
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


def why_no_z(frame: Frame) -> str:
    """Why raters have no scale of their own, each reason once."""
    return "; ".join(sorted({scale.reason for scale in frame.z.raters} - {""}))


def _reason(n_segments: int, no_z: str) -> str | None:
    if n_segments == 0:
        return "no complete rating yet"
    parts = ["no interval from one segment"] if n_segments == 1 else []
    parts += [f"no z: {no_z}"] if no_z else []
    return "; ".join(parts) or None


def _rank(row: dict[str, Any], direction: int) -> tuple[bool, float, str]:
    undefined = bool(np.isnan(row["score"]))
    return undefined, 0.0 if undefined else -direction * row["score"], row["system"]
