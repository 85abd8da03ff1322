"""A report's tables as CSV that a spreadsheet opens and never runs."""

import io
from collections.abc import Mapping, Sequence
from typing import Any

from common.tables import write_csv
from metrics.reports.schema import columns, tables


def table_csv(name: str, rows: Sequence[Mapping[str, Any]]) -> str:
    """UTF-8 text, RFC 4180; what is not defined is an empty cell."""
    file = io.StringIO()
    fields = columns(name)
    write_csv(file, fields, ([_cell(row.get(field)) for field in fields] for row in rows))
    return file.getvalue()


def tables_csv(payload: Mapping[str, Any]) -> dict[str, str]:
    """File name to text, for every table that the report has."""
    return {f"{name}.csv": table_csv(name, payload[name]) for name in tables(payload)}


def _cell(value: Any) -> Any:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        value = " | ".join(map(str, value))
    return value
