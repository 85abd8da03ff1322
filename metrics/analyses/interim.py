"""A running campaign's verdict on every two systems, from the segments that are finished."""

from itertools import combinations
from typing import NamedTuple

import numpy as np
from django.db.models import Min

from annotation.models import Campaign, RatingEvent
from metrics.analyses.frame import FloatArray, Frame, counted
from metrics.statistics import Sequential, sequential_verdict

ALPHA = 0.05  # over all pairs and all looks
LOOKS = 5

# Of each pair of systems, (segments,) seconds at which both had every rating they should have:
# inf where they do not yet, nan where they are not to be judged together.
Finished = dict[tuple[int, int], FloatArray]


class Standing(NamedTuple):
    """One pair of systems; differences are oriented so that above 0 the first is better."""

    first: str
    second: str
    verdict: Sequential


def standings(campaign: Campaign, frame: Frame, smallest: float | None = None) -> list[Standing]:
    """The sequential verdict on each pair that is judged on two segments or more; three queries.

    A segment counts when both outputs have every rating they should have, in the order in which
    that came about: results do not choose it.  Alpha is divided by the number of pairs.  Segments
    with equal outputs, which nobody compares, are left out.
    """
    finished = {pair: at for pair, at in _finished(campaign, frame).items() if _is_known(at) >= 2}
    found = []
    for (a, b), at in sorted(finished.items()):
        deltas = frame.direction * frame.deltas(a, b)
        order = np.argsort(at, kind="stable")
        ordered = deltas[order[np.isfinite(at[order])]]
        known = ordered[np.isfinite(ordered)]
        planned = _is_known(at) - (len(ordered) - len(known))
        if planned >= 2:
            verdict = sequential_verdict(
                known, planned, smallest=smallest, looks=LOOKS, alpha=ALPHA / len(finished)
            )
            found.append(Standing(frame.systems[a], frame.systems[b], verdict))
    return found


def _is_known(at: FloatArray) -> int:
    """Segments to be judged."""
    return int((~np.isnan(at)).sum())


def _finished(campaign: Campaign, frame: Frame) -> Finished:
    place = {int(pk): spot for spot, pk in np.ndenumerate(frame.outputs) if pk}
    shape = frame.outputs.shape
    done = _done_at(campaign)
    if frame.ranks_pairs:
        compared: Finished = {}
        for outputs, at in done:
            spots = sorted(place[pk] for pk in outputs if pk in place)
            for (line, a), (_, b) in combinations(spots, 2):
                times = compared.setdefault((a, b), np.full(shape[0], np.nan))
                times[line] = at
        return compared
    times = np.full(shape, np.nan)
    for outputs, at in done:
        for spot in (place[pk] for pk in outputs if pk in place):
            times[spot] = at if np.isnan(times[spot]) else max(at, times[spot])
    pairs = combinations(range(shape[1]), 2)
    return {(a, b): np.maximum(times[:, a], times[:, b]) for a, b in pairs}


def _done_at(campaign: Campaign) -> list[tuple[list[int], float]]:
    """Each item's outputs, and when it had as many complete ratings as it should; inf if not."""
    items = campaign.items.judged().with_wanted().filter(needs_rating=True)
    wanted: dict[int, int] = {}
    outputs: dict[int, list[int]] = {}
    for pk, n, output in items.values_list("pk", "wanted", "slots__output"):
        wanted[pk] = n
        outputs.setdefault(pk, []).append(output)
    counting = set(counted(campaign).values_list("item", "annotator"))
    first = (
        RatingEvent.objects.filter(item__campaign=campaign, is_complete=True)
        .values_list("item", "annotator")
        .annotate(at=Min("received_at"))
        .order_by()
    )
    times: dict[int, list[float]] = {}
    for item, annotator, at in first:
        if (item, annotator) in counting:
            times.setdefault(item, []).append(at.timestamp())
    return [
        (outputs[pk], sorted(times[pk])[n - 1] if 1 <= n <= len(times.get(pk, [])) else np.inf)
        for pk, n in wanted.items()
    ]
