"""Do annotators mark the same errors?"""

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from metrics.reports.figures import Spec, dot_groups, dots, line_spec
from metrics.reports.pieces import MOST_ROWS, figure, table
from metrics.reports.sections import SECTIONS, Link, Material, Section
from metrics.reports.sections.base import Payload, Tables
from metrics.reports.words import DASH, brief, estimate, number, percent

Row = Mapping[str, Any]
Rows = Sequence[Row]
ANY = "any error"
OVERLAPS = {
    "char_f1": gettext_lazy("Characters, F1"),
    "char_f1_weighted": gettext_lazy("Characters by severity, F1"),
    "span_f1": gettext_lazy("Marks, F1"),
}
NAMES = {
    "same_severity": gettext_lazy("Same severity"),
    "same_category": gettext_lazy("Same category"),
}


@SECTIONS.register("span_agreement")
class SpanAgreement(Section):
    name = "span_agreement"
    title = gettext_lazy("Do annotators mark the same errors?")
    place = 41
    sometimes = ("span_agreement", "category_presence")

    def tables(self, material: Material) -> Tables:
        from metrics.analyses.span_agreement import (
            PROTOCOLS,
            load_marks,
            presence_table,
            span_table,
        )

        frame, settings = material.frame, material.settings
        if frame.protocol_name not in PROTOCOLS:
            return {}
        excluded = settings.with_excluded
        marks = cache(lambda: load_marks(material.campaign, frame, with_excluded=excluded))
        return {
            "span_agreement": lambda: span_table(frame, marks(), settings) or None,
            "category_presence": lambda: presence_table(marks(), settings) or None,
        }

    def shown(self, payload: Payload, link: Link | None = None) -> Mapping[str, Any] | None:
        rows, kinds = payload.get("span_agreement"), payload.get("category_presence")
        if not rows or not kinds:
            return None
        return {
            "sentences": sentences(rows, kinds),
            "overlap": figure(
                "figure-span-agreement",
                _("How much of their marks two annotators share"),
                overlap_figure(rows),
                overlap_table(rows),
                _("F1: 0 is nothing in common, 1 is the same; not corrected for chance."),
            ),
            "kinds": figure(
                "figure-category-presence",
                _("Do two annotators find the same kinds of errors in an output?"),
                presence_figure(kinds),
                presence_table(kinds),
                _("Kappa with 95% interval: 0 is chance, 1 is complete."),
            ),
        }


def sentences(rows: Rows, kinds: Rows) -> list[str]:
    """What the rows of all pairs together say in plain words."""
    found = {row["statistic"]: row for row in rows if row["rater_a"] is None}
    said = []
    if found["span_f1"]["value"] is not None:
        said.append(
            _("Of the errors that one of two annotators marks, the other marks %(share)s.")
            % {"share": percent(found["span_f1"]["value"])}
        )
    if found["same_severity"]["value"] is not None:
        said.append(
            _("Errors that both mark have the same severity in %(share)s of the cases.")
            % {"share": percent(found["same_severity"]["value"])}
        )
    for row in kinds:
        if row["category"] == ANY and row["kappa"] is not None:
            said.append(
                _("Whether an output has an error at all: kappa %(kappa)s.")
                % {"kappa": number(row["kappa"], 2)}
            )
    return said


def _pair(row: Row) -> str:
    return f"{row['rater_a']} – {row['rater_b']}" if row["rater_a"] else _("all pairs")


def overlap_table(rows: Rows) -> dict[str, Any]:
    named = {k: v for k, v in NAMES.items() if any(row["statistic"] == k for row in rows)}
    columns = [_("Annotators"), *map(str, OVERLAPS.values())]
    for label in named.values():
        columns += [str(label), _("Kappa")]
    columns += [_("Outputs"), _("Marks"), _("Shared")]
    cells: dict[str, dict[str, Row]] = {}
    for row in rows:
        cells.setdefault(_pair(row), {})[row["statistic"]] = row
    return table(columns, [_line(name, found, named) for name, found in cells.items()], 1)


def _line(name: str, found: Mapping[str, Row], named: Mapping[str, Any]) -> list[Any]:
    line: list[Any] = [name, *(_value(found[statistic]) for statistic in OVERLAPS)]
    for statistic in named:
        kappa = found[statistic.replace("same_", "") + "_kappa"]
        line += [percent(found[statistic]["value"]), _value(kappa)]
    return [*line, found["span_f1"]["n_texts"], found["span_f1"]["n"], found["same_severity"]["n"]]


def _value(row: Row) -> str:
    return estimate(row["value"], row["low"], row["high"]) if row["value"] is not None else DASH


def overlap_figure(rows: Rows) -> Spec:
    known = [row | {"pair": _pair(row)} for row in rows if row["value"] is not None]
    names = list(dict.fromkeys(row["pair"] for row in known))[:MOST_ROWS][::-1]
    groups = {
        str(label): [r for r in known if r["statistic"] == statistic and r["pair"] in names]
        for statistic, label in OVERLAPS.items()
    }
    spec = line_spec(
        dot_groups(groups, "value", "pair", names), _("F1, with 95% interval"), names, numbered=True
    )
    spec["layout"]["xaxis"]["range"] = [-0.02, 1.02]
    spec["layout"]["height"] += 20 * len(names)
    return spec


def presence_table(kinds: Rows) -> dict[str, Any]:
    columns = [_("Kind of error"), _("Kappa"), _("Both"), _("Only one"), _("Neither")]
    rows = [
        [
            _("any error") if row["category"] == ANY else row["category"],
            estimate(row["kappa"], row["low"], row["high"]),
            row["both"],
            row["one"],
            row["neither"],
        ]
        for row in kinds
    ]
    return table(columns, rows, 1)


def presence_figure(kinds: Rows) -> Spec:
    known = [row for row in kinds if row["kappa"] is not None][:MOST_ROWS][::-1]
    names = brief([row["category"] for row in known])
    spec = line_spec(
        [dots(known, "kappa", names, "")],
        _("kappa: 0 is chance"),
        names,
        legend=False,
    )
    ends = [row["kappa"] if row["low"] is None else row["low"] for row in known]
    lowest = min(ends, default=0.0)
    spec["layout"]["xaxis"]["range"] = [min(-0.05, lowest - 0.05), 1.05]
    return spec
