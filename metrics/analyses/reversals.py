"""On which pairs of outputs a metric prefers what people reject: how many, and of what kind."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from annotation.models import Campaign
from metrics.analyses.causes import Causes
from metrics.analyses.errors import Marked
from metrics.analyses.frame import FloatArray, Frame, IntArray
from metrics.analyses.gaps import BANDS, length_bands
from metrics.analyses.pairs import system_pairs
from metrics.analyses.settings import Settings
from metrics.analyses.values import MetricValues
from metrics.causes.finding import all_causes
from metrics.causes.spelling import bare_tokens
from metrics.statistics import reversal_shares
from models_app.models import Segment

Mask = NDArray[np.bool_]
Groups = dict[tuple[str, str], Mask]  # (by, stratum) to a mask of pairs
FEWEST = 5  # pairs of a group that is shown


def reversal_rows(
    frame: Frame,
    values: Sequence[MetricValues],
    settings: Settings,
    *,
    n_words: FloatArray,
    marked: Marked | None = None,
    causes: Causes | None = None,
) -> list[dict[str, Any]]:
    """A row for each metric and group: all pairs, by pair of systems, domain, length of the
    source, category of an error marked in either output, and cause named for either output.

    n_words : (segments,) words of each source
    """
    pairs = [(a, b) for a, b in system_pairs(frame) if not frame.is_human[[a, b]].any()]
    if not pairs or not values:
        return []
    human = np.stack([frame.direction * frame.deltas(a, b) for a, b in pairs], axis=1)
    lines, places = np.nonzero(np.isfinite(human))
    both = np.array(pairs, dtype=np.int64)[places]  # (n, 2) columns of the systems
    groups = _groups(frame, pairs, lines, places, length_bands(n_words))
    if marked is not None:
        groups |= _by_category(marked, lines, both)
    if causes is not None:
        groups |= _by_cause(causes, frame.outputs.shape, lines, both)
    groups = {
        name: mask for name, mask in groups.items() if name[0] == "all" or mask.sum() >= FEWEST
    }
    rows = []
    for metric in values:
        oriented = metric.direction * metric.values
        found = reversal_shares(
            human[lines, places],
            oriented[lines, both[:, 0]] - oriented[lines, both[:, 1]],
            lines,
            groups={str(place): mask for place, mask in enumerate(groups.values())},
            rng=settings.rng("reversals", metric.name),
            level=settings.coverage,
            resamples=settings.resamples,
        )
        for (by, stratum), share in zip(groups, found, strict=True):
            cells = share._asdict()
            del cells["group"]
            rows.append({"metric": metric.name, "by": by, "stratum": stratum, **cells})
    return rows


def source_words(campaign: Campaign, frame: Frame) -> FloatArray:
    """(segments,) words of each source; one query."""
    sources = dict(Segment.objects.filter(dataset=campaign.dataset).values_list("pk", "source"))
    counts = [len(bare_tokens(sources[place.pk])) for place in frame.segments]
    return np.array(counts, dtype=np.float64)


def _groups(
    frame: Frame,
    pairs: Sequence[tuple[int, int]],
    lines: IntArray,
    places: IntArray,
    bands: IntArray,
) -> Groups:
    groups: Groups = {("all", ""): np.ones(len(lines), dtype=bool)}
    if len(pairs) > 1:
        for place, (a, b) in enumerate(pairs):
            name = f"{frame.systems[a]} vs. {frame.systems[b]}"
            groups["systems", name] = places == place
    domains = frame.domains[lines]
    known = sorted(set(domains.tolist()) - {""})
    if len(known) > 1:
        groups |= {("domain", domain): domains == domain for domain in known}
    return groups | {
        ("length", name): bands[lines] == band
        for band, name in enumerate(BANDS)
        if len(set(bands.tolist())) > 1
    }


def _by_category(marked: Marked, lines: IntArray, both: IntArray) -> Groups:
    """Pairs in which an error of the category was marked in one of the two at least."""
    found: dict[str, set[tuple[int, int]]] = {}
    for spot, errors in zip(marked.spots, marked.errors, strict=True):
        for error in errors:
            found.setdefault(error.category, set()).add(spot)
    return {
        ("error category", category): np.array(
            [
                (line, a) in spots or (line, b) in spots
                for line, (a, b) in zip(lines, both, strict=True)
            ],
            dtype=bool,
        )
        for category, spots in sorted(found.items())
        if category
    }


def _by_cause(causes: Causes, shape: tuple[int, ...], lines: IntArray, both: IntArray) -> Groups:
    """Pairs in which the cause is the one to name first for one of the two at least."""
    main = np.full(shape, -1)
    main[causes.lines, causes.columns] = causes.strengths.main
    named = main[lines[:, None], both]
    parts = all_causes()
    return {
        ("cause", parts[name].label): (named == place).any(axis=1)
        for place, name in enumerate(causes.names)
        if not parts[name].from_scores
    }
