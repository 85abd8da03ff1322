"""The columns of the explorer, made with a campaign's report."""

from collections.abc import Sequence

import numpy as np

from annotation.models import Campaign
from annotation.scoring import Error
from metrics.analyses.causes import load_causes
from metrics.analyses.errors import Spot, load_errors
from metrics.analyses.frame import IntArray, load_frame
from metrics.analyses.gaps import gap_of, length_bands
from metrics.analyses.reversals import source_words
from metrics.analyses.values import load_values
from metrics.causes.finding import all_causes
from metrics.causes.words import kept
from metrics.explorer import Outputs


def build_outputs(campaign: Campaign, *, with_excluded: bool = False) -> Outputs:
    """Every judged output of a system that is no person, in the campaign's order."""
    frame = load_frame(campaign, with_excluded=with_excluded)
    values = load_values(campaign, frame)
    causes = load_causes(campaign, frame, values)
    lines, columns = causes.lines, causes.columns
    gaps = [gap_of(frame, metric) for metric in values]
    domains = sorted(set(frame.domains.tolist()) - {""})
    bands = length_bands(source_words(campaign, frame))
    place = {name: i for i, name in enumerate(domains)}
    marked = load_errors(campaign, frame, with_excluded=with_excluded)
    categories = tuple(sorted({e.category for found in marked.errors for e in found} - {""}))
    parts = all_causes()
    limits = np.array([parts[name].shown_from for name in causes.names])
    shape = len(lines), len(values)

    def side(name: str) -> np.ndarray:
        sides = [getattr(gap, name)[lines, columns] for gap in gaps]
        return np.stack(sides, axis=1) if sides else np.zeros(shape)

    return Outputs(
        output=frame.outputs[lines, columns],
        segment=np.array([frame.segments[line].pk for line in lines], dtype=np.int64),
        line=lines,
        system=columns,
        domain=np.array([place.get(d, -1) for d in frame.domains[lines].tolist()], dtype=np.int64),
        band=bands[lines],
        human=side("people").astype(np.float32),
        machine=side("machine").astype(np.float32),
        quadrant=side("quadrant").astype(np.int64),
        strength=causes.strengths.values.astype(np.float32),
        main=causes.strengths.main,
        has=causes.strengths.values >= limits,
        marked=_marked(categories, marked.spots, marked.errors, lines, columns),
        keys=tuple(frame.segments[line].key for line in lines),
        explanations=tuple(list(map(kept, said)) for said in causes.strengths.said),
        systems=frame.systems,
        domains=tuple(domains),
        metrics=tuple((metric.name, metric.label) for metric in values),
        causes=tuple((name, str(parts[name].label)) for name in causes.names),
        categories=categories,
    )


def _marked(
    categories: Sequence[str],
    spots: Sequence[Spot],
    errors: Sequence[Sequence[Error]],
    lines: IntArray,
    columns: IntArray,
) -> np.ndarray:
    """(n, categories) whether any rater marked an error of the category in the output."""
    row = {spot: i for i, spot in enumerate(zip(lines.tolist(), columns.tolist(), strict=True))}
    place = {category: j for j, category in enumerate(categories)}
    marked = np.zeros((len(row), len(place)), dtype=bool)
    for spot, found in zip(spots, errors, strict=True):
        for error in found:
            if spot in row and error.category in place:
                marked[row[spot], place[error.category]] = True
    return marked
