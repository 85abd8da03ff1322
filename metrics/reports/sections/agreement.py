"""How alike people rate, and who they are."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from metrics.reports.figures import Rows, Spec, dots, line_spec, offset
from metrics.reports.pieces import defined, figure, table
from metrics.reports.sections import SECTIONS, Link, Material, Section
from metrics.reports.sections.base import Payload, Tables
from metrics.reports.words import DASH, STATISTICS


@SECTIONS.register("agreement")
class Agreement(Section):
    name = "agreement"
    title = gettext_lazy("Agreement")
    place = 40
    always = ("agreement",)

    def tables(self, material: Material) -> Tables:
        from metrics.analyses.agreement import agreement_table as rows

        return {"agreement": lambda: rows(material.frame, material.settings)}

    def shown(self, payload: Payload, link: Link | None = None) -> Mapping[str, Any]:
        return {
            "figure": figure(
                "figure-agreement",
                _("How alike the raters rate"),
                agreement_figure(payload["agreement"]),
                agreement_table(payload),
            )
        }


def agreement_table(payload: Payload) -> dict:
    columns = [
        _("Criterion"),
        _("Statistic"),
        _("Level"),
        _("Value (95% interval)"),
        _("Units"),
        _("Raters"),
        _("Ratings"),
        _("Recipe"),
    ]
    rows = [
        [
            row["criterion"],
            str(STATISTICS.get(row["statistic"], row["statistic"])),
            row["level"],
            defined(row),
            row["n_units"],
            row["n_raters"],
            row["n_ratings"],
            row["method"] or DASH,
        ]
        for row in payload["agreement"]
    ]
    return table(columns, rows, 3)


def agreement_figure(agreement: Rows) -> Spec:
    """Alpha and kappa of each criterion, from none (0) to complete (1)."""
    rows = [row for row in agreement if row["value"] is not None]
    names = list(dict.fromkeys(row["criterion"] for row in rows))[::-1]
    traces = [
        dots(chosen, "value", offset(chosen, "criterion", names, shift), str(STATISTICS[name]))
        for name, shift in (("krippendorff_alpha", 0.12), ("pairwise_kappa", -0.12))
        if (chosen := [row for row in rows if row["statistic"] == name])
    ]
    spec = line_spec(traces, _("agreement: 0 is chance, 1 is complete"), names, numbered=True)
    lowest = min((row["low"] for row in rows if row["low"] is not None), default=0.0)
    spec["layout"]["xaxis"]["range"] = [min(-0.05, lowest - 0.05), 1.05]
    return spec
