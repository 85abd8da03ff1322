"""Metrics beside people, output by output and system by system."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from metrics.reports.contenders import names
from metrics.reports.figures import ROW_HEIGHT, Rows, Spec, dots, line_spec, offset
from metrics.reports.pieces import defined, figure, table
from metrics.reports.sections import SECTIONS, Link, Material, Section
from metrics.reports.sections.base import Payload, Tables
from metrics.reports.words import GROUPINGS, STATISTICS

SHOWN = ("pearson", "spearman", "kendall_b", "kendall_c")


@SECTIONS.register("correlations")
class Correlations(Section):
    name = "correlations"
    title = gettext_lazy("Metrics beside people")
    place = 50
    always = ("correlations", "points")
    aside = ("correlations",)

    def tables(self, material: Material) -> Tables:
        from metrics.analyses.correlations import correlation_table as rows
        from metrics.analyses.points import point_sample

        frame, settings = material.frame, material.settings
        return {
            "correlations": lambda: rows(frame, material.contenders, settings),
            "points": lambda: point_sample(frame, material.values, settings),
        }

    def shown(self, payload: Payload, link: Link | None = None) -> Mapping[str, Any]:
        return {
            "figure": figure(
                "figure-correlations",
                _("Does a metric follow the people, segment by segment?"),
                correlation_figure(payload["correlations"], names(payload)),
                correlation_table(payload, "segment"),
                _(
                    "Within each segment is the strictest: "
                    "knowing hard segments earns nothing there. "
                    "A metric must beat the baselines, which read nothing of a text's quality."
                ),
            ),
            "by_system": correlation_table(payload, "system"),
            "no_system_level": _one_reason(payload),
            "scatter": scatter_figures(payload),
        }


def correlation_table(payload: Payload, level: str) -> dict:
    """A row for each metric or baseline and grouping, a column for each statistic."""
    called = names(payload)
    grouped = level == "segment"
    shown = SHOWN if grouped else SHOWN[:3]
    columns = [_("Metric"), *([_("Grouping")] if grouped else []), *(STATISTICS[s] for s in shown)]
    columns += [_("Outputs"), _("Groups")] if grouped else [_("Systems")]
    found: dict[tuple[str, str], dict[str, Mapping[str, Any]]] = {}
    for row in payload["correlations"]:
        if row["level"] == level:
            place = found.setdefault((row["metric"], row["grouping"]), {})
            place[row["statistic"]] = row
    rows = [
        [
            called[metric],
            *([str(GROUPINGS[grouping])] if grouped else []),
            *(defined(statistics[name], 2) for name in shown),
            statistics["pearson"]["n"],
            *([statistics["pearson"]["n_groups"]] if grouped else []),
        ]
        for (metric, grouping), statistics in found.items()
    ]
    return table(columns, rows, 2 if grouped else 1)


def _one_reason(payload: Payload) -> str:
    """Why no metric has a correlation over systems, where all lack it for one reason."""
    rows = [row for row in payload["correlations"] if row["level"] == "system"]
    reasons = {row["reason"] for row in rows if row["value"] is None}
    undefined = rows and all(row["value"] is None for row in rows)
    return str(next(iter(reasons))) if undefined and len(reasons) == 1 else ""


def scatter_figures(payload: Payload) -> list[dict]:
    found = []
    for metric in payload["metrics"]:
        points_here = [p for p in payload["points"] if p["metric"] == metric["metric"]]
        if points_here:
            title = _("People's score and %(metric)s, a dot for each output") % {
                "metric": metric["label"]
            }
            spec = scatter_figure(points_here, metric, payload["protocol_details"]["unit"])
            found.append({"id": f"figure-scatter-{metric['metric']}", "title": title, "spec": spec})
    return found


def correlation_figure(correlations: Rows, called: Mapping[str, str]) -> Spec:
    """Kendall's tau-b of every metric, segment by segment, under the three groupings."""
    rows = [
        row
        for row in correlations
        if row["level"] == "segment"
        and row["statistic"] == "kendall_b"
        and row["value"] is not None
    ]
    rows = [{**row, "label": called[row["metric"]]} for row in rows]
    lines = list(dict.fromkeys(row["label"] for row in rows))[::-1]
    shifts = {"none": 0.2, "item": 0.0, "system": -0.2}
    traces = [
        dots(chosen, "value", offset(chosen, "label", lines, shift), str(GROUPINGS[grouping]))
        for grouping, shift in shifts.items()
        if (chosen := [row for row in rows if row["grouping"] == grouping])
    ]
    spec = line_spec(traces, _("Kendall τ-b with people's scores"), lines, numbered=True)
    spec["layout"]["height"] += ROW_HEIGHT * len(lines)
    return spec


def scatter_figure(points: Rows, metric: Mapping[str, Any], unit: str) -> Spec:
    """One dot for each output of the sample, by system."""
    systems = list(dict.fromkeys(point["system"] for point in points))
    traces = [
        {
            "type": "scatter",
            "mode": "markers",
            "name": system,
            "x": [p["metric_value"] for p in points if p["system"] == system],
            "y": [p["human"] for p in points if p["system"] == system],
            "text": [p["key"] for p in points if p["system"] == system],
            "marker": {"size": 7, "opacity": 0.55},
            "hovertemplate": "%{text}<br>%{x:.3g}, %{y:.3g}",
        }
        for system in systems
    ]
    return {
        "data": traces,
        "layout": {
            "height": 380,
            "showlegend": len(systems) <= 8,
            "xaxis": {"title": {"text": f"{metric['label']} ({metric['unit']})"}},
            "yaxis": {"title": {"text": unit}},
        },
    }
