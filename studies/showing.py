"""A study as its pages show it."""

from typing import Any

from studies.configuration import read_configuration, template_names
from studies.models import Study
from studies.stages import STAGES
from studies.words import cell_text, header_text

SHOWN_ROWS = 60


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
    return [_shown(table) for table in study.results]


def _shown(table: dict[str, Any]) -> dict[str, Any]:
    columns = table["columns"]
    rows = [
        [
            {"text": cell_text(row, column), "href": row.get("link") if n == 0 else None}
            for n, column in enumerate(columns)
        ]
        for row in table["rows"]
    ]
    names = ("row", "column", "value", "source")
    return {
        "title": table["title"],
        "recipe": table["recipe"],
        "notes": table["notes"],
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
