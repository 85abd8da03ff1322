"""One criterion's judgements, each once, as agreement is measured on them."""

from typing import Literal, NamedTuple

import numpy as np

from metrics.analyses.frame import PREFERENCE, FloatArray, Frame, IntArray

MOST_STEPS = 20  # a finer scale has no steps to count: kappa is for categories


class Judged(NamedTuple):
    """One criterion's judgements, each once: a value, what it is of, and who gave it."""

    criterion: str
    values: FloatArray  # (n,) in the criterion's own unit
    units: IntArray  # (n,)
    raters: IntArray  # (n,) as in the frame
    rows: IntArray  # (n,) the frame's rows

    @property
    def steps(self) -> FloatArray:
        """The different values given."""
        return np.unique(self.values)

    @property
    def labels(self) -> FloatArray | None:
        """Every step of the scale in order; None where there are too many, or no equal ones."""
        return None if self.steps.size > MOST_STEPS else scale_of(self.steps)

    @property
    def why_no_labels(self) -> str:
        """Why kappa is not defined where there are no labels."""
        n = self.steps.size
        given = "different scores were given"
        if n > MOST_STEPS:
            return f"kappa is for scales of few steps; here {n} {given}"
        return f"kappa is for scales of few equal steps; here {n} {given}, unequally far apart"


def judged(frame: Frame, criterion: str) -> Judged:
    """A preference is also its mirror image, and one score may be credited to several outputs that
    read the same: each counts once."""
    chosen = _chosen(frame, criterion)
    return Judged(
        criterion,
        frame.value[chosen],
        _units(frame, chosen, criterion),
        frame.rater[chosen],
        np.flatnonzero(chosen),
    )


def criteria_of(frame: Frame) -> list[str]:
    """The main criterion first."""
    return list(dict.fromkeys([frame.protocol.main_criterion, *frame.protocol.criteria()]))


def _chosen(frame: Frame, criterion: str) -> np.ndarray:
    """(n,) the frame's rows of a criterion, each judgement once."""
    chosen = frame.criterion == criterion
    if not _by_item(frame, criterion):
        return chosen
    _, place = np.unique(frame.item, return_inverse=True)
    first = np.full(int(place.max(initial=-1)) + 1, len(frame.systems))
    np.minimum.at(first, place, frame.system)
    return chosen & (frame.system == first[place])


def _units(frame: Frame, chosen: np.ndarray, criterion: str) -> np.ndarray:
    """What was judged: an item, or each output among the others of its item."""
    if _by_item(frame, criterion):
        return frame.item[chosen]
    return frame.item[chosen] * len(frame.systems) + frame.system[chosen]


def _by_item(frame: Frame, criterion: str) -> bool:
    return criterion == PREFERENCE or not frame.protocol.compares


def weights_of(frame: Frame) -> Literal["quadratic"] | None:
    """How disagreements on a scale of few steps weigh."""
    return None if frame.protocol.level == "nominal" else "quadratic"


def scale_of(steps: np.ndarray) -> np.ndarray | None:
    """Every step between the lowest and highest used, all multiples of the smallest.

    None where that makes no scale of few steps: MQM's penalties of 0.1, 1 and 5 have none, and
    quadratic weights of their ranks would take 0.1 and 1 for neighbours as far apart as 1 and 5.
    """
    if steps.size < 2:
        return steps
    step = float(np.diff(steps).min())
    if np.array_equal(steps, np.round(steps)):
        step = min(step, 1.0)
    places = np.round((steps - steps[0]) / step).astype(int)
    whole = steps[0] + step * np.arange(places[-1] + 1)
    if not np.allclose(whole[places], steps, atol=1e-9) or whole.size > MOST_STEPS:
        return None
    whole[places] = steps  # exactly the values given
    return whole
