"""What one more person would reach, and what share of it each metric does."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from metrics.reports.contenders import names
from metrics.reports.figures import ROW_HEIGHT, Spec, dots, line_spec, offset
from metrics.reports.pieces import defined, figure, labels, table
from metrics.reports.sections import SECTIONS, Link, Material, Section
from metrics.reports.sections.base import Payload, Tables
from metrics.reports.words import GROUPINGS, interval, number, percent

SHIFTS = {"none": 0.2, "item": 0.0, "system": -0.2}
WAYS = {
    "split_half": gettext_lazy("one half of the ratings against the other"),
    "variance_components": gettext_lazy("variance components"),
}
SPOKEN = "none"  # within a segment there are often too few outputs that differ


@SECTIONS.register("noise_ceiling")
class Ceiling(Section):
    name = "noise_ceiling"
    title = gettext_lazy("The noise ceiling")
    place = 58
    always = ("reliability", "noise_ceiling")

    def tables(self, material: Material) -> Tables:
        from metrics.analyses.noise import noise_table, reliability_table

        frame, settings = material.frame, material.settings
        return {
            "reliability": lambda: reliability_table(frame, settings),
            "noise_ceiling": lambda: noise_table(frame, material.contenders, settings),
        }

    def shown(self, payload: Payload, link: Link | None = None) -> Mapping[str, Any] | None:
        rows = payload["noise_ceiling"]
        if not rows:
            return None
        reasons = {row["reason"] for row in rows if row["share"] is None}
        if len(reasons) == 1 and all(row["share"] is None for row in rows):
            return {"reason": next(iter(reasons))}
        return {
            "sentences": sentences(payload),
            "figure": figure(
                "figure-noise-ceiling",
                _("What share of a person's agreement with the others does a metric reach?"),
                share_figure(payload),
                share_table(payload),
                _("100%: the metric follows the other people as closely as one of them does."),
            ),
            "reliability": reliability_rows(payload),
        }


def sentences(payload: Payload) -> list[str]:
    """One for each metric, no baselines: what share of a person's agreement it reaches."""
    called = labels(payload)
    found = []
    for row in payload["noise_ceiling"]:
        if row["grouping"] != SPOKEN or row["is_baseline"]:
            continue
        said = {"metric": called[row["metric"]], "reason": row["reason"]}
        if row["share"] is None:
            found.append(_("%(metric)s: not defined: %(reason)s.") % said)
            continue
        said["share"] = percent(row["share"])
        if row["share_low"] is None:
            text = _(
                "Over all outputs, %(metric)s reaches %(share)s of what a human rater would; "
                "an interval needs more segments."
            )
        else:
            said["ends"] = _percents(row)
            text = _(
                "Over all outputs, %(metric)s reaches %(share)s (%(ends)s) "
                "of what a human rater would."
            )
        found.append(text % said)
    return found


def _percents(row: Mapping[str, Any]) -> str:
    return f"{interval(100 * row['share_low'], 100 * row['share_high'], 0)}%"


def share_table(payload: Payload) -> dict:
    called = names(payload)
    columns = [
        _("Metric"),
        _("Grouping"),
        _("Share of a person's"),
        _("Metric with the others (r)"),
        _("One person with the others (r)"),
        _("r corrected for noise"),
        _("Outputs"),
        _("Groups"),
    ]
    rows = [
        [
            called[row["metric"]],
            str(GROUPINGS[row["grouping"]]),
            _share(row),
            _cell(row, "beside"),
            _cell(row, "person"),
            _cell(row, "corrected"),
            row["n"],
            row["n_groups"],
        ]
        for row in payload["noise_ceiling"]
    ]
    return table(columns, rows, 2)


def _share(row: Mapping[str, Any]) -> str:
    if row["share"] is None:
        return _("not defined: %(reason)s") % {"reason": row["reason"]}
    return percent(row["share"]) + ("" if row["share_low"] is None else f" ({_percents(row)})")


def _cell(row: Mapping[str, Any], name: str) -> str:
    ends = row[f"{name}_low"], row[f"{name}_high"]
    return number(row[name]) + ("" if None in ends else f" ({interval(*ends, 2)})")


def reliability_rows(payload: Payload) -> dict:
    columns = [
        _("How people's agreement is measured"),
        _("Reliability of the mean rating"),
        _("Highest correlation a metric can expect"),
        _("Outputs"),
        _("Raters"),
        _("Ratings"),
    ]
    rows = [
        [
            str(WAYS[row["statistic"]]),
            defined(row),
            number(row["ceiling"]),
            row["n_units"],
            row["n_raters"],
            row["n_ratings"],
        ]
        for row in payload["reliability"]
    ]
    return table(columns, rows, 1)


def share_figure(payload: Payload) -> Spec:
    """The share of every metric and baseline under the three groupings, a line at 100%."""
    called = names(payload)
    rows = [
        {
            "grouping": row["grouping"],
            "label": called[row["metric"]],
            "value": 100 * row["share"],
            "low": None if row["share_low"] is None else 100 * row["share_low"],
            "high": None if row["share_high"] is None else 100 * row["share_high"],
        }
        for row in payload["noise_ceiling"]
        if row["share"] is not None
    ]
    lines = list(dict.fromkeys(row["label"] for row in rows))[::-1]
    traces = [
        dots(chosen, "value", offset(chosen, "label", lines, shift), str(GROUPINGS[grouping]))
        for grouping, shift in SHIFTS.items()
        if (chosen := [row for row in rows if row["grouping"] == grouping])
    ]
    spec = line_spec(traces, _("% of what one person reaches"), lines, numbered=True)
    spec["layout"]["height"] += ROW_HEIGHT * len(lines)
    edge = {"type": "line", "x0": 100, "x1": 100, "y0": 0, "y1": 1, "yref": "paper"}
    spec["layout"]["shapes"] = [edge | {"line": {"dash": "dash", "color": "#888888"}}]
    return spec
