"""The published schema of report.json, and the check that every report passes."""

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from common.errors import NikashError

SCHEMA = "nikash-report/1"
PATH = Path(__file__).with_name("schema.json")


@cache
def schema() -> dict[str, Any]:
    return json.loads(PATH.read_text(encoding="utf-8"))


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


def dumps(payload: dict[str, Any]) -> str:
    """The file's text: keys in order, no NaN, a newline at the end."""
    return json.dumps(payload, ensure_ascii=False, allow_nan=False, indent=1) + "\n"
