"""Systems' strengths from comparisons of two: Bradley-Terry, with Davidson's ties.

`metrics.analyses.style` has them with the outputs' length and format controlled.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from scipy.special import expit, ndtr, ndtri

from metrics.analyses.frame import PREFERENCE, Frame
from metrics.analyses.orders import rank_ranges
from metrics.analyses.settings import Settings
from metrics.statistics import BradleyTerry, bradley_terry, holm

UNCONTROLLED = dict.fromkeys(
    (
        "controlled",
        "controlled_low",
        "controlled_high",
        "controlled_rank_low",
        "controlled_rank_high",
        "controlled_reason",
    )
)


class Compared(NamedTuple):
    """Comparisons of two systems by number; outcome 1, -1 or 0 as in `bradley_terry`."""

    first: np.ndarray  # (n,)
    second: np.ndarray  # (n,)
    outcome: np.ndarray  # (n,)
    segment: np.ndarray  # (n,)


def comparisons(frame: Frame) -> Compared:
    """Each rating of two outputs, and a tie for each two that read the same."""
    chosen = np.flatnonzero(frame.criterion == PREFERENCE)
    order = np.lexsort((frame.system[chosen], frame.rater[chosen], frame.item[chosen]))
    rows = chosen[order]
    keys = np.stack([frame.item[rows], frame.rater[rows]], axis=1)
    _, starts, sizes = np.unique(keys, axis=0, return_index=True, return_counts=True)
    one = rows[starts[sizes == 2]]
    other = rows[starts[sizes == 2] + 1]
    same = np.array(sorted(frame.identical), dtype=np.int64).reshape(-1, 3)
    return Compared(
        np.concatenate([frame.system[one], same[:, 1]]),
        np.concatenate([frame.system[other], same[:, 2]]),
        np.concatenate([np.sign(frame.value[one] - frame.value[other]), np.zeros(len(same))]),
        np.concatenate([frame.segment[one], same[:, 0]]),
    )


def strengths(frame: Frame, settings: Settings) -> BradleyTerry | None:
    """None where nobody compared two outputs."""
    if not (frame.criterion == PREFERENCE).any():
        return None
    found = comparisons(frame)
    names = np.array(frame.systems)
    return bradley_terry(
        names[found.first],
        names[found.second],
        found.outcome,
        found.segment,
        level=settings.coverage,
    )


def strength_table(
    frame: Frame,
    model: BradleyTerry | None,
    settings: Settings,
    controlled: BradleyTerry | None = None,
) -> list[dict[str, Any]]:
    """A row per system, strongest first, with its strength under control beside the plain one."""
    if model is None:
        return []
    found = comparisons(frame)
    ranges = _ranges(frame, model, settings)
    beside = _beside(frame, controlled, settings)
    rows = []
    for row in model.systems:
        number = frame.systems.index(row.system)
        low, high = ranges.get(number, (None, None))
        rows.append(
            {
                "system": frame.systems[number],
                "strength": row.strength.estimate,
                "low": row.strength.low,
                "high": row.strength.high,
                "rank_low": low,
                "rank_high": high,
                **beside.get(number, UNCONTROLLED),
                **_counts(found, number),
                "n": row.n,
                "tie": model.tie.estimate,
                "tie_low": model.tie.low,
                "tie_high": model.tie.high,
                "reason": model.reason or None,
                "method": model.method or None,
            }
        )
    return rows


def _beside(
    frame: Frame, controlled: BradleyTerry | None, settings: Settings
) -> dict[int, dict[str, Any]]:
    """The cells of `UNCONTROLLED` by the system's number."""
    if controlled is None:
        return {}
    ranges = _ranges(frame, controlled, settings)
    cells = {}
    for row in controlled.systems:
        number = frame.systems.index(row.system)
        values = *row.strength, *ranges.get(number, (None, None)), controlled.reason or None
        cells[number] = dict(zip(UNCONTROLLED, values, strict=True))
    return cells


def _ranges(
    frame: Frame, model: BradleyTerry, settings: Settings
) -> dict[int, tuple[int | None, int | None]]:
    """By the system's number, the ranks of those it cannot be told from."""
    better = {
        (row["system_a"], row["system_b"])
        for row in pair_rows(frame, model, settings)
        if row["p"] / 2 < settings.alpha
    }
    numbers = [
        frame.systems.index(row.system)
        for row in model.systems
        if np.isfinite(row.strength.estimate)
    ]
    names = frame.systems
    return rank_ranges(numbers, lambda a, b: (names[a], names[b]) in better)


def _counts(found: Compared, number: int) -> dict[str, int]:
    mine = found.first == number, found.second == number
    won = (mine[0] & (found.outcome > 0)) | (mine[1] & (found.outcome < 0))
    lost = (mine[0] & (found.outcome < 0)) | (mine[1] & (found.outcome > 0))
    tied = (mine[0] | mine[1]) & (found.outcome == 0)
    return {"wins": int(won.sum()), "ties": int(tied.sum()), "losses": int(lost.sum())}


def pair_rows(frame: Frame, model: BradleyTerry | None, settings: Settings) -> list[dict[str, Any]]:
    """A row per two systems, the stronger first; [] where no strengths are defined."""
    if model is None or np.isnan(model.covariance).all():
        return []
    systems = model.systems
    z = float(ndtri((1 + settings.coverage) / 2))
    rows = []
    for i, j in _pairs(len(systems)):
        cells = model.covariance[np.ix_([i, j], [i, j])]
        se = float(np.sqrt(max(0.0, cells[0, 0] + cells[1, 1] - 2 * cells[0, 1])))
        odds = systems[i].strength.estimate - systems[j].strength.estimate
        ends = np.array([odds, odds - z * se, odds + z * se])
        rows.append(
            {
                "system_a": systems[i].system,
                "system_b": systems[j].system,
                **dict(zip(("log_odds", "low", "high"), ends.tolist(), strict=True)),
                **dict(
                    zip(("chance", "chance_low", "chance_high"), expit(ends).tolist(), strict=True)
                ),
                "p": float(2 * ndtr(-abs(odds) / se)) if se else np.nan,
            }
        )
    adjusted = holm([row["p"] for row in rows])
    why = "no interval: the comparisons vary too little"
    return [
        row | {"p_adjusted": p, "reason": why if np.isnan(row["p"]) else None}
        for row, p in zip(rows, adjusted.tolist(), strict=True)
    ]


def _pairs(n: int) -> Sequence[tuple[int, int]]:
    return [(i, j) for i in range(n) for j in range(i + 1, n)]
