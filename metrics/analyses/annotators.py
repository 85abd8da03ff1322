"""Who rated, how much, and how they used the scale."""

from typing import Any

import numpy as np

from metrics.analyses.frame import Frame
from metrics.analyses.raters import EXCLUDED, LeftOut, Rater


def annotator_table(frame: Frame) -> list[dict[str, Any]]:
    """One row per rater, by code: mean and sd (n-1) in the protocol's unit, median active seconds.

    Who was excluded and left out of the results has a row too, without the use of the scale.
    """
    rows = [_counted_row(frame, number) for number in range(len(frame.raters))]
    rows += [_left_out_row(out) for out in frame.left_out]
    return sorted(rows, key=lambda row: row["annotator"])


def n_excluded(frame: Frame) -> int:
    """Excluded annotators with ratings, left out or taken in."""
    taken_in = sum(rater.state == EXCLUDED for rater in frame.raters)
    return taken_in + len(frame.left_out)


def _counted_row(frame: Frame, number: int) -> dict[str, Any]:
    rater = frame.raters[number]
    scale = next((scale for scale in frame.z.raters if scale.rater == str(number)), None)
    seconds = frame.seconds.get(number, [])
    why = scale.reason if scale else "no score yet"
    return {
        **_who(rater),
        "n_items": int(np.unique(frame.item[frame.rater == number]).size),
        "n_ratings": scale.n if scale else 0,
        "mean": scale.mean if scale else None,
        "sd": scale.sd if scale else None,
        "median_seconds": float(np.median(seconds)) if seconds else None,
        "reason": _reason(rater, f"no z-scores: {why}" if why else ""),
    }


def _left_out_row(out: LeftOut) -> dict[str, Any]:
    return {
        **_who(out.rater),
        "n_items": out.n_items,
        "n_ratings": out.n_ratings,
        "mean": None,
        "sd": None,
        "median_seconds": None,
        "reason": _reason(out.rater, "left out of the results"),
    }


def _who(rater: Rater) -> dict[str, Any]:
    return {
        "annotator": rater.code,
        "origin": rater.origin,
        "languages": rater.languages,
        "dialect": rater.dialect,
        "region": rater.region,
        "education": rater.education,
        "years": rater.years,
        "relation": rater.relation,
        "state": rater.state,
    }


def _reason(rater: Rater, scale: str) -> str | None:
    parts = [
        f"{rater.state}: {rater.why}" if rater.why else "",
        scale,
        "profile withheld: no consent" if rater.withheld else "",
    ]
    return "; ".join(part for part in parts if part) or None
