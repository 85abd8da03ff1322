"""A report's tables as Parquet files, with types, units and the recipe inside; needs pyarrow."""

import io
import json
from collections.abc import Mapping
from typing import Any

from common.errors import MissingLibrary
from metrics.reports.schema import schema, tables

Payload = Mapping[str, Any]


def tables_parquet(payload: Payload) -> dict[str, bytes]:
    """File name to bytes, for every table of the report; the same report gives the same bytes.

    The metadata of each file hold the campaign, `generated_with` and what the table is; those of a
    column what it is. Raises MissingLibrary without pyarrow.
    """
    return {f"{name}.parquet": _file(payload, name) for name in tables(payload)}


def _file(payload: Payload, name: str) -> bytes:
    arrow, parquet = _pyarrow()
    about = schema()["properties"][name]
    columns = about["items"]["properties"]
    fields = [
        arrow.field(
            column, _kind(arrow, spec), metadata={"description": spec.get("description", "")}
        )
        for column, spec in columns.items()
    ]
    metadata = {
        "campaign": payload["campaign"],
        "description": about["description"],
        "generated_with": json.dumps(payload["generated_with"], ensure_ascii=False, sort_keys=True),
    }
    rows = [{column: row.get(column) for column in columns} for row in payload[name]]
    buffer = io.BytesIO()
    table = arrow.Table.from_pylist(rows, schema=arrow.schema(fields, metadata=metadata))
    parquet.write_table(table, buffer, compression="zstd")
    return buffer.getvalue()


def _kind(arrow: Any, spec: Mapping[str, Any]) -> Any:
    """The Arrow type of a column, from its JSON schema; any may be null."""
    given = spec.get("type", "string")
    kind = next((k for k in given if k != "null"), "string") if isinstance(given, list) else given
    if kind == "array":
        return arrow.list_(_kind(arrow, spec.get("items", {})))
    kinds = {
        "integer": arrow.int64(),
        "number": arrow.float64(),
        "boolean": arrow.bool_(),
        "string": arrow.string(),
    }
    return kinds[kind]


def _pyarrow() -> tuple[Any, Any]:
    try:
        import pyarrow
        import pyarrow.parquet
    except ImportError as problem:
        raise MissingLibrary(
            "Parquet files are written by pyarrow, which is not installed; "
            "run pip install 'pyarrow>=26,<27', or take the tables as CSV"
        ) from problem
    return pyarrow, pyarrow.parquet
