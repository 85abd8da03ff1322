"""A report's tables as CSV that a spreadsheet opens and never runs."""

import io
from collections.abc import Mapping, Sequence
from typing import Any

from common.tables import write_csv
from metrics.reports.schema import columns

TABLES = (
    "annotators",
    "agreement",
    "systems",
    "metric_scores",
    "pairs",
    "pairs_by_domain",
    "correlations",
    "disagreements",
)
# Tables that a report has only where there is something of the kind.
SOMETIMES = ("blinding", "weight_profiles", "error_categories")


def table_csv(name: str, rows: Sequence[Mapping[str, Any]]) -> str:
    """UTF-8 text, RFC 4180; what is not defined is an empty cell."""
    file = io.StringIO()
    fields = columns(name)
    write_csv(file, fields, ([_cell(row.get(field)) for field in fields] for row in rows))
    return file.getvalue()


def tables_csv(payload: Mapping[str, Any]) -> dict[str, str]:
    """File name to text, for every table that the report has."""
    names = [*TABLES, *(name for name in SOMETIMES if name in payload)]
    return {f"{name}.csv": table_csv(name, payload[name]) for name in names}


def _cell(value: Any) -> Any:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        value = " | ".join(map(str, value))
    return value
