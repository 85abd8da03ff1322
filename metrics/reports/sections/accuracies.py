"""Pairs that a metric sees as people do: of outputs, and of systems."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from metrics.reports.contenders import names
from metrics.reports.figures import ROW_HEIGHT, Rows, Spec, dots, line_spec, offset
from metrics.reports.pieces import defined, figure, table
from metrics.reports.sections import SECTIONS, Link, Material, Section
from metrics.reports.sections.base import Payload, Tables
from metrics.reports.words import DASH, GROUPINGS, number, percent

SHIFTS = {"none": 0.2, "item": 0.0, "system": -0.2}
OVER_SYSTEMS = ("pairwise_accuracy", "soft_pairwise_accuracy")


@SECTIONS.register("accuracies")
class Accuracies(Section):
    name = "accuracies"
    title = gettext_lazy("Pairs that metrics see as people do")
    place = 54
    always = ("accuracies",)
    aside = always

    def tables(self, material: Material) -> Tables:
        from metrics.analyses.accuracies import accuracy_table as rows

        return {"accuracies": lambda: rows(material.frame, material.contenders, material.settings)}

    def shown(self, payload: Payload, link: Link | None = None) -> Mapping[str, Any] | None:
        if not payload["accuracies"]:
            return None
        return {
            "figure": figure(
                "figure-accuracies",
                _("Which of two outputs is better, or are they equal?"),
                accuracy_figure(payload["accuracies"], names(payload)),
                output_table(payload),
                _(
                    "The share of pairs in which a metric says what people say; a small "
                    "difference of the metric counts as a tie."
                ),
            ),
            "systems": system_table(payload),
        }


def output_table(payload: Payload) -> dict:
    called = names(payload)
    columns = [
        _("Metric"),
        _("Grouping"),
        _("acc_eq"),
        _("All tied"),
        _("By chance"),
        _("ε"),
        _("People's ties"),
        _("Metric's ties"),
        _("Pairs"),
        _("Groups"),
    ]
    rows = [
        [
            called[row["metric"]],
            str(GROUPINGS[row["grouping"]]),
            defined(row),
            number(row["constant"]),
            number(row["coin"]),
            _epsilon(row["epsilon"]),
            _share(row["human_ties"], row["n_pairs"]),
            _share(row["metric_ties"], row["n_pairs"]),
            row["n_pairs"],
            row["n_groups"],
        ]
        for row in payload["accuracies"]
        if row["level"] == "segment"
    ]
    return table(columns, rows, 2)


def system_table(payload: Payload) -> dict:
    """A row for each metric and baseline, a column for each accuracy over systems."""
    called = names(payload)
    columns = [_("Metric"), _("Pairwise accuracy"), _("Soft pairwise accuracy"), _("Pairs")]
    found: dict[str, dict[str, Mapping[str, Any]]] = {}
    for row in payload["accuracies"]:
        if row["level"] == "system":
            found.setdefault(row["metric"], {})[row["statistic"]] = row
    rows = [
        [
            called[metric],
            *(defined(by[name]) for name in OVER_SYSTEMS),
            by[OVER_SYSTEMS[1]]["n_pairs"],
        ]
        for metric, by in found.items()
    ]
    return table(columns, rows, 1)


def accuracy_figure(accuracies: Rows, called: Mapping[str, str]) -> Spec:
    """acc_eq of every metric and baseline under the three groupings."""
    rows = [
        {**row, "label": called[row["metric"]]}
        for row in accuracies
        if row["statistic"] == "acc_eq" and row["value"] is not None
    ]
    lines = list(dict.fromkeys(row["label"] for row in rows))[::-1]
    traces = [
        dots(chosen, "value", offset(chosen, "label", lines, shift), str(GROUPINGS[grouping]))
        for grouping, shift in SHIFTS.items()
        if (chosen := [row for row in rows if row["grouping"] == grouping])
    ]
    spec = line_spec(traces, _("acc_eq with people's scores"), lines, numbered=True)
    spec["layout"]["height"] += ROW_HEIGHT * len(lines)
    return spec


def _share(n: int | None, of: int) -> str:
    return DASH if n is None or not of else percent(n / of)


def _epsilon(value: float | None) -> str:
    return DASH if value is None else f"{value:.3g}"
