"""The outputs and pairs on which a metric and people part most."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from metrics.reports.pieces import table
from metrics.reports.sections import SECTIONS, Link, Material, Section
from metrics.reports.sections.base import Payload, Tables
from metrics.reports.words import DASH, number, points


@SECTIONS.register("disagreements")
class Disagreements(Section):
    name = "disagreements"
    title = gettext_lazy("Where metrics and people part most")
    place = 90
    always = ("disagreements",)

    def tables(self, material: Material) -> Tables:
        from metrics.analyses.disagreements import disagreement_table as rows

        return {"disagreements": lambda: rows(material.frame, material.values, material.settings)}

    def shown(self, payload: Payload, link: Link | None = None) -> Mapping[str, Any] | None:
        parts = [
            {
                "label": metric["label"],
                "table": disagreement_table(disagreement_rows(payload, metric["metric"]), link),
            }
            for metric in payload["metrics"]
        ]
        return {"parts": parts} if parts else None


def disagreement_rows(payload: Payload, metric: str = "", kind: str = "", domain: str = "") -> list:
    """Rows of one metric (the first when empty), outputs or pairs, of one domain or all."""
    names = [entry["metric"] for entry in payload["metrics"]]
    metric = metric if metric in names else next(iter(names), "")
    return [
        row
        for row in payload["disagreements"]
        if row["metric"] == metric
        and (row["pair"] is not None) == (kind == "pairs")
        and domain in ("", row["domain"])
    ]


def disagreement_table(rows: Sequence[Mapping[str, Any]], link: Link | None = None) -> dict:
    columns = [
        _("Segment"),
        _("System"),
        _("Domain"),
        _("People"),
        _("Metric"),
        _("People's rank"),
        _("Metric's rank"),
        _("Gap"),
    ]
    cells = [
        [
            {"text": row["key"], "href": link(row["segment"])} if link else row["key"],
            row["system"] or " vs. ".join(row["pair"]),
            row["domain"] or DASH,
            points(row["human"]),
            points(row["metric_value"]),
            number(row["human_rank"], 2),
            number(row["metric_rank"], 2),
            number(row["gap"], 2),
        ]
        for row in rows
    ]
    return table(columns, cells, 3)
