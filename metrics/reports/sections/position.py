"""Whether the first output shown is preferred for being first."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from metrics.reports.figures import Spec, dots, line_spec
from metrics.reports.pieces import figure, table
from metrics.reports.sections import SECTIONS, Link, Material, Section
from metrics.reports.sections.base import Payload, Tables
from metrics.reports.words import DASH, interval, number, p_value, with_p

Row = Mapping[str, Any]


@SECTIONS.register("position")
class Position(Section):
    name = "position"
    title = gettext_lazy("Does the place decide?")
    place = 44
    sometimes = ("position",)  # where outputs are compared two by two

    def tables(self, material: Material) -> Tables:
        from metrics.analyses.position import position_table as rows

        return {"position": lambda: rows(material.campaign, material.settings) or None}

    def shown(self, payload: Payload, link: Link | None = None) -> Mapping[str, Any] | None:
        rows = payload.get("position")
        if not rows:
            return None
        return {
            "sentence": _sentence(rows[0]),
            "figure": figure(
                "figure-position",
                _("How often the output shown first is preferred"),
                position_figure(rows),
                position_shown(rows),
                _("Of the comparisons that are no ties; one half where the place does not matter."),
            ),
        }


def position_shown(rows: Sequence[Row]) -> dict[str, Any]:
    columns = [
        _("Annotator"),
        _("First preferred (95% interval)"),
        _("p"),
        _("p (Holm)"),
        _("Decided"),
        _("Ties"),
    ]
    cells = [
        [
            row["annotator"] or _("all"),
            _share(row),
            p_value(row["p"]),
            p_value(row["p_adjusted"]),
            row["n"],
            row["n_ties"],
        ]
        for row in rows
    ]
    return table(columns, cells, 1)


def position_figure(rows: Sequence[Row]) -> Spec:
    known = [row for row in rows if row["share_first"] is not None][::-1]
    names = [row["annotator"] or _("all") for row in known]
    trace = dots(known, "share_first", names, _("first preferred"))
    spec = line_spec([trace], _("share preferring the first, 0-1"), names, legend=False)
    spec["layout"]["xaxis"]["range"] = [0, 1]
    return spec


def _share(row: Row) -> str:
    if row["share_first"] is None:
        return _("not defined: %(reason)s") % {"reason": row["reason"]}
    return f"{number(row['share_first'], 2)} ({interval(row['low'], row['high'], 2)})"


def _sentence(row: Row) -> str:
    if row["share_first"] is None:
        return row["reason"] or DASH
    said = _(
        "The output shown first was preferred in %(first)s of %(n)s decided comparisons, %(p)s."
    )
    return said % {"first": row["n_first"], "n": row["n"], "p": with_p(row["p"])}
