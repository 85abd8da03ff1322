"""A paper's own numbers, from the study's CSV of them, to stand beside ours."""

import csv
from typing import Any

from common.errors import BadInput
from studies.work import Work

COLUMNS = ("table", "row", "column", "value", "source")


def published_cells(work: Work) -> dict[str, list[dict[str, Any]]]:
    """The published cells by table; raises BadInput where the file cannot be read."""
    given = work.configuration.get("published")
    cells: dict[str, list[dict[str, Any]]] = {}
    if not given:
        return cells
    path = work.file(given)
    with path.open(encoding="utf-8", newline="") as file:
        reader = csv.DictReader(file)
        if missing := [name for name in COLUMNS if name not in (reader.fieldnames or ())]:
            raise BadInput(f"it has no column {missing[0]}", file=path.name, row=1)
        for row in reader:
            cells.setdefault(row["table"], []).append({name: row[name] for name in COLUMNS[1:]})
    return cells
