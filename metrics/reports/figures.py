"""Plotly figures as plain dictionaries: {"data": [...], "layout": {...}}, no colours but tokens.

`static/js/plot.js` gives them the house's look; a text "token:NAME" is a colour of the sheet.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _

from metrics.reports.words import GROUPINGS, STATISTICS, VERDICTS, pair_name

Rows = Sequence[Mapping[str, Any]]
Spec = dict[str, Any]

ROW_HEIGHT = 30  # pixels for each line of a figure with names down its side
MOST_PAIRS = 30
FEW_PAIRS = 2
COLOURS = {
    "agree": "token:good-bg",
    "neither": "token:surface-sunk",
    "only people": "token:warn-bg",
    "only metric": "token:info-bg",
    "opposite": "token:bad-bg",
}


def systems_figure(systems: Rows, unit: str, direction: str) -> Spec:
    """A dot and its interval for each system, best on top; people's texts have a ring."""
    rows = [row for row in systems if row["score"] is not None][::-1]
    traces = []
    for is_human, name in ((False, _("systems")), (True, _("people's texts"))):
        chosen = [row for row in rows if row["is_human"] == is_human]
        if chosen:
            trace = _dots(chosen, "score", [row["system"] for row in chosen], name)
            trace["marker"] = {"symbol": "circle-open" if is_human else "circle"}
            traces.append(trace)
    names = [row["system"] for row in rows]
    axis = f"{unit}; {_better(direction)}"
    return _spec(traces, axis, names, legend=len(traces) > 1)


def agreement_figure(agreement: Rows) -> Spec:
    """Alpha and kappa of each criterion, from none (0) to complete (1)."""
    rows = [row for row in agreement if row["value"] is not None]
    names = list(dict.fromkeys(row["criterion"] for row in rows))[::-1]
    traces = [
        _dots(chosen, "value", _offset(chosen, "criterion", names, shift), str(STATISTICS[name]))
        for name, shift in (("krippendorff_alpha", 0.12), ("pairwise_kappa", -0.12))
        if (chosen := [row for row in rows if row["statistic"] == name])
    ]
    spec = _spec(traces, _("agreement: 0 is chance, 1 is complete"), names, numbered=True)
    lowest = min((row["low"] for row in rows if row["low"] is not None), default=0.0)
    spec["layout"]["xaxis"]["range"] = [min(-0.05, lowest - 0.05), 1.05]
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


def correlation_figure(correlations: Rows, labels: Mapping[str, str]) -> Spec:
    """Kendall's tau-b of every metric, segment by segment, under the three groupings."""
    rows = [
        row
        for row in correlations
        if row["level"] == "segment"
        and row["statistic"] == "kendall_b"
        and row["value"] is not None
    ]
    rows = [{**row, "label": labels[row["metric"]]} for row in rows]
    names = list(dict.fromkeys(row["label"] for row in rows))[::-1]
    shifts = {"none": 0.2, "item": 0.0, "system": -0.2}
    traces = [
        _dots(chosen, "value", _offset(chosen, "label", names, shift), str(GROUPINGS[grouping]))
        for grouping, shift in shifts.items()
        if (chosen := [row for row in rows if row["grouping"] == grouping])
    ]
    spec = _spec(traces, _("Kendall τ-b with people's scores"), names, numbered=True)
    spec["layout"]["height"] += ROW_HEIGHT * len(names)
    return spec


def verdict_figure(pairs: Rows, labels: Mapping[str, str]) -> Spec:
    """Pairs by metrics; a cell says whether the metric's word is the people's.

    Most contradicted pairs on top, at most `MOST_PAIRS`; of few pairs, metrics go down the side.
    """
    rows = by_disagreement([row for row in pairs if row["metric"] is not None])
    names = list(dict.fromkeys(pair_name(row) for row in rows))[:MOST_PAIRS]
    metrics = list(dict.fromkeys(labels[row["metric"]] for row in rows))
    word = {(pair_name(row), labels[row["metric"]]): row["verdict"] for row in rows}
    across, down = (names, metrics) if len(names) <= FEW_PAIRS else (metrics, names)
    down = down[::-1]
    cells = [[word.get((x, y)) or word.get((y, x)) or "not defined" for x in across] for y in down]
    return {
        "data": [_cells(across, down, cells)],
        "layout": {
            "height": 90 + 1.4 * ROW_HEIGHT * max(len(down), 2),
            "xaxis": {"side": "top", "ticks": "", "fixedrange": True},
            "yaxis": {"ticks": "", "fixedrange": True},
            "margin": {"t": 48, "b": 16},
        },
    }


def _cells(across: Sequence[str], down: Sequence[str], words: list[list[str]]) -> Spec:
    kinds = list(COLOURS)
    scale: list[list[Any]] = []
    for number, kind in enumerate(kinds):
        scale += [[number / len(kinds), COLOURS[kind]], [(number + 1) / len(kinds), COLOURS[kind]]]
    return {
        "type": "heatmap",
        "x": list(across),
        "y": list(down),
        "z": [[kinds.index(c) if c in kinds else None for c in line] for line in words],
        "zmin": -0.5,
        "zmax": len(kinds) - 0.5,
        "text": [[_short(c) for c in line] for line in words],
        "texttemplate": "%{text}",
        "hovertemplate": "%{y}<br>%{x}: %{text}<extra></extra>",
        "colorscale": scale,
        "showscale": False,
        "xgap": 2,
        "ygap": 2,
    }


def by_disagreement(pairs: Rows) -> list[Mapping[str, Any]]:
    """Pairs with an opposite verdict first, then those that only one side separates."""
    weight = {"opposite": 10_000, "only people": 100, "only metric": 100, "agree": 1}
    total: dict[str, int] = {}
    for row in pairs:
        name = pair_name(row)
        total[name] = total.get(name, 0) + weight.get(row["verdict"], 0)
    return sorted(pairs, key=lambda row: -total[pair_name(row)])


def domain_figure(rows: Rows, pair: tuple[str, str], unit: str) -> Spec:
    """People's difference between two systems in each domain."""
    chosen: dict[str, Mapping[str, Any]] = {}
    for row in rows:
        if (row["system_a"], row["system_b"]) == pair and row["human_delta"] is not None:
            chosen.setdefault(row["domain"], row)
    lines = [
        {"value": row["human_delta"], "low": row["human_low"], "high": row["human_high"]}
        for row in chosen.values()
    ]
    names = list(chosen)[::-1]
    trace = _dots(lines[::-1], "value", names, f"{pair[0]} - {pair[1]}")
    return _spec([trace], unit, names, legend=False)


def _dots(rows: Rows, field: str, places: Sequence[Any], name: str) -> Spec:
    return {
        "type": "scatter",
        "mode": "markers",
        "name": name,
        "x": [row[field] for row in rows],
        "y": list(places),
        "error_x": {
            "type": "data",
            "symmetric": False,
            "array": [_gap(row["high"], row[field]) for row in rows],
            "arrayminus": [_gap(row[field], row["low"]) for row in rows],
        },
        "hovertemplate": "%{x:.3f}",
    }


def _gap(upper: float | None, lower: float | None) -> float:
    return 0.0 if upper is None or lower is None else max(0.0, upper - lower)


def _offset(rows: Rows, field: str, names: Sequence[str], shift: float) -> list[float]:
    """Lines as numbers, moved a little so that the traces do not cover each other."""
    return [names.index(row[field]) + shift for row in rows]


def _spec(
    traces: list[Spec],
    axis: str,
    names: Sequence[str],
    *,
    legend: bool = True,
    numbered: bool = False,
) -> Spec:
    lines: Spec = {"automargin": True, "fixedrange": True}
    if numbered:
        lines |= {
            "tickmode": "array",
            "tickvals": list(range(len(names))),
            "ticktext": list(names),
            "range": [-0.6, len(names) - 0.4],
        }
    else:
        lines |= {"type": "category", "categoryorder": "array", "categoryarray": list(names)}
    return {
        "data": traces,
        "layout": {
            "height": 130 + ROW_HEIGHT * max(len(names), 2),
            "showlegend": legend and len(traces) > 1,
            "xaxis": {"title": {"text": axis}, "zeroline": True, "fixedrange": True},
            "yaxis": lines,
        },
    }


def _better(direction: str) -> str:
    return _("higher is better") if direction == "higher" else _("lower is better")


def _short(verdict: str) -> str:
    return {
        "agree": _("agree"),
        "opposite": _("opposite"),
        "only people": _("only people"),
        "only metric": _("only metric"),
        "neither": _("neither"),
    }.get(verdict, str(VERDICTS["not defined"]))
