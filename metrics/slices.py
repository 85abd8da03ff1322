"""A slice of a campaign's outputs as a table: texts, gaps, causes, scores and raters' notes."""

import io
from collections.abc import Iterator, Sequence
from typing import Any

from annotation.models import Campaign, RatingScore
from common.tables import write_csv
from metrics.causes.words import english
from metrics.explorer import QUADRANTS, Filter, Outputs, chosen, metric_place
from models_app.models import Output

AT_ONCE = 500  # outputs whose texts and ratings are read together
FIELDS = (
    "key",
    "domain",
    "document",
    "system",
    "source",
    "output",
    "references",
    "metric",
    "human_rank",
    "metric_rank",
    "gap",
    "quadrant",
    "cause",
    "explanation",
    "scores",
    "notes",
)


def slice_csv(campaign: Campaign, known: Outputs | None, asked: Filter) -> str:
    """UTF-8 text, RFC 4180; `scores` and `notes` name the annotators by their codes."""
    file = io.StringIO()
    write_csv(file, FIELDS, () if known is None else _rows(campaign, known, asked))
    return file.getvalue()


def _rows(campaign: Campaign, known: Outputs, asked: Filter) -> Iterator[list[Any]]:
    metric = metric_place(known, asked.metric)
    wanted = chosen(known, asked).tolist()
    for start in range(0, len(wanted), AT_ONCE):
        places = wanted[start : start + AT_ONCE]
        keys = [int(known.output[place]) for place in places]
        texts = Output.objects.select_related("segment").in_bulk(keys)
        said = _said(campaign, keys)
        for place in places:
            output = texts.get(int(known.output[place]))
            if output is not None:
                yield _row(known, place, metric, output, said.get(output.pk, ([], [])))


def _row(
    known: Outputs, place: int, metric: int, output: Output, said: tuple[list[str], list[str]]
) -> list[Any]:
    main = int(known.main[place])
    segment = output.segment
    return [
        segment.key,
        segment.domain,
        segment.document,
        known.systems[known.system[place]],
        segment.source,
        output.text,
        " | ".join(map(str, segment.references)),
        known.metrics[metric][0],
        round(float(known.human[place, metric]), 6),
        round(float(known.machine[place, metric]), 6),
        round(float(known.gap(metric)[place]), 6),
        QUADRANTS[known.quadrant[place, metric]],
        known.causes[main][0] if main >= 0 else "",
        english(known.explanations[place]),
        " | ".join(said[0]),
        " | ".join(said[1]),
    ]


def _said(campaign: Campaign, outputs: Sequence[int]) -> dict[int, tuple[list[str], list[str]]]:
    """By output: each rater's score in the main criterion, and each rater's note."""
    scores = RatingScore.objects.filter(
        output__in=outputs,
        rating__item__campaign=campaign,
        rating__item__purpose="judge",
        rating__is_complete=True,
        criterion=campaign.protocol_object.main_criterion,
    )
    found: dict[int, tuple[list[str], list[str]]] = {}
    rows = scores.order_by("output", "rating__annotator__code", "pk")
    for output, code, value, note in rows.values_list(
        "output", "rating__annotator__code", "value", "rating__note"
    ):
        given, notes = found.setdefault(output, ([], []))
        given.append(f"{code}: {value:g}")
        if note:
            notes.append(f"{code}: {note}")
    return found
