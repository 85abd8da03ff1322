"""A study's tables as text: Markdown for the terminal and for a paper's notes."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _

from metrics.reports.words import estimate, p_value, points
from studies.models import Study


def cell_text(row: Mapping[str, Any], column: Mapping[str, Any]) -> str:
    """A cell as it is read: a number with its interval, or why there is none."""
    value = row.get(column["name"])
    if value is None:
        needs_reason = column["kind"] == "interval" and row.get("reason")
        return f"not defined: {row['reason']}" if needs_reason else "–"
    if column["kind"] == "text" or not isinstance(value, int | float):
        return str(value)
    if column["kind"] == "p":
        return p_value(value)
    if column["kind"] != "interval":
        return f"{value:,}".replace(",", "\u202f") if isinstance(value, int) else points(value)
    return estimate(value, *ends_of(row, column["name"]))


def ends_of(row: Mapping[str, Any], name: str) -> tuple[float | None, float | None]:
    """The interval of a cell."""
    prefix = "" if name in ("score", "value") else f"{name}_"
    return row.get(f"{prefix}low"), row.get(f"{prefix}high")


def header_text(column: Mapping[str, Any]) -> str:
    return f"{column['label']} ({column['unit']})" if column["unit"] else str(column["label"])


SMALL = _(
    "Run on this project's own small models: the numbers show that the study runs, and say nothing "
    "about languages or models."
)


def on_small_models(configuration: Mapping[str, Any]) -> bool:
    """Whether any checkpoint is one of the project's own."""
    places = [entry["location"] for entry in configuration.get("checkpoints", {}).values()]
    return any(place.startswith("fixtures/") for place in places)


def as_markdown(study: Study) -> str:
    """Every table of a finished study."""
    configuration = study.configuration
    lines = [f"# {configuration['title']}", "", configuration["question"], ""]
    if configuration.get("after"):
        lines += [f"After {configuration['after']}.", ""]
    if on_small_models(configuration):
        lines += [str(SMALL), ""]
    lines += [f"- Differs: {text}" for text in configuration.get("differs", ())]
    for table in study.results:
        lines += ["", f"## {table['title']}", ""]
        lines += _rows(
            [header_text(column) for column in table["columns"]],
            [[cell_text(row, column) for column in table["columns"]] for row in table["rows"]],
        )
        lines += ["", f"How: {table['recipe']}.", *table["notes"]]
        if table["published"]:
            lines += ["", "Published:", ""]
            names = ("row", "column", "value", "source")
            lines += _rows(list(names), [[c[n] for n in names] for c in table["published"]])
    return "\n".join(lines) + "\n"


def _rows(header: list[str], rows: list[list[str]]) -> list[str]:
    def line(cells: list[str]) -> str:
        return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"

    return [line(header), line(["---"] * len(header)), *map(line, rows)]
