"""Did annotators become stricter or more lenient in the course of their work?"""

from typing import Any

import numpy as np

from annotation.models import Assignment, Campaign, Item
from metrics.analyses.frame import FloatArray, Frame
from metrics.analyses.settings import Settings
from metrics.statistics import Drift, drift, holm

ITEMS = 100  # a slope is per so many items of an annotator's own sequence
PERMUTED_CELLS = 30_000_000  # in all
FEWEST_PERMUTATIONS = 999
AGAINST_OTHERS = "scores minus the mean of the others' of the same output"
ALONE = "own scores: the others judged few of these outputs"


def drift_table(campaign: Campaign, frame: Frame, settings: Settings) -> list[dict[str, Any]]:
    """A row per annotator whose order of work is known; [] for comparisons and imported ratings.

    slope : in the annotator's own standard deviations per 100 items, above 0 more lenient
    """
    if frame.ranks_pairs:
        return []
    places = _places(campaign)
    codes = np.array([rater.code for rater in frame.raters], dtype=str)
    n_all = max(1, int(frame.main.sum()))
    n_permutations = min(settings.permutations, max(FEWEST_PERMUTATIONS, PERMUTED_CELLS // n_all))
    own, others = _scores(frame)
    found: list[tuple[str, Drift, str]] = []
    for number, code in enumerate(codes.tolist()):
        mine = frame.rater[frame.main] == number
        items = frame.item[frame.main][mine]
        order = np.array([places.get((code, item), np.nan) for item in items.tolist()])
        if not np.isfinite(order).any():
            continue
        against = own[mine] - others[mine]
        enough = 2 * np.isfinite(against).sum() >= mine.sum()
        scores = against if enough else own[mine]
        scores, order = _per_item(scores, order, items)
        slope = drift(
            scores,
            order / ITEMS,
            rng=settings.rng("drift", code),
            level=settings.coverage,
            resamples=n_permutations,
        )
        found.append((code, slope, AGAINST_OTHERS if enough else ALONE))
    adjusted = holm([slope.p for _, slope, _ in found])
    return [
        {
            "annotator": code,
            "slope": slope.slope.estimate,
            "low": slope.slope.low,
            "high": slope.slope.high,
            "p": slope.p,
            "p_adjusted": adjusted[place],
            "n": slope.n,
            "reason": slope.reason or None,
            "method": f"{basis}; {slope.method}" if slope.method else basis,
        }
        for place, (code, slope, basis) in enumerate(found)
    ]


def _places(campaign: Campaign) -> dict[tuple[str, int], int]:
    """Where each judged item stood in its annotator's own sequence. One query."""
    done = Assignment.objects.filter(
        item__campaign=campaign, item__purpose=Item.Purpose.JUDGE, state=Assignment.State.DONE
    )
    rows = done.order_by().values_list("annotator__code", "item", "position")
    return {(code, item): position for code, item, position in rows}


def _scores(frame: Frame) -> tuple[FloatArray, FloatArray]:
    """The main criterion, higher is better, and the others' mean of the same output or nan."""
    values = frame.direction * frame.value[frame.main]
    n_systems = len(frame.systems)
    units = frame.segment[frame.main] * n_systems + frame.system[frame.main]
    n = np.bincount(units)
    total = np.bincount(units, values)
    rest = n[units] - 1
    others = np.full(values.shape, np.nan)
    np.divide(total[units] - values, rest, out=others, where=rest > 0)
    return values, np.round(others, 10)


def _per_item(
    scores: FloatArray, order: FloatArray, items: np.ndarray
) -> tuple[FloatArray, FloatArray]:
    """One score for each item that shows several outputs: their mean."""
    known = np.isfinite(scores) & np.isfinite(order)
    _, first, codes = np.unique(items[known], return_index=True, return_inverse=True)
    n = np.bincount(codes)
    means = np.bincount(codes, scores[known]) / np.maximum(n, 1)
    return np.round(means, 10), order[known][first]
