"""A benchmark's figures as compact tables: subjects in rows, measures and sizes in columns.

A cell is the median, with the least and the most in brackets where they differ from it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from benchmarks.wording import cell, number, table, unit_for

Figure = Mapping[str, Any]


class Shape(NamedTuple):
    """Which figures make a table: those whose name matches, and what is a row and what a column.

    pattern : its named groups are the headings of the rows, but `measure` and `size`, which
        together are the column
    title : of the table, where a benchmark has several
    """

    pattern: str
    title: str = ""


class Column(NamedTuple):
    """A measure at a size, of ours or a rival's, or how many times better ours is."""

    measure: str
    size: str = ""
    rival: str = ""
    is_ratio: bool = False


Row = tuple[str, ...]
Rows = dict[Row, dict[Column, Figure]]
IN_COLUMNS = ("measure", "size")
MORE_IS_BETTER = ("loops a second",)
IMPLIED = ("1/s", "files")  # units that the measure says already
LOOP = (
    Shape(
        r"^(?P<measure>[^:]+): (?P<platform>.+), (?P<annotators>\d+) annotators, "
        r"(?P<thinking>.+ s) thinking$",
        "One loop: save a rating, get the next item",
    ),
    Shape(
        r"^(?P<measure>[^:]+): (?P<platform>.+), (?P<kills_of_the_web_server>\d+) kills$",
        "Ratings acknowledged, and what the platform's own export holds; one annotator per item",
    ),
)
GROWN = r", (?P<size>[\d,]+ (?:outputs|ratings))(?:: (?P<measure>.+))?$"
MEASURED = r"(?:: (?P<measure>[^:]+))?$"
ANY = Shape(rf"^(?P<what>.+?){MEASURED}")
SHAPES: dict[str, tuple[Shape, ...]] = {
    "annotate_loop": LOOP,
    "peers": LOOP,
    "soak": (Shape(r"^(?P<measure>[^,]+), (?P<database>\w+), (?P<loops>[\d,]+) loops$"),),
    "scale": (
        Shape(rf"^(?!export |report,)(?P<page>.+?){GROWN}", "Pages"),
        Shape(rf"^export (?P<format>.+?){GROWN}", "Exports"),
        Shape(rf"^(?P<what>report){GROWN}", "The report, computed"),
    ),
    "handing": (Shape(rf"^(?P<assignment>.+?){GROWN}"),),
    "packages": (Shape(rf"^(?P<package>.+?){GROWN}"),),
    "loading": (Shape(rf"^(?P<file>.+), (?P<rows>[\d,]+) rows{MEASURED}"),),
    "backup": (Shape(rf"^(?P<command>.+), (?P<ratings>[\d,]+) ratings{MEASURED}"),),
    "report": (Shape(rf"^(?P<ratings>[\d,]+) ratings{MEASURED}"),),
    "faults": (Shape(r"^(?P<measure>[^:]+): (?P<drill>.+), (?P<database>\w+)$"),),
    "fuzz": (Shape(r"^(?P<loader>.+): (?P<measure>faults) in (?P<files>[\d,]+) files$"),),
}


def tables(name: str, figures: Sequence[Figure]) -> list[str]:
    """Lines of Markdown: a table for each of the benchmark's shapes, then one for the rest."""
    shapes = (*SHAPES.get(name, ()), ANY)
    lines: list[str] = []
    for shape, rows in zip(shapes, _sorted_out(shapes, figures), strict=True):
        if rows:
            lines += [f"{shape.title}:\n"] if shape.title else []
            lines += [*_table(shape, rows), ""]
    return lines


def _sorted_out(shapes: Sequence[Shape], figures: Sequence[Figure]) -> list[Rows]:
    """Each shape's rows; what a figure is held against stands in that figure's row."""
    ours = {f"{one['name']}: {one['against']}": one["name"] for one in figures if one["against"]}
    found: list[Rows] = [{} for _ in shapes]
    for figure in figures:
        name = ours.get(figure["name"], figure["name"])
        rival = figure["name"].removeprefix(name).removeprefix(": ")
        n, groups = _place(shapes, name)
        row = tuple(value or "" for key, value in groups.items() if key not in IN_COLUMNS)
        cells = found[n].setdefault(row, {})
        column = Column(groups.get("measure") or "", groups.get("size") or "", rival)
        cells[column] = figure
        if figure["ratio"] is not None:
            cells[column._replace(is_ratio=True)] = figure
    return found


def _place(shapes: Sequence[Shape], name: str) -> tuple[int, dict[str, Any]]:
    """The first shape that the name has, and what its parts are."""
    matches = ((n, re.match(shape.pattern, name)) for n, shape in enumerate(shapes))
    return next((n, match.groupdict()) for n, match in matches if match)


def _table(shape: Shape, rows: Rows) -> list[str]:
    names = re.compile(shape.pattern).groupindex
    headings = [name.replace("_", " ") for name in names if name not in IN_COLUMNS]
    columns = _ordered(rows)
    units = {column: _unit(column, rows) for column in columns}
    compared = any(column.rival for column in columns)
    head = [_head(column, units[column], rows, compared) for column in columns]
    body = [
        [
            *map(cell, row),
            *(_told(column, cells.get(column), units[column], rows) for column in columns),
            _repeats(cells),
        ]
        for row, cells in rows.items()
    ]
    return table([*headings, *head, "n"], body)


def _ordered(rows: Rows) -> list[Column]:
    """A measure's sizes beside each other, then how many times better they are."""
    seen = list(dict.fromkeys(column for cells in rows.values() for column in cells))
    measures, sizes, rivals = (
        list(dict.fromkeys(column[n] for column in seen)) for n in range(len(Column._fields) - 1)
    )
    return sorted(
        seen,
        key=lambda one: (
            measures.index(one.measure), one.is_ratio, rivals.index(one.rival),
            sizes.index(one.size),
        ),
    )  # fmt: skip


def _figures(column: Column, rows: Rows) -> list[Figure]:
    return [cells[column] for cells in rows.values() if column in cells]


def _unit(column: Column, rows: Rows) -> str | None:
    """The one unit that suits every number of the column; None where each has its own."""
    found = {unit_for(one["unit"], one["median"])[0] for one in _figures(column, rows)}
    return found.pop() if len(found) == 1 else None


def _against(column: Column, rows: Rows) -> str:
    """What all of the column are held against; empty where it is not one thing."""
    found = {one["against"] for one in _figures(column, rows)}
    return found.pop() if len(found) == 1 else ""


def _head(column: Column, unit: str | None, rows: Rows, compared: bool) -> str:
    """compared : whether others stand beside ours"""
    size = f" at {column.size}" if column.size else ""
    if column.is_ratio:
        against = _against(column, rows)
        better = f"times better than {against}" if against else "times better"
        text = f"{column.measure}, {better}" if column.measure else better
        return f"{cell(text + size)} ↑"
    measure = re.sub(r", (\d+)th percentile", r" p\1", column.measure.replace("_", " "))
    whose = column.rival or ("Nikash" if compared and not measure else "")
    text = ", ".join(part for part in (measure, whose) if part)
    if not text and unit:
        text, unit = ("CPU", unit[4:]) if unit.startswith("CPU ") else ("time", unit)
    is_said = unit is None or unit in ("", measure, *IMPLIED)
    text = f"{text or 'figure'}{size}" + ("" if is_said else f" ({unit})")
    return f"{cell(text)}{' ↑' if column.measure in MORE_IS_BETTER else ''}"


def _told(column: Column, figure: Figure | None, unit: str | None, rows: Rows) -> str:
    if figure is None:
        return ""
    if column.is_ratio:
        against = "" if _against(column, rows) else f" than {cell(figure['against'])}"
        return f"{number(figure['ratio'])}{against}"
    own, times = unit_for(figure["unit"], figure["median"])
    return spread(figure, times) if unit is not None else f"{spread(figure, times)} {own}"


def _repeats(cells: Mapping[Column, Figure]) -> str:
    found = sorted({figure["n"] for figure in cells.values()})
    return str(found[0]) if len(found) == 1 else f"{found[0]}–{found[-1]}"


def spread(figure: Figure, times: float = 1) -> str:
    """The median, with the least and the most where they differ: 4.5 (4.4–4.8)."""
    median, low, high = (number(figure[key] * times) for key in ("median", "low", "high"))
    return median if low == high else f"{median} ({low}–{high})"
