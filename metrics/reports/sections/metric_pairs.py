"""Metric against metric: which follows the people better, and which share a place."""

from collections.abc import Mapping
from functools import cache
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from metrics.reports.contenders import names
from metrics.reports.figures import Rows, Spec
from metrics.reports.pieces import figure, table
from metrics.reports.sections import SECTIONS, Link, Material, Section
from metrics.reports.sections.base import Payload, Tables
from metrics.reports.words import DASH, GROUPINGS, MINUS, STATISTICS, number, with_p

CALLED = {
    "kendall_b": STATISTICS["kendall_b"],
    "acc_eq": "acc_eq",
    "pearson": STATISTICS["pearson"],
}
COLOURS = {"worse": "token:bad-bg", "alike": "token:surface-sunk", "better": "token:good-bg"}
CELL = 26  # pixels of a line of the heat map
PLAIN = {"ticks": "", "fixedrange": True, "type": "category", "showgrid": False}
MANY = 9  # metrics beyond which its cells hold no numbers


@SECTIONS.register("metric_pairs")
class MetricPairs(Section):
    name = "metric_pairs"
    title = gettext_lazy("Metric against metric")
    place = 62
    always = ("metric_ranks", "metric_pairs")
    aside = always

    def tables(self, material: Material) -> Tables:
        from metrics.analyses.metric_pairs import (
            compare_metrics,
            metric_pair_table,
            metric_rank_table,
        )

        @cache
        def compared() -> Any:
            return compare_metrics(material.frame, material.contenders, material.settings)

        parts = (material.frame, material.contenders)
        return {
            "metric_ranks": lambda: metric_rank_table(*parts, compared(), material.settings),
            "metric_pairs": lambda: metric_pair_table(compared()),
        }

    def shown(self, payload: Payload, link: Link | None = None) -> Mapping[str, Any] | None:
        if not payload["metric_pairs"]:
            return None
        alpha = payload["generated_with"]["settings"]["alpha"]
        return {
            "ranks": rank_table(payload),
            "figures": [
                figure(
                    f"figure-metric-pairs-{statistic}",
                    _("%(statistic)s, %(grouping)s")
                    % {"statistic": CALLED[statistic], "grouping": GROUPINGS[grouping]},
                    pair_figure(payload, statistic, alpha),
                    {"rows": []},
                )
                | {"table": None}
                for statistic, grouping in _statistics(payload)
            ],
            "pairs": pair_table(payload),
        }


def _statistics(payload: Payload) -> list[tuple[str, str]]:
    rows = payload["metric_pairs"]
    return list(dict.fromkeys((row["statistic"], row["grouping"]) for row in rows))


def rank_table(payload: Payload) -> dict:
    """A row for each metric and baseline, best first; two columns for each statistic."""
    called = names(payload)
    statistics = _statistics(payload)
    columns = [_("Metric")]
    for statistic, grouping in statistics:
        name = _("%(statistic)s, %(grouping)s")
        columns.append(name % {"statistic": CALLED[statistic], "grouping": GROUPINGS[grouping]})
        columns.append(_("Cluster"))
    columns.append(_("Outputs"))
    found = {(row["metric"], row["statistic"]): row for row in payload["metric_ranks"]}
    rows = []
    for metric in ordered(payload, statistics[0][0]):
        cells: list[Any] = [called[metric]]
        for statistic, _grouping in statistics:
            row = found[metric, statistic]
            cells += [number(row["value"]), DASH if row["cluster"] is None else row["cluster"]]
        rows.append([*cells, found[metric, statistics[0][0]]["n"]])
    return table(columns, rows, 1)


def ordered(payload: Payload, statistic: str) -> list[str]:
    """Metrics by their value in a statistic, best first; those without one last."""
    rows = [row for row in payload["metric_ranks"] if row["statistic"] == statistic]
    by_value = sorted(rows, key=lambda row: (row["value"] is None, -(row["value"] or 0.0)))
    return [row["metric"] for row in by_value]


def pair_table(payload: Payload) -> dict:
    """A row for each two metrics: their difference in each statistic, and its p."""
    called = names(payload)
    statistics = [statistic for statistic, _grouping in _statistics(payload)]
    columns = [_("Metrics"), *(_("%(of)s: difference") % {"of": CALLED[s]} for s in statistics)]
    found: dict[tuple[str, str], dict[str, Mapping[str, Any]]] = {}
    for row in payload["metric_pairs"]:
        found.setdefault((row["first"], row["second"]), {})[row["statistic"]] = row
    place = {name: n for n, name in enumerate(ordered(payload, statistics[0]))}
    rows = []
    for (one, two), by in sorted(found.items(), key=lambda item: sorted(place[n] for n in item[0])):
        turned = place[one] > place[two]
        first, second = (two, one) if turned else (one, two)
        cells = [_difference(by[statistic], turned) for statistic in statistics]
        rows.append([f"{called[first]} {MINUS} {called[second]}", *cells])
    return table(columns, rows, 1)


def _difference(row: Mapping[str, Any], turned: bool) -> str:
    if row["delta"] is None:
        return _("not defined: %(reason)s") % {"reason": row["reason"]}
    delta = -row["delta"] if turned else row["delta"]
    return f"{number(delta)} ({with_p(row['p_adjusted'])})"


def pair_figure(payload: Payload, statistic: str, alpha: float) -> Spec:
    """Metrics by metrics, best on top: green where the one at the side is significantly better."""
    called = names(payload)
    rows = [row for row in payload["metric_pairs"] if row["statistic"] == statistic]
    known = {row["first"] for row in rows if row["delta"] is not None}
    known |= {row["second"] for row in rows if row["delta"] is not None}
    metrics = [name for name in ordered(payload, statistic) if name in known]
    cells = _cells(rows, alpha)
    lines = [f"{place} {called[name]}" for place, name in enumerate(metrics, start=1)][::-1]
    across = [str(place) for place in range(1, len(metrics) + 1)]
    picked = [[cells.get((one, two), (None, None)) for two in metrics] for one in metrics[::-1]]
    return {
        "data": [_heat_map(across, lines, picked)] if metrics else [],
        "layout": {
            "height": 80 + CELL * max(len(metrics), 3),
            "xaxis": {"side": "top", **PLAIN},
            "yaxis": PLAIN,
            "margin": {"t": 40, "b": 16},
        },
    }


def _cells(rows: Rows, alpha: float) -> dict[tuple[str, str], tuple[int, float]]:
    """(side, top) to -1, 0 or 1 and the difference side minus top."""
    found = {}
    for row in rows:
        if row["delta"] is not None:
            clear = row["p_adjusted"] is not None and row["p_adjusted"] < alpha
            sign = (row["delta"] > 0) - (row["delta"] < 0) if clear else 0
            found[row["first"], row["second"]] = sign, row["delta"]
            found[row["second"], row["first"]] = -sign, -row["delta"]
    return found


def _heat_map(across: list[str], down: list[str], cells: list[list[Any]]) -> Spec:
    scale: list[list[Any]] = []
    for place, colour in enumerate(COLOURS.values()):
        scale += [[place / 3, colour], [(place + 1) / 3, colour]]
    written = len(across) <= MANY
    text = [["" if d is None else number(d, 2) for _sign, d in line] for line in cells]
    return {
        "type": "heatmap",
        "x": across,
        "y": down,
        "z": [[sign for sign, _delta in line] for line in cells],
        "zmin": -1.5,
        "zmax": 1.5,
        "text": text,
        "texttemplate": "%{text}" if written else "",
        "hovertemplate": "%{y} \u2212 %{x}: %{text}<extra></extra>",
        "colorscale": scale,
        "showscale": False,
        "xgap": 2,
        "ygap": 2,
    }
