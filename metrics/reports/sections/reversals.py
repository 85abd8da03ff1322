"""How often each metric prefers what people reject."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from metrics.reports.contenders import names as names_of
from metrics.reports.figures import Spec, dots, line_spec
from metrics.reports.pieces import figure, table
from metrics.reports.saying import label_of
from metrics.reports.sections import SECTIONS, Link, Material, Section
from metrics.reports.sections.base import Payload, Tables
from metrics.reports.words import DASH, interval, number

Row = Mapping[str, Any]
BY = {
    "systems": gettext_lazy("systems"),
    "domain": gettext_lazy("domain"),
    "length": gettext_lazy("length of the source"),
    "error category": gettext_lazy("error category"),
    "cause": gettext_lazy("cause"),
}


@SECTIONS.register("reversals")
class Reversals(Section):
    name = "reversals"
    title = gettext_lazy("How often metrics prefer what people reject")
    place = 82
    sometimes = ("reversals",)  # where systems can be compared and a metric was computed

    def tables(self, material: Material) -> Tables:
        return {"reversals": lambda: _rows(material) or None}

    def shown(self, payload: Payload, link: Link | None = None) -> Mapping[str, Any] | None:
        rows = payload.get("reversals")
        if not rows:
            return None
        names = names_of(payload)
        overall = [row for row in rows if row["by"] == "all"]
        return {
            "figure": figure(
                "figure-reversals",
                _("Pairs of outputs on which the metric prefers what people reject"),
                reversal_figure(overall, names),
                overall_table(overall, names),
                _(
                    "Half of the pairs is what a coin would do; a metric that often sees no "
                    "difference can reverse less."
                ),
            ),
            "parts": [
                {"label": label, "table": group_table(chosen)}
                for metric, label in names.items()
                if (chosen := [r for r in rows if r["metric"] == metric and r["by"] != "all"])
            ],
        }


def _rows(material: Material) -> list[dict[str, Any]]:
    from metrics.analyses.reversals import reversal_rows, source_words

    frame = material.frame
    return reversal_rows(
        frame,
        material.values,
        material.settings,
        n_words=source_words(material.campaign, frame),
        marked=material.marked,
        causes=material.causes if material.values else None,
    )


def overall_table(rows: Sequence[Row], names: Mapping[str, str]) -> dict[str, Any]:
    columns = [
        _("Metric"),
        _("Prefers what people reject (95% interval)"),
        _("Sees no difference"),
        _("Pairs"),
        _("Segments"),
    ]
    return table(columns, [[names[row["metric"]], *_cells(row)] for row in rows], 1)


def group_table(rows: Sequence[Row]) -> dict[str, Any]:
    columns = [
        _("By"),
        _("Group"),
        _("Prefers what people reject (95% interval)"),
        _("Sees no difference"),
        _("Pairs"),
        _("Segments"),
    ]
    return table(columns, [[str(BY[row["by"]]), _stratum(row), *_cells(row)] for row in rows], 2)


def _stratum(row: Row) -> str:
    """Causes and lengths have names of ours; the others are the data's own."""
    return label_of(row["stratum"]) if row["by"] in ("cause", "length") else row["stratum"]


def _cells(row: Row) -> list[Any]:
    if row["share"] is None:
        said = _("not defined: %(reason)s") % {"reason": row["reason"]}
        return [said, DASH, row["n"], row["n_segments"]]
    ends = "" if row["low"] is None else f" ({interval(row['low'], row['high'], 2)})"
    return [number(row["share"], 2) + ends, number(row["tied"], 2), row["n"], row["n_segments"]]


def reversal_figure(rows: Sequence[Row], names: Mapping[str, str]) -> Spec:
    """A dot with its interval for each metric, the one that errs least on top."""
    known = sorted((row for row in rows if row["share"] is not None), key=lambda row: -row["share"])
    lines = [names[row["metric"]] for row in known]
    trace = dots(known, "share", lines, _("Share of pairs"))
    spec = line_spec([trace], _("Share of the pairs, 0-1"), lines, legend=False)
    spec["layout"]["xaxis"]["rangemode"] = "tozero"
    return spec
