"""Plotly figures as plain dictionaries: {"data": [...], "layout": {...}}, no colours but tokens.

`static/js/plot.js` gives them the house's look; a text "token:NAME" is a colour of the sheet.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _

Rows = Sequence[Mapping[str, Any]]
Spec = dict[str, Any]

ROW_HEIGHT = 30  # pixels for each line of a figure with names down its side


def dots(rows: Rows, field: str, places: Sequence[Any], name: str) -> Spec:
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


def offset(rows: Rows, field: str, names: Sequence[str], shift: float) -> list[float]:
    """Lines as numbers, moved a little so that the traces do not cover each other."""
    return [names.index(row[field]) + shift for row in rows]


def dot_groups(groups: Mapping[str, Rows], field: str, lines: str, names: Sequence[str]) -> list:
    """Traces of dots with intervals, one for each label, side by side on the lines `names`.

    field : the value's column;  lines : the column that says on which line a row stands
    """
    step = 0.5 / max(len(groups), 1)
    return [
        dots(rows, field, offset(rows, lines, names, step * ((len(groups) - 1) / 2 - place)), label)
        for place, (label, rows) in enumerate(groups.items())
    ]


def line_spec(
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
            "zeroline": False,
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


def heat_map(
    down: Sequence[str],
    across: Sequence[str],
    cells: Mapping[tuple[str, str], float | None],
    word: Callable[[float | None], str],
) -> Spec:
    """A cell for each (line, column) of `cells`, with its number in it as `word` has it."""
    lines = list(down)[::-1]
    plain = {"type": "category", "ticks": "", "showgrid": False, "fixedrange": True}
    values = [[cells.get((y, x)) for x in across] for y in lines]
    known = [value for line in values for value in line if value is not None]
    trace = {
        "type": "heatmap",
        "x": list(across),
        "y": lines if known else [],
        "z": values,
        "text": [[word(v) if v is not None else "" for v in line] for line in values],
        "texttemplate": "%{text}",
        "hovertemplate": "%{y}<br>%{x}: %{text}<extra></extra>",
        "zmin": 0,
        "zmax": max(known, default=0) or 1,
        "showscale": False,
    }
    return {
        "data": [trace],
        "layout": {
            "height": 90 + ROW_HEIGHT * max(len(lines), 2),
            "xaxis": {**plain, "side": "top"},
            "yaxis": plain,
            "margin": {"t": 48, "b": 16},
        },
    }


def better(direction: str) -> str:
    return _("higher is better") if direction == "higher" else _("lower is better")
