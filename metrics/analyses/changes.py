"""Two systems in detail: which errors one makes more of, and where it lost and gained most."""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from annotation.models import Campaign
from annotation.mqm import rolled_up
from metrics.analyses.blinding import tuned_systems
from metrics.analyses.errors import Marked
from metrics.analyses.frame import FloatArray, Frame
from metrics.analyses.pairs import system_pairs
from metrics.analyses.settings import Settings
from metrics.statistics import Interval, mean_intervals

MOST_PAIRS = 15
MOST_SEGMENTS = 20  # of each kind for a pair
GRAVE = frozenset({"major", "critical"})
ALL, ANY = "all", "any error"
GAIN, LOSS = "gain", "loss"
Pairs = Sequence[tuple[int, int]]


def pairs_in_detail(campaign: Campaign, frame: Frame) -> list[tuple[int, int]]:
    """Each tuned system beside each that is not, the tuned first; all pairs where none is tuned.

    At most 15. Two queries.
    """
    tuned = set(
        campaign.systems.filter(pk__in=tuned_systems(campaign)).values_list("name", flat=True)
    )
    is_tuned = [name in tuned for name in frame.systems]
    pairs = system_pairs(frame)
    told = [(a, b) if is_tuned[a] else (b, a) for a, b in pairs if is_tuned[a] != is_tuned[b]]
    return (told or pairs)[:MOST_PAIRS]


def category_delta_table(
    frame: Frame, marked: Marked, pairs: Pairs, settings: Settings
) -> list[dict[str, Any]]:
    """A row per pair, kind of error and severity: errors in an output, the first minus the second.

    Mean over segments of the mean over raters; segments that both systems have are drawn.
    """
    kinds, counts = _counts(frame, marked)
    rows: list[dict[str, Any]] = []
    for a, b in pairs:
        deltas = counts[:, a] - counts[:, b]
        both = np.isfinite(deltas[:, 0])
        used = (np.nan_to_num(counts[both][:, [a, b]]) > 0).any(axis=(0, 1))
        intervals = _intervals(deltas[:, used], settings, f"{a} {b}")
        for place, found in zip(np.flatnonzero(used).tolist(), intervals, strict=True):
            kind, severity = kinds[place]
            rows.append(
                {
                    "system_a": frame.systems[a],
                    "system_b": frame.systems[b],
                    "category": kind,
                    "severity": severity,
                    "errors_a": float(counts[both, a, place].mean()),
                    "errors_b": float(counts[both, b, place].mean()),
                    "delta": found.estimate,
                    "low": found.low,
                    "high": found.high,
                    "n_segments": int(both.sum()),
                    "reason": "no interval from one segment" if np.isnan(found.low) else None,
                }
            )
    return rows


def _counts(frame: Frame, marked: Marked) -> tuple[list[tuple[str, str]], FloatArray]:
    """Kinds of errors, and (segments, systems, kinds) the mean over raters of how many; nan where
    nobody judged."""
    names = {rolled_up(error.category) for errors in marked.errors for error in errors}
    labels = [ANY, *sorted(names - {""})]
    kinds = [(label, severity) for label in labels for severity in (ALL, "major or critical")]
    column = {label: 2 * place for place, label in enumerate(labels)}
    totals = np.zeros((*frame.outputs.shape, len(kinds)))
    n = np.zeros(frame.outputs.shape)
    for spot, errors in zip(marked.spots, marked.errors, strict=True):
        n[spot] += 1
        for error in errors:
            grave = error.severity.lower() in GRAVE
            for label in {ANY, rolled_up(error.category) or ANY}:
                totals[spot][column[label]] += 1
                totals[spot][column[label] + 1] += grave
    means = np.full(totals.shape, np.nan)
    np.divide(totals, n[:, :, None], out=means, where=n[:, :, None] > 0)
    return kinds, np.round(means, 10)


def _intervals(deltas: FloatArray, settings: Settings, name: str) -> list[Interval]:
    known = deltas[np.isfinite(deltas).all(axis=1)]
    if len(known) < 2:
        return [Interval(float(value), np.nan, np.nan) for value in known.sum(axis=0)]
    return mean_intervals(
        known,
        rng=settings.rng("category deltas", name),
        level=settings.coverage,
        resamples=settings.resamples,
    )


def change_table(frame: Frame, pairs: Pairs) -> list[dict[str, Any]]:
    """Segments where the first of two systems gained and lost most by people, widest first."""
    return [row for a, b in pairs for row in _changes(frame, a, b)]


def _changes(frame: Frame, a: int, b: int) -> Iterator[dict[str, Any]]:
    deltas = frame.deltas(a, b) if a < b else -frame.deltas(b, a)
    n_raters, n_up, n_down = _votes(frame, a, b)
    oriented = np.nan_to_num(frame.direction * deltas)
    for kind, sign in ((LOSS, -1), (GAIN, 1)):
        gains = sign * oriented
        agree = n_up if sign > 0 else n_down
        order = np.lexsort((-agree, -np.round(gains, 9)))
        for line in [int(line) for line in order if gains[line] > 0][:MOST_SEGMENTS]:
            place = frame.segments[line]
            yield {
                "system_a": frame.systems[a],
                "system_b": frame.systems[b],
                "change": kind,
                "key": place.key,
                "segment": place.pk,
                "domain": place.domain,
                "document": place.document,
                "delta": deltas[line],
                "score_a": frame.scores[line, a],
                "score_b": frame.scores[line, b],
                "n_raters": int(n_raters[line]),
                "n_agree": int(agree[line]),
            }


def _votes(frame: Frame, a: int, b: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Per segment: raters who judged both systems, who found the first better, and the second."""
    place = (frame.item if frame.ranks_pairs else frame.segment) * len(frame.raters) + frame.rater
    sides = [np.flatnonzero(frame.main & (frame.system == system)) for system in (a, b)]
    _, first, second = np.intersect1d(place[sides[0]], place[sides[1]], return_indices=True)
    first, second = sides[0][first], sides[1][second]
    gains = frame.direction * (frame.value[first] - frame.value[second])
    n = len(frame.segments)
    lines = frame.segment[first]
    found = (np.ones(len(gains), dtype=bool), gains > 1e-9, gains < -1e-9)
    everybody, up, down = (np.bincount(lines[chosen], minlength=n) for chosen in found)
    return everybody, up, down
