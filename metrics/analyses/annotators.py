"""Who rated, how much, and how they used the scale."""

from typing import Any

import numpy as np

from metrics.analyses.frame import Frame


def annotator_table(frame: Frame) -> list[dict[str, Any]]:
    """One row per rater: mean and sd (n-1) in the protocol's unit, median active seconds."""
    scales = {scale.rater: scale for scale in frame.z.raters}
    rows = []
    for number, rater in enumerate(frame.raters):
        scale = scales.get(str(number))
        seconds = frame.seconds.get(number, [])
        rows.append(
            {
                "annotator": rater.code,
                "origin": rater.origin,
                "languages": rater.languages,
                "n_items": int(np.unique(frame.item[frame.rater == number]).size),
                "n_ratings": scale.n if scale else 0,
                "mean": scale.mean if scale else None,
                "sd": scale.sd if scale else None,
                "median_seconds": float(np.median(seconds)) if seconds else None,
                "reason": _reason(scale.reason if scale else "no score yet"),
            }
        )
    return rows


def _reason(reason: str) -> str | None:
    return f"no z-scores: {reason}" if reason else None
