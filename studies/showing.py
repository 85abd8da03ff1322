"""A study as its pages show it."""

from collections.abc import Iterator
from typing import Any

from metrics.reports.figures import dots, line_spec
from metrics.reports.pieces import figure
from studies.configuration import read_configuration, template_names
from studies.models import Study
from studies.stages import STAGES
from studies.words import cell_text, ends_of, header_text

SHOWN_ROWS = 60
MOST_FIGURES = 8  # of one table


def templates() -> list[dict[str, Any]]:
    """The shipped studies with what they ask."""
    return [{"name": name, **read_configuration(name)[0]} for name in template_names()]


def stages_of(study: Study) -> list[tuple[str, str]]:
    """(stage, "done", "now" or "") in order."""
    names = [stage.name for stage in STAGES] + ["tables"]
    if study.state == Study.State.DONE:
        return [(name, "done") for name in names]
    at = names.index(study.stage) if study.stage in names else 0
    return [
        (name, "done" if n < at else "now" if n == at and study.stage else "")
        for n, name in enumerate(names)
    ]


def shown_tables(study: Study) -> list[dict[str, Any]]:
    """The tables for partials/table.html, each with the paper's own numbers under it."""
    return [_shown(table, number) for number, table in enumerate(study.results)]


def _cell(text: str, link: str | None) -> Any:
    return {"text": text, "href": link} if link and text else text


def _figures(table: dict[str, Any], number: int) -> Iterator[dict[str, Any]]:
    """Dots with intervals, one figure for each combination of the picture's panels."""
    picture = table.get("picture")
    if not picture:
        return
    column = next(c for c in table["columns"] if c["name"] == picture["value"])
    panels: dict[tuple[str, ...], dict[str, dict[str, Any]]] = {}
    for row in table["rows"]:
        if row.get(picture["value"]) is not None:
            low, high = ends_of(row, picture["value"])
            point = {"value": row[picture["value"]], "low": low, "high": high}
            panel = tuple(str(row[name]) for name in picture["panels"])
            panels.setdefault(panel, {})[str(row[picture["line"]])] = point
    for place, (panel, points) in enumerate(panels.items()):
        if len(points) > 1 and place < MOST_FIGURES:
            lines = list(points)[::-1]
            trace = dots([points[line] for line in lines], "value", lines, "")
            spec = line_spec([trace], header_text(column), lines, legend=False)
            title = ", ".join(panel) or str(table["title"])
            yield figure(f"figure-{number}-{place}", title, spec, {})


def _shown(table: dict[str, Any], number: int) -> dict[str, Any]:
    columns = table["columns"]
    rows = [
        [
            _cell(cell_text(row, column), row.get("link") if n == 0 else None)
            for n, column in enumerate(columns)
        ]
        for row in table["rows"]
    ]
    names = ("row", "column", "value", "source")
    return {
        "title": table["title"],
        "recipe": table["recipe"],
        "notes": table["notes"],
        "figures": list(_figures(table, number)),
        "more": max(0, len(rows) - SHOWN_ROWS),
        "table": {
            "columns": [header_text(column) for column in columns],
            "rows": rows[:SHOWN_ROWS],
            "numeric_from": None,
        },
        "published": {
            "columns": names,
            "rows": [[cell[name] for name in names] for cell in table["published"]],
            "numeric_from": None,
        },
    }
