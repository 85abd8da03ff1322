"""Drift: did annotators become stricter or more lenient over their work?"""

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from metrics.reports.figures import Spec, dots, line_spec
from metrics.reports.pieces import MOST_ROWS, figure, table
from metrics.reports.sections import SECTIONS, Link, Material, Section
from metrics.reports.sections.base import Payload, Tables
from metrics.reports.words import estimate, joined, p_value

Rows = Sequence[Mapping[str, Any]]
NAMED_BELOW = 0.05  # corrected p


@SECTIONS.register("drift")
class Drift(Section):
    name = "drift"
    title = gettext_lazy("Drift over the work")
    place = 44
    sometimes = ("drift",)

    def tables(self, material: Material) -> Tables:
        from metrics.analyses.drift import drift_table as rows

        return {"drift": lambda: rows(material.campaign, material.frame, material.settings) or None}

    def shown(self, payload: Payload, link: Link | None = None) -> Mapping[str, Any] | None:
        rows = payload.get("drift")
        if not rows:
            return None
        return {
            "sentence": sentence(rows),
            "figure": figure(
                "figure-drift",
                _("Each annotator's slope over their own order of work"),
                drift_figure(rows),
                drift_table(rows),
                _("In the annotator's own standard deviations per 100 items."),
            ),
        }


def sentence(rows: Rows) -> str:
    """Who became milder or stricter, beyond chance."""
    known = [row for row in rows if row["p_adjusted"] is not None]
    if not known:
        return _("Drift is not defined: too few scores, or all alike.")
    moved = [row for row in known if row["p_adjusted"] < NAMED_BELOW]
    milder = [row["annotator"] for row in moved if row["slope"] > 0]
    stricter = [row["annotator"] for row in moved if row["slope"] < 0]
    parts = []
    if milder:
        parts.append(_("More lenient over their work: %(who)s.") % {"who": joined(milder)})
    if stricter:
        parts.append(_("Stricter over their work: %(who)s.") % {"who": joined(stricter)})
    return " ".join(parts) or _("No annotator became clearly stricter or more lenient.")


def drift_table(rows: Rows) -> dict[str, Any]:
    columns = [_("Annotator"), _("Slope (95% interval)"), _("p"), _("p (Holm)"), _("Items")]
    cells = [
        [
            row["annotator"],
            estimate(row["slope"], row["low"], row["high"])
            if row["p"] is not None
            else row["reason"],
            p_value(row["p"]),
            p_value(row["p_adjusted"]),
            row["n"],
        ]
        for row in rows
    ]
    return table(columns, cells, 1)


def drift_figure(rows: Rows) -> Spec:
    known = [row for row in rows if row["slope"] is not None][:MOST_ROWS][::-1]
    names = [row["annotator"] for row in known]
    axis = _("left: stricter with time; right: more lenient")
    return line_spec([dots(known, "slope", names, "")], axis, names, legend=False)
