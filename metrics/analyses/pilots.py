"""What an earlier campaign tells a planner: how much raters, segments and outputs vary."""

from typing import NamedTuple

import numpy as np

from metrics.analyses.frame import Frame
from metrics.planner_fields import MOST_EACH, MOST_RATERS, MOST_RATINGS, MOST_SYSTEMS, MOST_TIES
from metrics.statistics import MixedModel, krippendorff_alpha, mixed_model

MOST_STEPS = 11  # a scale of more different answers has no list of shares
EASY = 0.2  # of the spread within a segment: a difference to look for where nobody has said which


class Pilot(NamedTuple):
    """`model` is None where people compare, and `reason` says why it gives no assumptions.

    `values` are by the names of the planner's fields.
    """

    campaign: str
    unit: str
    model: MixedModel | None
    values: dict[str, float | str]
    reason: str = ""


def pilot_of(frame: Frame) -> Pilot:
    """Assumptions from the ratings that a campaign's results count."""
    if not frame.main.any():
        return Pilot(frame.campaign, str(frame.protocol.unit), None, {}, "no complete rating yet")
    ratings = _ratings(frame)
    values: dict[str, float | str] = {
        "n_systems": min(MOST_SYSTEMS, max(2, len(frame.systems))),
        "n_raters": min(MOST_RATERS, len(np.unique(frame.rater[frame.main]))),
        "ratings": min(MOST_RATINGS, ratings),
        "each": min(MOST_EACH, max(2, ratings)),
    }
    values |= _wins(frame) | _steps(frame)
    model = None if frame.ranks_pairs else _model(frame)
    reason = ""
    if model is not None:
        reason = model.reason
        values |= _spreads(model)
    return Pilot(frame.campaign, str(frame.protocol.unit), model, values, reason)


def _model(frame: Frame) -> MixedModel:
    return mixed_model(
        frame.value[frame.main],
        np.array(frame.systems)[frame.system[frame.main]],
        frame.segment[frame.main],
        frame.rater[frame.main],
    )


def _ratings(frame: Frame) -> int:
    """How many people most outputs have."""
    outputs = frame.item[frame.main] * len(frame.systems) + frame.system[frame.main]
    return int(np.bincount(np.unique(outputs, return_counts=True)[1]).argmax())


def _spreads(model: MixedModel) -> dict[str, float | str]:
    if np.isnan(model.log_likelihood):
        return {}
    names = {
        "residual": "sd_rating",
        "system:segment": "sd_output",
        "rater": "sd_rater",
        "segment": "sd_segment",
    }
    values = {field: _rounded(model.variance(name) ** 0.5) for name, field in names.items()}
    noise = (model.variance("residual") + model.variance("system:segment")) ** 0.5
    return {**values, "smallest": _rounded(EASY * noise, 2)}


def _wins(frame: Frame) -> dict[str, float | str]:
    """Wins and ties of the two systems with most segments in common, unless they come out even."""
    n = len(frame.systems)
    pairs = [frame.deltas(a, b) for a in range(n) for b in range(a + 1, n)]
    known = [deltas[np.isfinite(deltas)] for deltas in pairs]
    deltas = max(known, key=len, default=np.zeros(0))
    if not len(deltas):
        return {}
    more, fewer = sorted((int((deltas > 0).sum()), int((deltas < 0).sum())), reverse=True)
    if more == fewer:
        return {}
    tie = 100 * (len(deltas) - more - fewer) / len(deltas)
    win = 100 * more / len(deltas)
    return {"win": round(win, 1), "tie": min(MOST_TIES, round(tie, 1))}


def _steps(frame: Frame) -> dict[str, float | str]:
    """Shares of the answers in percent, and their alpha."""
    scores = frame.value[frame.main]
    steps, n = np.unique(scores, return_counts=True)
    if not 2 <= len(steps) <= MOST_STEPS:
        return {}
    shares = ", ".join(f"{max(0.1, 100 * part):.1f}" for part in n / n.sum())
    # A comparison is one judgement of two outputs, which say the same: the first is enough.
    of = frame.main & _first_outputs(frame) if frame.ranks_pairs else frame.main
    units = frame.item[of] * len(frame.systems) + frame.system[of]
    alpha = krippendorff_alpha(frame.value[of], units, level="ordinal")
    found: dict[str, float | str] = {"shares": shares}
    if np.isfinite(alpha) and 0 < alpha < 1:
        found["agreement"] = round(float(alpha), 2)
    return found


def _first_outputs(frame: Frame) -> np.ndarray:
    lowest: dict[int, int] = {}
    for item, system in zip(frame.item.tolist(), frame.system.tolist(), strict=True):
        lowest[item] = min(system, lowest.get(item, system))
    return np.array([lowest[item] for item in frame.item.tolist()], dtype=int) == frame.system


def _rounded(value: float, digits: int = 3) -> float:
    return float(f"{value:.{digits}g}")
