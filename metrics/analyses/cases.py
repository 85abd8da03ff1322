"""Every judged output beside all that is known about it, as the causes want it."""

from collections.abc import Collection, Iterator, Sequence
from typing import Any

import numpy as np

from annotation.models import Campaign
from metrics.analyses.baselines import is_baseline
from metrics.analyses.frame import FloatArray, Frame
from metrics.analyses.gaps import gap_of, people_rank
from metrics.analyses.values import MetricValues
from metrics.causes import Case
from metrics.models import SegmentScore
from models_app.models import Output, Segment

Spot = tuple[int, int]  # a segment's row and a system's column, as in the frame
SIMILARITIES = ("embedding", "bertscore")  # metrics of meaning, 0-1
DIRECTIONS = ("reference_to_output", "output_to_reference")


def load_cases(
    campaign: Campaign,
    frame: Frame,
    values: Sequence[MetricValues],
    *,
    lines: Collection[int] | None = None,
) -> dict[Spot, Case]:
    """The outputs that people judged, of systems that are no persons, in at most four queries.

    lines : rows of the segments to load; all when left out
    """
    wanted = sorted(range(len(frame.segments)) if lines is None else lines)
    segments, texts = _texts(campaign, frame, wanted, is_all=lines is None)
    people = people_rank(frame)
    ranks = _metric_ranks(frame, values)
    scores = _scores(frame)
    typical = usual_spread(frame, scores)
    entailment = _entailments(campaign, frame)
    similarity = next((v.values for v in values if v.name in SIMILARITIES), None)
    found = {}
    for line in wanted:
        source, references = segments[frame.segments[line].pk]
        here = dict(_row(texts, frame, line))
        for column, text in here.items():
            if not np.isfinite(people[line, column]):
                continue
            spot = line, column
            pk = int(frame.outputs[spot])
            found[spot] = Case(
                output=text,
                references=references,
                source=source,
                source_lang=campaign.dataset.source_lang,
                target_lang=campaign.dataset.target_lang,
                others=tuple(other for c, other in here.items() if c != column),
                scores=scores.get(spot, ()),
                typical_spread=typical,
                people=float(people[spot]),
                metrics=tuple(ranks[:, line, column].tolist()),
                entailment=entailment.get(pk, (float("nan"), float("nan"))),
                similarity=float("nan") if similarity is None else float(similarity[spot]),
            )
    return found


def _texts(
    campaign: Campaign, frame: Frame, lines: Sequence[int], *, is_all: bool
) -> tuple[dict[int, tuple[str, tuple[str, ...]]], dict[int, str]]:
    """Source and references by segment, and texts by output."""
    keys = [frame.segments[line].pk for line in lines]
    segments = Segment.objects.filter(dataset=campaign.dataset)
    outputs = Output.objects.filter(system__campaigns=campaign, segment__dataset=campaign.dataset)
    if not is_all:
        segments, outputs = segments.filter(pk__in=keys), outputs.filter(segment__in=keys)
    rows = segments.values_list("pk", "source", "references")
    return (
        {pk: (source, tuple(map(str, references))) for pk, source, references in rows},
        dict(outputs.values_list("pk", "text")),
    )


def _row(texts: dict[int, str], frame: Frame, line: int) -> Iterator[tuple[int, str]]:
    """Column and text of every system's output for a segment; persons' texts apart."""
    for column, pk in enumerate(frame.outputs[line].tolist()):
        if pk and not frame.is_human[column] and pk in texts:
            yield column, texts[pk]


def _scores(frame: Frame) -> dict[Spot, tuple[float, ...]]:
    """The raters' scores of each output, in the protocol's own unit."""
    found: dict[Spot, list[float]] = {}
    rows = zip(
        frame.segment[frame.main].tolist(),
        frame.system[frame.main].tolist(),
        frame.value[frame.main].tolist(),
        strict=True,
    )
    for line, column, value in rows:
        found.setdefault((line, column), []).append(value)
    return {spot: tuple(given) for spot, given in found.items()}


def usual_spread(frame: Frame, scores: dict[Spot, tuple[float, ...]] | None = None) -> float:
    """Standard deviation between raters of one output, pooled over outputs; nan without two."""
    groups = [np.array(given) for given in (scores or _scores(frame)).values() if len(given) > 1]
    if not groups:
        return float("nan")
    squares = sum(float(((given - given.mean()) ** 2).sum()) for given in groups)
    return float(np.sqrt(squares / sum(len(given) - 1 for given in groups)))


def _metric_ranks(frame: Frame, values: Sequence[MetricValues]) -> FloatArray:
    """(metrics, segments, systems) ranks 0-1, without the baselines."""
    asked = [metric for metric in values if not is_baseline(metric.name)]
    ranks = [gap_of(frame, metric).machine for metric in asked]
    return np.stack(ranks) if ranks else np.zeros((0, *frame.outputs.shape))


def _entailments(campaign: Campaign, frame: Frame) -> dict[int, tuple[float, float]]:
    """By output: reference entails output, and the reverse; newest value of each direction."""
    rows: Any = SegmentScore.objects.filter(
        metric="nli", output__system__campaigns=campaign, output__segment__dataset=campaign.dataset
    )
    found: dict[int, list[float]] = {}
    for output, signature, value in rows.order_by("pk").values_list("output", "signature", "value"):
        parts = signature.split("|")
        for place, direction in enumerate(DIRECTIONS):
            if value is not None and f"dir:{direction}" in parts:
                found.setdefault(output, [float("nan")] * 2)[place] = value
    return {output: (both[0], both[1]) for output, both in found.items()}
