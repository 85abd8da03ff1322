"""A plot of lines or of bars as a static SVG, readable on light and dark pages."""

from __future__ import annotations

import math
from collections.abc import Sequence
from html import escape
from typing import NamedTuple

from benchmarks.recording import Plot
from benchmarks.wording import number

WIDTH, LEFT, RIGHT, TOP, BOTTOM, INSIDE = 760, 70, 230, 54, 50, 300
LEGEND = 16  # from one name to the next
COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#8a6d00", "#56b4e9", "#333333")
DASHES = ("", "7 3", "2 3")
STEPS = (1, 2, 2.5, 5, 10)
BAR, BAR_LEFT, BAR_RIGHT = 30, 170, 130  # a bar with the space around it; its name; its number
OURS = "Nikash"  # whose bars have a colour of their own


class Axis(NamedTuple):
    """From the data's values to places on the paper, and the marks."""

    low: float
    high: float
    log: bool
    ticks: list[float]

    def share(self, value: float) -> float:
        """0 at the axis' begin, 1 at its end."""
        low, high, value = (
            [math.log10(v) for v in (self.low, self.high, value)]
            if self.log
            else [self.low, self.high, value]
        )
        return (value - low) / (high - low)


def axis(values: Sequence[float], log: bool) -> Axis:
    """Around the values, from 0 on where it is not logarithmic and none is below."""
    if log:
        low, high = min(values), max(values)
        first, last = math.floor(math.log10(low)), math.ceil(math.log10(high))
        last += first == last
        between = (1, 2, 5) if last - first <= 2 else (1,)
        ticks = [m * 10.0**n for n in range(first, last + 1) for m in between]
        return Axis(10.0**first, 10.0**last, True, [t for t in ticks if t <= 10.0**last])
    low, high = min(0.0, *values), max(0.0, *values)
    high = high if high > low else low + 1
    rough = (high - low) / 5
    size = 10.0 ** math.floor(math.log10(rough))
    step = next(size * s for s in STEPS if size * s >= rough * (1 - 1e-9))
    first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    return Axis(first * step, last * step, False, [n * step for n in range(first, last + 1)])


def svg(plot: Plot) -> str:
    """The plot, or an empty one that says so; points that a log scale cannot hold are left out."""
    if plot.bars:
        return _bars(plot)
    lines = {name: _drawable(points, plot.log) for name, points in plot.lines.items()}
    lines = {name: points for name, points in lines.items() if points}
    inside = max(INSIDE, LEGEND * len(lines))
    height = TOP + inside + BOTTOM
    parts = _paper(plot, height)
    if not lines:
        return "\n".join([*parts, _text(LEFT, TOP + 40, "nothing was measured"), "</svg>\n"])
    across = axis([x for points in lines.values() for x, _ in points], plot.log)
    up = axis([y for points in lines.values() for _, y in points], plot.log)
    parts += _frame(across, up, plot, inside)
    for n, (name, points) in enumerate(lines.items()):
        parts += _line(name, [_place(across, up, inside, *point) for point in points], n)
    return "\n".join([*parts, "</svg>\n"])


def _paper(plot: Plot, height: float) -> list[str]:
    """The beginning of every plot."""
    return [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" '
        f'width="{WIDTH}" height="{height}" role="img" font-family="sans-serif" font-size="12">',
        f"<title>{escape(plot.title)}: {escape(plot.y)} by {escape(plot.x)}</title>",
        f'<rect width="{WIDTH}" height="{height}" fill="#ffffff"/>',
        _text(LEFT, 22, plot.title, size=15, weight="bold"),
    ]


def _bars(plot: Plot) -> str:
    """Lying bars from 0 to the medians, each with its name, its spread and its number."""
    bottom = TOP + BAR * len(plot.bars)
    across = axis([high for _median, _low, high in plot.bars.values()], log=False)
    wide = WIDTH - BAR_LEFT - BAR_RIGHT
    parts = _paper(plot, bottom + BOTTOM)
    for value in across.ticks:
        x = BAR_LEFT + wide * across.share(value)
        parts.append(f'<path d="M{x:.1f} {TOP}V{bottom}" stroke="#dddddd"/>')
        parts.append(_text(x, bottom + 17, number(value), anchor="middle"))
    for n, (name, (median, low, high)) in enumerate(plot.bars.items()):
        middle = TOP + BAR * (n + 0.5)
        ends = [wide * across.share(value) for value in (median, low, high)]
        colour = COLOURS[0] if name.startswith(OURS) else "#9a9a9a"
        parts += [
            _text(BAR_LEFT - 8, middle + 4, name, anchor="end"),
            f'<rect x="{BAR_LEFT}" y="{middle - 9:.1f}" width="{ends[0]:.1f}" height="18" '
            f'fill="{colour}"/>',
            f'<path d="M{BAR_LEFT + ends[1]:.1f} {middle:.1f}H{BAR_LEFT + ends[2]:.1f}" '
            'stroke="#222222" stroke-width="2"/>',
            _text(BAR_LEFT + max(ends) + 8, middle + 4, number(median), weight="bold"),
        ]
    parts.append(f'<path d="M{BAR_LEFT} {TOP}V{bottom}" stroke="#222222"/>')
    parts.append(_text(BAR_LEFT + wide / 2, bottom + 38, plot.y, anchor="middle"))
    return "\n".join([*parts, "</svg>\n"])


def _drawable(points: Sequence[Sequence[float]], log: bool) -> list[tuple[float, float]]:
    return [
        (x, y)
        for x, y in points
        if math.isfinite(x) and math.isfinite(y) and (not log or (x > 0 and y > 0))
    ]


def _place(across: Axis, up: Axis, inside: float, x: float, y: float) -> tuple[float, float]:
    wide = WIDTH - LEFT - RIGHT
    return LEFT + wide * across.share(x), TOP + inside * (1 - up.share(y))


def _frame(across: Axis, up: Axis, plot: Plot, inside: float) -> list[str]:
    """Grid, marks with their numbers, and what the axes are."""
    right, bottom, parts = WIDTH - RIGHT, TOP + inside, []
    for value in across.ticks:
        x = LEFT + (right - LEFT) * across.share(value)
        parts.append(f'<path d="M{x:.1f} {TOP}V{bottom}" stroke="#dddddd"/>')
        parts.append(_text(x, bottom + 17, number(value), anchor="middle"))
    for value in up.ticks:
        y = TOP + inside * (1 - up.share(value))
        parts.append(f'<path d="M{LEFT} {y:.1f}H{right}" stroke="#dddddd"/>')
        parts.append(_text(LEFT - 6, y + 4, number(value), anchor="end"))
    scale = ", logarithmic" if plot.log else ""
    parts.append(f'<path d="M{LEFT} {TOP}V{bottom}H{right}" fill="none" stroke="#222222"/>')
    parts.append(_text((LEFT + right) / 2, bottom + 38, plot.x + scale, anchor="middle"))
    parts.append(_text(LEFT, TOP - 10, plot.y + scale))
    return parts


def _line(name: str, places: list[tuple[float, float]], n: int) -> list[str]:
    """A line with its points, where they are few, and its name beside."""
    colour, dash = COLOURS[n % len(COLOURS)], DASHES[n // len(COLOURS) % len(DASHES)]
    style = f'fill="none" stroke="{colour}" stroke-width="2" stroke-dasharray="{dash}"'
    path = "L".join(f"{x:.1f} {y:.1f}" for x, y in places)
    parts = [f'<path d="M{path}" {style}/>']
    if len(places) <= 20:
        parts += [f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3" fill="{colour}"/>' for x, y in places]
    x, y = WIDTH - RIGHT + 16, TOP + 8 + LEGEND * n
    return [*parts, f'<path d="M{x} {y}h24" {style}/>', _text(x + 30, y + 4, name)]


def _text(
    x: float, y: float, text: str, *, anchor: str = "start", size: int = 12, weight: str = "normal"
) -> str:
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" font-size="{size}" '
        f'font-weight="{weight}" fill="#222222">{escape(text)}</text>'
    )
