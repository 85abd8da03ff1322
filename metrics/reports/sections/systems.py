"""Systems by people's scores, and each metric's own score of them."""

from collections.abc import Iterable, Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from metrics.models import MetricScore
from metrics.reports.figures import Rows, Spec, better, dots, line_spec
from metrics.reports.pieces import figure, labels, table
from metrics.reports.sections import SECTIONS, Link, Material, Section
from metrics.reports.sections.base import Payload, Tables
from metrics.reports.words import estimate, number, points


@SECTIONS.register("systems")
class Systems(Section):
    name = "systems"
    title = gettext_lazy("Systems")
    place = 20
    always = ("systems", "metric_scores")

    def tables(self, material: Material) -> Tables:
        from metrics.analyses.systems import system_table
        from metrics.analyses.values import stored_scores

        return {
            "systems": lambda: system_table(material.frame, material.settings),
            "metric_scores": lambda: metric_scores(stored_scores(material.campaign)),
        }

    def shown(self, payload: Payload, link: Link | None = None) -> Mapping[str, Any]:
        details = payload["protocol_details"]
        spec = systems_figure(payload["systems"], details["unit"], details["direction"])
        return {
            "figure": figure(
                "figure-systems",
                _("People's score of each system"),
                spec,
                systems_table(payload),
                _("Mean over segments of the mean over raters; intervals by drawing segments."),
            ),
            "metric_scores": metric_table(payload),
        }


def metric_scores(stored: Iterable[MetricScore]) -> list[dict[str, Any]]:
    """Every system's own score under each metric, on all the outputs of the dataset."""
    return [
        {
            "metric": row.metric,
            "signature": row.signature,
            "system": row.system.name,
            "corpus": row.corpus,
            "segment_mean": row.segment_mean,
            "n": row.n,
            "reason": None if row.n else "no segment has what this metric compares with",
        }
        for row in stored
    ]


def systems_table(payload: Payload) -> dict:
    columns = [_("System"), _("Score (95% interval)"), _("z"), _("Segments"), _("Ratings")]
    rows = [
        [
            row["system"] + (f" ({_('person')})" if row["is_human"] else ""),
            estimate(row["score"], row["low"], row["high"]),
            number(row["score_z"]),
            row["n_segments"],
            row["n_ratings"],
        ]
        for row in payload["systems"]
    ]
    return table(columns, rows, 1)


def metric_table(payload: Payload) -> dict:
    names = labels(payload)
    columns = [_("Metric"), _("System"), _("Corpus"), _("Mean of segments"), _("n"), _("Signature")]
    rows = [
        [
            names.get(row["metric"], row["metric"]),
            row["system"],
            points(row["corpus"]),
            points(row["segment_mean"]),
            row["n"],
            row["signature"],
        ]
        for row in payload["metric_scores"]
    ]
    return table(columns, rows, 2)


def systems_figure(systems: Rows, unit: str, direction: str) -> Spec:
    """A dot and its interval for each system, best on top; people's texts have a ring."""
    rows = [row for row in systems if row["score"] is not None][::-1]
    traces = []
    for is_human, name in ((False, _("systems")), (True, _("people's texts"))):
        chosen = [row for row in rows if row["is_human"] == is_human]
        if chosen:
            trace = dots(chosen, "score", [row["system"] for row in chosen], name)
            trace["marker"] = {"symbol": "circle-open" if is_human else "circle"}
            traces.append(trace)
    names = [row["system"] for row in rows]
    axis = f"{unit}; {better(direction)}"
    return line_spec(traces, axis, names, legend=len(traces) > 1)
