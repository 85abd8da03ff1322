"""What reads nothing of a text's quality: every metric must follow the people better than these.

They stand beside the metrics, marked, wherever metrics are held against people, and never where a
verdict is given.
"""

from collections.abc import Mapping, Sequence
from typing import ClassVar

import numpy as np

from annotation.models import Campaign
from common.text import clusters
from metrics.analyses.frame import FloatArray, Frame
from metrics.analyses.settings import Settings
from metrics.analyses.values import MetricValues
from metrics.automatic.base import MeanMetric, Metric, Pair
from metrics.automatic.length_ratio import LengthRatio
from models_app.models import Output, Segment


class Baseline(MeanMetric):
    """A number of each output; a system's is the mean over its outputs."""

    unit = ""
    maximum: ClassVar[float] = float("inf")

    def signature(self) -> str:
        return f"baseline:{self.name}"


class Constant(Baseline):
    """The same for every output; acc_eq gives it the share of people's ties."""

    name, label = "baseline_constant", "Constant"


class Random(Baseline):
    """A number from 0 to 1, drawn for each output."""

    name, label = "baseline_random", "Random"


class Length(Baseline):
    """Characters (grapheme clusters) of the output; longer ranks first."""

    name, label = "baseline_length", "Length"


NAMES = (Constant.name, Random.name, Length.name, LengthRatio.name)


def is_baseline(name: str) -> bool:
    """Whether a metric of this name is nothing but a baseline."""
    return name in NAMES


def load_baselines(
    campaign: Campaign, frame: Frame, metrics: Sequence[MetricValues], settings: Settings
) -> list[MetricValues]:
    """Constant, random, length, and length ratio to the reference, the stored one if there is one.

    Two queries.  The length ratio is missing where a segment has no reference.
    """
    texts = dict(
        Output.objects.filter(
            system__campaigns=campaign, segment__items__campaign=campaign
        ).values_list("pk", "text")
    )
    spots = {spot: texts[pk] for spot, pk in np.ndenumerate(frame.outputs) if pk in texts}
    drawn = settings.rng("baseline", Random.name).random(frame.outputs.shape)
    numbers = {
        Constant: dict.fromkeys(spots, 1.0),
        Random: {spot: float(drawn[spot]) for spot in spots},
        Length: {spot: float(len(clusters(text))) for spot, text in spots.items()},
    }
    found = [
        _values(kind(), {spot: (value, 1.0) for spot, value in cells.items()}, frame)
        for kind, cells in numbers.items()
    ]
    stored = [metric for metric in metrics if metric.name == LengthRatio.name]
    return found + (stored or _length_ratio(frame, spots))


def _length_ratio(frame: Frame, texts: Mapping[tuple[int, ...], str]) -> list[MetricValues]:
    """As the metric of that name has it, of the outputs whose segment has a reference."""
    ratio = LengthRatio()
    keys = [place.pk for place in frame.segments]
    references = dict(Segment.objects.filter(pk__in=keys).values_list("pk", "references"))
    pairs = {
        spot: Pair("", text, tuple(references[keys[spot[0]]]))
        for spot, text in texts.items()
        if references[keys[spot[0]]]
    }
    ratio.check(list(pairs.values()))
    return [_values(ratio, {spot: tuple(ratio.row(pair)) for spot, pair in pairs.items()}, frame)]


def _values(
    scorer: Metric, rows: Mapping[tuple[int, ...], Sequence[float]], frame: Frame
) -> MetricValues:
    shape = frame.outputs.shape
    statistics: FloatArray = np.zeros((*shape, 2))
    known = np.zeros(shape, dtype=bool)
    for spot, row in rows.items():
        statistics[spot] = row
        known[spot] = True
    values = np.full(shape, np.nan)
    values[known] = scorer.segment_scores(statistics[known])
    return MetricValues(
        name=scorer.name,
        signature=scorer.signature(),
        segment_signature=scorer.segment_signature(),
        scorer=scorer,
        values=values,
        statistics=statistics,
        known=known,
    )
