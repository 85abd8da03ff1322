"""People's difference of two systems on each rater's own scale, beside that of the scores.

Strictness of a rater who judged only one of the two outputs is in the scores' difference; it is
not in that of z.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np

from metrics.analyses.frame import DECIMALS, FloatArray, Frame
from metrics.analyses.pair_tests import Column, tested_columns
from metrics.analyses.settings import Settings
from metrics.statistics.verdicts import side

COMPARISONS = "people compared outputs: there is no scale of a rater's own"
NO_Z = "no z: no rater of the two gave different scores"
ONE_SEGMENT = "no interval from one segment"


def standardised_cells(
    frame: Frame, pairs: Sequence[tuple[int, int]], settings: Settings
) -> dict[tuple[int, int], dict[str, Any]]:
    """For each pair of systems the cells `human_z_…` and `people_say_z`; `n_other_raters` counts
    the segments whose two outputs were not judged by the very same raters.

    Means and standard deviations of the raters are taken as given.
    """
    if frame.ranks_pairs:
        nothing = _cells(None, "not defined", COMPARISONS)
        return {pair: nothing | {"n_other_raters": None} for pair in pairs}
    columns = [Column(a, b, None, _deltas(frame, a, b)) for a, b in pairs]
    known = [column for column in columns if np.isfinite(column.deltas).any()]
    found = {(c.a, c.b): test for c, test in tested_columns(known, settings, "pairs z")}
    cells = {}
    for pair in pairs:
        test = found.get(pair)
        word, reason = "not defined", NO_Z
        if test is not None:
            word = side(
                test.delta,
                test.adjusted,
                alpha=settings.alpha,
                higher_is_better=frame.direction > 0,
            )
            reason = ONE_SEGMENT if test.n == 1 else ""
        cells[pair] = _cells(test, word, reason) | {"n_other_raters": _n_other(frame, *pair)}
    return cells


def _deltas(frame: Frame, a: int, b: int) -> FloatArray:
    """(segments,) z of system a minus that of b; equal texts, which nobody judged twice, are 0."""
    exact = frame.exact_z_scores
    deltas = np.round(exact[:, a] - exact[:, b], DECIMALS)
    same = [line for line, x, y in frame.identical if (x, y) == (a, b)]
    deltas[same] = np.where(np.isnan(deltas[same]), 0.0, deltas[same])
    return deltas


def _n_other(frame: Frame, a: int, b: int) -> int:
    judged = np.zeros((2, len(frame.raters), len(frame.segments)), dtype=bool)
    for place, system in enumerate((a, b)):
        rows = frame.main & (frame.system == system)
        judged[place, frame.rater[rows], frame.segment[rows]] = True
    both = judged.any(axis=1).all(axis=0)
    return int((both & (judged[0] != judged[1]).any(axis=0)).sum())


def _cells(test: Any, word: str, reason: str) -> dict[str, Any]:
    return {
        "human_z_n": test.n if test else 0,
        "human_z_delta": test.delta if test else None,
        "human_z_low": test.low if test else None,
        "human_z_high": test.high if test else None,
        "human_z_p": test.p if test else None,
        "human_z_p_adjusted": test.adjusted if test else None,
        "people_say_z": word,
        "human_z_reason": reason or None,
    }
