"""What an archive shows of each segment, loaded at once: texts, answers by code, errors, values."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from scipy.stats import rankdata

from annotation.interchange.judged import CHUNK
from annotation.models import Campaign, ErrorSpan, RatingScore
from annotation.privacy.leaving import note_that_leaves
from metrics.analyses.disagreements import standardised
from metrics.analyses.frame import FloatArray, Frame, counted, load_frame
from metrics.analyses.values import MetricValues, load_values
from metrics.capsules.pseudonyms import Pseudonyms
from models_app.models import Output, Segment


class Answer(NamedTuple):
    """What one annotator said of one output; `scores` by criterion."""

    system: int
    annotator: str
    scores: dict[str, float]
    note: str
    flagged: bool


class Error(NamedTuple):
    """A place that an annotator marked; one without words concerns the whole segment."""

    system: int
    annotator: str
    side: str
    quoted: str
    severity: str
    category: str
    note: str


@dataclass(frozen=True)
class Study:
    """Segments and systems are numbered as in the frame; texts by segment and system."""

    campaign: Campaign
    report: Mapping[str, Any]
    frame: Frame
    values: list[MetricValues]
    gaps: list[FloatArray]  # of each metric, (segments, systems), nan where there is none
    segments: list[Segment]
    texts: dict[tuple[int, int], str]
    answers: dict[int, list[Answer]]
    errors: dict[int, list[Error]]

    def page(self, number: int) -> str:
        """The file of a segment, from the archive's own folder."""
        return f"segments/{number + 1:0{len(str(len(self.segments)))}}.html"

    @property
    def page_of(self) -> dict[int, str]:
        """The file of a segment by its key in the database."""
        return {segment.pk: self.page(n) for n, segment in enumerate(self.segments)}


def gather(campaign: Campaign, payload: Mapping[str, Any]) -> Study:
    """A fixed number of queries, and one for each metric."""
    people = Pseudonyms(campaign)
    report = people.report(payload)
    with_excluded = bool(report["generated_with"]["settings"].get("with_excluded"))
    frame = load_frame(campaign, with_excluded=with_excluded)
    values = load_values(campaign, frame)
    places = {int(pk): spot for spot, pk in np.ndenumerate(frame.outputs) if pk}
    found = Segment.objects.in_bulk([place.pk for place in frame.segments])
    stored = Output.objects.filter(pk__in=list(places)) if len(places) <= CHUNK else _all(campaign)
    texts = {places[pk]: text for pk, text in stored.values_list("pk", "text") if pk in places}
    return Study(
        campaign=campaign,
        report=report,
        frame=frame,
        values=values,
        gaps=[_gaps(frame, metric) for metric in values],
        segments=[found[place.pk] for place in frame.segments],
        texts=texts,
        answers=_answers(campaign, places, people.codes, with_excluded),
        errors=_errors(campaign, places, people.codes, with_excluded),
    )


def _all(campaign: Campaign) -> Any:
    return Output.objects.filter(segment__dataset=campaign.dataset, system__campaigns=campaign)


def _gaps(frame: Frame, metric: MetricValues) -> FloatArray:
    """The metric's rank of each output minus people's, ranks as shares, as in the report."""
    human = standardised(frame)
    both = np.isfinite(human) & np.isfinite(metric.values) & ~frame.is_human[None, :]
    gaps = np.full(human.shape, np.nan)
    if both.sum() > 1:
        machine = rankdata(metric.direction * metric.values[both])
        gaps[both] = (machine - rankdata(human[both])) / (both.sum() - 1)
    return gaps


def _answers(
    campaign: Campaign,
    places: Mapping[int, tuple[int, ...]],
    codes: Mapping[str, str],
    with_excluded: bool,
) -> dict[int, list[Answer]]:
    scores = RatingScore.objects.filter(rating__in=counted(campaign, with_excluded=with_excluded))
    rows = scores.order_by("rating__annotator__code", "rating", "pk").values_list(
        "output",
        "rating__annotator__code",
        "criterion",
        "value",
        note_that_leaves("rating__note", "rating__annotator"),
        "rating__flagged",
        "rating",
    )
    found: dict[tuple[int, int], Answer] = {}
    by_segment: dict[int, list[Answer]] = {}
    for output, code, criterion, value, note, flagged, rating in rows.iterator(CHUNK):
        if output not in places:
            continue
        line, system = places[output]
        answer = found.get((output, rating))
        if answer is None:
            answer = Answer(system, codes.get(code, code), {}, note, flagged)
            found[output, rating] = answer
            by_segment.setdefault(line, []).append(answer)
        answer.scores[criterion] = value
    return {line: sorted(rows, key=lambda a: a.system) for line, rows in by_segment.items()}


def _errors(
    campaign: Campaign,
    places: Mapping[int, tuple[int, ...]],
    codes: Mapping[str, str],
    with_excluded: bool,
) -> dict[int, list[Error]]:
    spans = ErrorSpan.objects.filter(rating__in=counted(campaign, with_excluded=with_excluded))
    rows = spans.order_by("rating__annotator__code", "pk").values_list(
        "output",
        "rating__annotator__code",
        "side",
        "quoted",
        "severity",
        "category",
        note_that_leaves("note", "rating__annotator"),
    )
    found: dict[int, list[Error]] = {}
    for output, code, *said in rows.iterator(CHUNK):
        if output in places:
            line, system = places[output]
            found.setdefault(line, []).append(Error(system, codes.get(code, code), *said))
    return {line: sorted(rows, key=lambda error: error.system) for line, rows in found.items()}
