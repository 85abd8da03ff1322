"""A sweep's figures as plotly's dictionaries, each with its table. No colours but tokens."""

import math
from collections.abc import Callable, Mapping, Sequence
from itertools import combinations
from typing import Any

from django.utils.translation import gettext as _

from models_app.models import Sweep
from models_app.sweeps.best import best_so_far
from models_app.sweeps.effects import cells
from models_app.sweeps.outcomes import Trial
from models_app.sweeps.pareto import pareto_front
from models_app.sweeps.space import shown_condition
from models_app.sweeps.tables import done, number

Figure = dict[str, Any]
MOST_PAIRS = 6


def progress_figure(sweep: Sweep, trials: Sequence[Trial]) -> Figure:
    values = [trial.value for trial in trials]
    best = best_so_far(values, greater_is_better=sweep.greater_is_better)
    numbers = [trial.number for trial in trials]
    line = {"type": "scatter", "mode": "lines", "name": _("best so far"), "line": {"shape": "hv"}}
    data = [
        {"type": "scatter", "mode": "markers", "name": _("trials"), "x": numbers, "y": values},
        {**line, "x": numbers, "y": [None if math.isnan(value) else value for value in best]},
    ]
    return {
        "id": "progress",
        "title": _("Value of each trial, in order"),
        "note": _direction(sweep),
        "spec": {"data": data, "layout": _axes(_("trial"), sweep.objective)},
        "table": {
            "columns": [_("Trial"), _("Value"), _("Best so far")],
            "rows": [
                [n, number(value), number(so_far)]
                for n, value, so_far in zip(numbers, values, best, strict=True)
            ],
            "numeric_from": 0,
        },
    }


def importance_figure(found: Mapping[str, Any]) -> Figure:
    names = list(found["fanova"])
    labels = {"fanova": "fANOVA", "ped_anova": "PED-ANOVA"}
    data = [
        {
            "type": "bar",
            "name": label,
            "x": names,
            "y": [found[method].get(name, 0.0) for name in names],
        }
        for method, label in labels.items()
    ]
    return {
        "id": "importance",
        "title": _("Which factor decides"),
        "note": f"{found['library']}, n = {found['n']}",
        "spec": {"data": data, "layout": {**_axes("", _("share")), "barmode": "group"}},
        "table": {
            "columns": [_("Factor"), *labels.values()],
            "rows": [
                [name, *(number(found[method].get(name)) for method in labels)] for name in names
            ],
            "numeric_from": 1,
        },
    }


def parallel_figure(sweep: Sweep, trials: Sequence[Trial]) -> Figure:
    """A line for each finished trial over the factors to its value; the best tenth is thick."""
    finished = sorted(
        done(trials), key=lambda trial: (trial.value or 0.0) * (-1 if _up(sweep) else 1)
    )
    axes = [*sweep.space, sweep.objective]
    levels = {name: _ordered([_level(sweep, trial, name) for trial in finished]) for name in axes}
    places = {name: _scale(levels[name], sweep.space.get(name)) for name in axes}
    n_best = max(1, len(finished) // 10)
    data: list[dict[str, Any]] = [
        {
            "type": "scatter",
            "mode": "lines",
            "x": axes,
            "y": [places[name](_level(sweep, trial, name)) for name in axes],
            "name": _("trial %(n)s") % {"n": trial.number},
            "line": {"color": "token:series-2" if rank < n_best else "token:ink-soft",
                     "width": 3 if rank < n_best else 1},
            "opacity": 1 if rank < n_best else 0.35,
            "hoverinfo": "name",
        }
        for rank, trial in reversed(list(enumerate(finished)))
    ]  # fmt: skip
    data += [_ticks(name, found, places[name]) for name, found in levels.items()]
    layout = {
        "showlegend": False,
        "yaxis": {"visible": False, "range": [-0.08, 1.12], "fixedrange": True},
        "xaxis": {"type": "category", "fixedrange": True, "range": [-0.3, len(axes) - 0.4]},
    }
    return {
        "id": "parallel",
        "title": _("Trials over the factors"),
        "note": _("each line is a finished trial; the best tenth is thick"),
        "spec": {"data": data, "layout": layout},
    }


def _ticks(name: str, found: list[Any], place: Callable[[Any], float]) -> dict[str, Any]:
    shown = found
    if len(found) > 6:
        middle = min(found, key=lambda level: abs(place(level) - 0.5))
        shown = [found[0], *([middle] if 0.1 < place(middle) < 0.9 else []), found[-1]]
    return {
        "type": "scatter",
        "mode": "markers+text",
        "x": [name] * len(shown),
        "y": [place(level) for level in shown],
        "text": [number(v) if isinstance(v, float) else str(v) for v in shown],
        "textposition": "middle right",
        "marker": {"color": "token:ink", "size": 6},
        "hoverinfo": "skip",
    }


def _level(sweep: Sweep, trial: Trial, name: str) -> Any:
    return trial.value if name == sweep.objective else trial.condition[name]


def _ordered(found: Sequence[Any]) -> list[Any]:
    unique = list(dict.fromkeys(found))
    if all(isinstance(level, int | float) for level in unique):
        return sorted(unique)
    return sorted(unique, key=str)


def _scale(found: list[Any], given: Any) -> Callable[[Any], float]:
    """Height of a level on its axis, 0 to 1: by size for many numbers, else by rank."""
    if len(found) == 1:
        return lambda level: 0.5
    if len(found) <= 6 or not isinstance(found[0], float):
        return lambda level: found.index(level) / (len(found) - 1)
    in_log = isinstance(given, Mapping) and given.get("log")
    low, high = (math.log(n) if in_log else n for n in (found[0], found[-1]))
    return lambda level: ((math.log(level) if in_log else level) - low) / (high - low)


def interaction_figures(sweep: Sweep, trials: Sequence[Trial]) -> list[Figure]:
    """A heat map of cell means for each pair of factors with levels, at most six."""
    finished = done(trials)
    names = [name for name, given in sweep.space.items() if isinstance(given, list)]
    names = [name for name in names if len({str(t.condition[name]) for t in finished}) > 1]
    values = [trial.value for trial in finished]
    figures = []
    for one, other in list(combinations(names, 2))[:MOST_PAIRS]:
        down = [trial.condition[one] for trial in finished]
        across = [trial.condition[other] for trial in finished]
        figures.append(_heat(sweep, one, other, cells(down, across, values)))
    return figures


def _heat(sweep: Sweep, one: str, other: str, found: Sequence[Any]) -> Figure:
    down = _ordered([cell.levels[0] for cell in found])[::-1]
    across = _ordered([cell.levels[1] for cell in found])
    means = {cell.levels: cell.mean for cell in found if cell.n}
    grid = [[means.get((a, b)) for b in across] for a in down]
    texts = [[number(value) if value is not None else "" for value in row] for row in grid]
    plain = {"type": "category", "ticks": "", "showgrid": False, "fixedrange": True}
    trace = {
        "type": "heatmap",
        "x": [str(level) for level in across],
        "y": [str(level) for level in down],
        "z": grid,
        "text": texts,
        "texttemplate": "%{text}",
        "hovertemplate": "%{y}<br>%{x}: %{text}<extra></extra>",
        "showscale": False,
    }
    layout = {
        "height": 130 + 34 * max(len(down), 2),
        "xaxis": {**plain, "title": {"text": other}},
        "yaxis": {**plain, "title": {"text": one}},
    }
    return {
        "id": f"pair-{one}-{other}",
        "title": f"{one} × {other}",
        "note": _("mean of %(what)s") % {"what": sweep.objective},
        "spec": {"data": [trace], "layout": layout},
        "table": {
            "columns": [one, other, "n", _("Mean")],
            "rows": [[str(c.levels[0]), str(c.levels[1]), c.n, number(c.mean)] for c in found],
            "numeric_from": 2,
        },
    }


def pareto_figures(sweep: Sweep, trials: Sequence[Trial]) -> list[Figure]:
    """Quality against memory, time and energy, each where it was measured."""
    costs = (
        ("memory", _("Quality against memory"), _("peak memory, MB"), 1e-6),
        ("seconds", _("Quality against time"), _("seconds of training"), 1.0),
        ("kwh", _("Quality against energy"), _("energy, Wh"), 1000.0),
    )
    finished = done(trials)
    figures = []
    for field, title, axis, scale in costs:
        known = [trial for trial in finished if getattr(trial, field) is not None]
        figure = _pareto(sweep, known, [getattr(t, field) * scale for t in known], axis)
        note = _("%(n)s of %(all)s finished trials were measured")
        figures.append(
            {
                "id": f"pareto-{field}",
                "title": title,
                "note": note % {"n": len(known), "all": len(finished)},
                "n": len(known),
                **figure,
            }
        )
    return figures


def _pareto(sweep: Sweep, known: Sequence[Trial], costs: Sequence[float], axis: str) -> Figure:
    points = [(trial.value, cost) for trial, cost in zip(known, costs, strict=True)]
    front = pareto_front(points, (_up(sweep), False)) if points else []
    rows = sorted(zip(known, costs, front, strict=True), key=lambda row: row[1])
    traces = []
    for on_front, name, symbol in ((False, _("beaten"), "circle-open"), (True, _("front"), "star")):
        own = [row for row in rows if bool(row[2]) == on_front]
        traces.append(
            {
                "type": "scatter",
                "mode": "lines+markers" if on_front else "markers",
                "name": name,
                "x": [cost for _trial, cost, _front in own],
                "y": [trial.value for trial, _cost, _front in own],
                "text": [f"{t.number}: {shown_condition(t.condition)}" for t, _c, _f in own],
                "marker": {"symbol": symbol, "size": 12 if on_front else 9},
                "line": {"shape": "hv"},
            }
        )
    return {
        "spec": {"data": traces, "layout": _axes(axis, sweep.objective)},
        "table": {
            "columns": [_("Trial"), _("Condition"), axis, sweep.objective, _("On the front")],
            "rows": [
                [
                    *(t.number, shown_condition(t.condition), number(cost), number(t.value)),
                    _("yes") if on else _("no"),
                ]
                for t, cost, on in rows
            ],
            "numeric_from": 2,
        },
    }


def _axes(x: str, y: str) -> dict[str, Any]:
    return {"xaxis": {"title": {"text": x}}, "yaxis": {"title": {"text": y}}}


def _up(sweep: Sweep) -> bool:
    return sweep.greater_is_better


def _direction(sweep: Sweep) -> str:
    return _("higher is better") if _up(sweep) else _("lower is better")
