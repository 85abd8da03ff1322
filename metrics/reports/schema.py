"""The published schema of report.json, and the check that every report passes."""

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from common.errors import NikashError
from metrics.reports.sections import in_order

SCHEMA = "nikash-report/1"
_HERE = Path(__file__).parent


@cache
def schema() -> dict[str, Any]:
    """The head's schema with every section's tables in it."""
    whole = json.loads((_HERE / "head.schema.json").read_text(encoding="utf-8"))
    for section in in_order():
        whole["required"] += section.always
        for name in (*section.always, *section.sometimes):
            whole["properties"][name] = _table(name)
    return whole


def _table(name: str) -> dict[str, Any]:
    about = json.loads((_HERE / "columns" / f"{name}.json").read_text(encoding="utf-8"))
    row = {
        "type": "object",
        "required": list(about["columns"]),
        "properties": about["columns"],
        "additionalProperties": False,
    }
    return {"type": "array", "description": about["description"], "items": row}


def tables(payload: Mapping[str, Any]) -> list[str]:
    """The tables that a report has, in the order of its sections."""
    names = [name for section in in_order() for name in (*section.always, *section.sometimes)]
    return [name for name in names if name in payload]


def columns(table: str) -> list[str]:
    """A table's columns, in the schema's order."""
    return list(schema()["properties"][table]["items"]["properties"])


def check(payload: Mapping[str, Any]) -> None:
    """Raise where the payload breaks its own schema: a report that programs cannot read."""
    from jsonschema import Draft202012Validator

    problem = next(iter(Draft202012Validator(schema()).iter_errors(payload)), None)
    if problem is not None:
        where = "/".join(map(str, problem.absolute_path)) or "the top"
        raise NikashError(f"the report breaks its schema at {where}: {problem.message}")


def dumps(payload: Mapping[str, Any]) -> str:
    """The file's text: keys in the schema's order, no NaN, a newline at the end."""
    return _text(_ordered(payload, schema()))


def schema_text() -> str:
    """The published schema's text."""
    return _text(schema())


def _text(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, allow_nan=False, indent=1) + "\n"


def _ordered(value: Any, about: Mapping[str, Any]) -> Any:
    """Keys as the schema lists them, whatever order a database gave them back in."""
    if isinstance(value, list):
        return [_ordered(row, about.get("items", {})) for row in value]
    if not isinstance(value, dict):
        return value
    known = about.get("properties", {})
    names = [name for name in known if name in value]
    names += sorted(name for name in value if name not in known)
    return {name: _ordered(value[name], known.get(name, {})) for name in names}
