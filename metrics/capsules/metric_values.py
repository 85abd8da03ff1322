"""Metric values as lines of JSON and back: what a campaign's own file does not hold."""

from collections.abc import Iterator
from typing import Any, BinaryIO

from annotation.interchange.judged import CHUNK
from annotation.models import Campaign
from common.errors import BadInput
from common.problems import Problems, shown
from common.tables import Row, Table
from metrics.automatic import METRICS
from metrics.automatic.imported import is_score
from metrics.capsules.examinations import examinations, restored
from metrics.models import MetricScore, ScoringRun, SegmentScore
from metrics.scoring import latest_signatures
from models_app.loading.common import all_or_nothing, chunks
from models_app.models import Job, Output, System

SCHEMA = "nikash-metrics/1"

Record = dict[str, Any]


def metric_records(campaign: Campaign) -> Iterator[Record]:
    """The newest signatures, then the systems' scores and the outputs' values under them."""
    signatures = latest_signatures(campaign.dataset)
    head = {"record": "metrics", "schema": SCHEMA, "signatures": signatures}
    yield head | examinations(campaign)
    scores = MetricScore.objects.filter(
        dataset=campaign.dataset,
        system__campaigns=campaign,
        signature__in={one["corpus"] for one in signatures.values()},
    )
    fields = ("metric", "signature", "corpus", "segment_mean", "n")
    for score in scores.order_by("metric", "system__name").values("system__name", *fields):
        yield {"record": "score", "system": score.pop("system__name"), **score}
    for metric in sorted(signatures):
        yield from _values(campaign, metric, signatures[metric]["segment"])


def _values(campaign: Campaign, metric: str, signature: str) -> Iterator[Record]:
    values = SegmentScore.objects.filter(
        metric=metric,
        signature=signature,
        output__segment__dataset=campaign.dataset,
        output__system__campaigns=campaign,
    ).order_by("output__segment__position", "output__system__name")
    columns = ("output__system__name", "output__segment__key", "value", "statistics")
    for system, key, value, statistics in values.values_list(*columns).iterator(CHUNK):
        yield {
            "record": "value",
            "system": system,
            "key": key,
            "metric": metric,
            "value": value,
            "statistics": statistics,
        }


def restore_values(campaign: Campaign, stream: BinaryIO, name: str) -> int:
    """Store the lines for a campaign that was just put back; how many values there are.

    Raises BadInput or BadTable, and then nothing is stored.
    """
    problems = Problems(name)
    with all_or_nothing(problems, dry_run=False):
        rows = Table(stream, name).rows(["record"], problems=problems)
        lines = _Lines(campaign, next(rows, None), problems)
        for chunk in chunks(rows):
            lines.take(chunk)
            problems.raise_if_any()
        ScoringRun.objects.create(
            dataset=campaign.dataset,
            campaign=campaign,
            metrics=sorted(lines.signatures),
            state=Job.State.DONE,
            environment={"signatures": lines.signatures, **lines.found},
        )
    return lines.n_values


class _Lines:
    """Lines as rows to store, each checked against the campaign's systems and outputs."""

    def __init__(self, campaign: Campaign, head: Row | None, problems: Problems) -> None:
        problems.raise_if_any()
        self.campaign, self.problems, self.n_values = campaign, problems, 0
        schema = head.cells.get("schema") if head else None
        if head is None or schema != SCHEMA:
            raise BadInput(
                f"the first line must be of the schema {SCHEMA}; found {shown(schema)}",
                file=problems.file,
                row=1,
            )
        self.signatures = _signatures(head, problems.file)
        self.widths: dict[str, int] = {}  # numbers in a row of statistics, by metric
        self.found = restored(head.cells, problems.file)
        shown_here = Output.objects.filter(
            segment__dataset=campaign.dataset, system__campaigns=campaign
        )
        found = shown_here.values_list("system__name", "segment__key", "pk")
        self.outputs = {(system, key): pk for system, key, pk in found}
        self.systems = dict(System.objects.filter(campaigns=campaign).values_list("name", "pk"))

    def take(self, rows: list[Row]) -> None:
        scores, values = [], []
        for row in rows:
            try:
                if row.cells["record"] == "score":
                    scores.append(self._score(row.cells))
                else:
                    values.append(self._value(row.cells))
            except BadInput as problem:
                self.problems.add(problem.reason, row.number, problem.column)
        MetricScore.objects.bulk_create(scores)
        SegmentScore.objects.bulk_create(values)
        self.n_values += len(values)

    def _score(self, cells: Record) -> MetricScore:
        system = _word(cells, "system")
        if system not in self.systems:
            raise BadInput(f"{shown(system)} is no system of the campaign", column="system")
        n = cells.get("n")
        if type(n) is not int or n < 0:
            raise BadInput(f"{shown(n)} is no number of segments", column="n")
        return MetricScore(
            dataset=self.campaign.dataset,
            system_id=self.systems[system],
            metric=self._metric(cells),
            signature=_word(cells, "signature"),
            corpus=_number(cells, "corpus"),
            segment_mean=_number(cells, "segment_mean"),
            n=n,
        )

    def _value(self, cells: Record) -> SegmentScore:
        place = (_word(cells, "system"), _word(cells, "key"))
        if place not in self.outputs:
            raise BadInput(f"{shown(place)} is no output of the campaign", column="key")
        metric = self._metric(cells)
        statistics = cells.get("statistics")
        if not isinstance(statistics, list) or not all(map(is_score, statistics)):
            raise BadInput("is no list of numbers", column="statistics")
        n = self.widths.setdefault(metric, len(statistics))
        if len(statistics) != n or not (metric not in METRICS or METRICS.get(metric).fits(n)):
            raise BadInput(
                f"{metric} has no rows of {len(statistics)} numbers", column="statistics"
            )
        return SegmentScore(
            output_id=self.outputs[place],
            metric=metric,
            signature=self.signatures[metric]["segment"],
            value=_number(cells, "value"),
            statistics=statistics,
        )

    def _metric(self, cells: Record) -> str:
        metric = _word(cells, "metric")
        if metric not in self.signatures:
            raise BadInput(f"{shown(metric)} has no signature in the first line", column="metric")
        return metric


def _signatures(head: Row, file: str) -> dict[str, dict[str, str]]:
    found = head.cells.get("signatures")
    if isinstance(found, dict) and all(
        isinstance(one, dict)
        and set(one) == {"corpus", "segment"}
        and all(isinstance(text, str) and len(text) <= 300 for text in one.values())
        for one in found.values()
    ):
        return found
    raise BadInput(
        "must name a corpus and a segment signature for each metric",
        file=file,
        row=1,
        column="signatures",
    )


def _word(cells: Record, name: str) -> str:
    value = cells.get(name)
    if not isinstance(value, str):
        raise BadInput(f"{shown(value)} is not a text", column=name)
    return value


def _number(cells: Record, name: str) -> float | None:
    value = cells.get(name)
    if value is not None and not is_score(value):
        raise BadInput(f"{shown(value)} is not a number", column=name)
    return value
