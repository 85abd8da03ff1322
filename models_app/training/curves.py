"""A run's points as charts: numbers for an SVG and rows for the table beside it."""

import math
from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from django.utils.translation import gettext as _

from models_app.models import TrainingPoint, TrainingRun

WIDTH, HEIGHT = 640, 240
LEFT, RIGHT, TOP, BOTTOM = 56, 12, 12, 32
DRAWN = 300  # points of a line; more are thinned out
N_TICKS = 4
NOT_DRAWN = ("learning_rate", "grad_norm", "eval_perplexity")


class Line(NamedTuple):
    name: str
    series: int  # 1-8, a colour and a dash of the sheet
    points: str  # as SVG's polyline has them
    dots: list[tuple[float, float]]  # where there are few


class Tick(NamedTuple):
    at: float
    text: str


class Chart(NamedTuple):
    title: str
    lines: list[Line]
    across: list[Tick]  # steps
    up: list[Tick]  # values
    chosen: float | None  # where the chosen checkpoint stands


Curve = list[tuple[int, float]]


def curves_of(run: TrainingRun) -> dict[str, Curve]:
    """Name → (step, value) pairs in the order of the steps."""
    found: dict[str, Curve] = defaultdict(list)
    points = TrainingPoint.objects.filter(run=run).order_by("name", "step")
    for name, step, value in points.values_list("name", "step", "value"):
        found[name].append((step, value))
    return dict(found)


def charts(curves: dict[str, Curve], best_step: int | None) -> list[Chart]:
    """One chart for the losses, one for each task metric."""
    losses = {name: curves[name] for name in ("loss", "eval_loss") if name in curves}
    found = [_chart(_("Loss"), losses, best_step)] if losses else []
    for name, curve in curves.items():
        if name not in (*losses, *NOT_DRAWN):
            found.append(_chart(name, {name: curve}, best_step))
    return found


def table(curves: dict[str, Curve]) -> dict[str, Any]:
    """Evaluations as rows; without any, the last training losses."""
    measured = [name for name in curves if name.startswith("eval_")]
    names = [*measured, *(name for name in ("loss",) if name in curves)]
    values = {name: dict(curves[name]) for name in names}
    steps = sorted({step for name in measured for step in values[name]})
    if not measured:
        steps = sorted(values.get("loss", {}))[-10:]
    rows = [(step, [values[name].get(step) for name in names]) for step in steps]
    return {"names": names, "rows": rows}


def _chart(title: str, curves: dict[str, Curve], best_step: int | None) -> Chart:
    every = [point for curve in curves.values() for point in curve]
    last = max(step for step, _value in every)
    low, high = _range([value for _step, value in every])
    across = _ticks(0, max(last, 1), whole=True)
    up = _ticks(low, high)
    low, high = min(low, up[0]), max(high, up[-1])

    def x(step: float) -> float:
        return round(LEFT + (WIDTH - LEFT - RIGHT) * step / max(last, 1), 1)

    def y(value: float) -> float:
        return round(HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * (value - low) / (high - low), 1)

    lines = []
    for place, (name, curve) in enumerate(curves.items(), start=1):
        dots = [(x(step), y(value)) for step, value in thinned(curve)]
        text = " ".join(f"{a},{b}" for a, b in dots)
        lines.append(Line(name, place, text, dots if len(dots) <= 40 else []))
    chosen = x(best_step) if best_step and best_step <= last else None
    return Chart(
        title,
        lines,
        [Tick(x(step), f"{step:g}") for step in across if step <= last],
        [Tick(y(value), f"{value:.4g}") for value in up],
        chosen,
    )


def thinned(curve: Sequence[tuple[int, float]]) -> list[tuple[int, float]]:
    """At most DRAWN points, the last among them."""
    step = math.ceil(len(curve) / DRAWN)
    kept = list(curve[::step])
    if kept[-1] != curve[-1]:
        kept.append(curve[-1])
    return kept


def _range(values: Iterable[float]) -> tuple[float, float]:
    values = list(values)
    low, high = min(values), max(values)
    return (low, high) if high > low else (low - 0.5, high + 0.5)


def _ticks(low: float, high: float, *, whole: bool = False) -> list[float]:
    """Round numbers that reach from below `low` to above `high`."""
    rough = (high - low) / N_TICKS
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(power * n for n in (1, 2, 5, 10) if power * n >= rough * 0.999)
    if whole:
        step = max(1.0, step)
    first, last = math.floor(low / step), math.ceil(high / step)
    return [round(n * step, 10) for n in range(first, last + 1)]
