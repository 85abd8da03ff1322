"""A study's tables, one file each: what came out, with n, interval, unit and recipe."""

from typing import Any

from common.errors import BadInput
from common.registry import Registry
from studies.published import published_cells
from studies.tables.base import Table
from studies.work import Work

TABLES: Registry[Table] = Registry("table", __name__)


def make_tables(work: Work) -> list[dict[str, Any]]:
    """The tables that the configuration asks for, in its order, the paper's cells beside ours."""
    published = published_cells(work)
    made = []
    for number, entry in enumerate(work.configuration.get("tables", ())):
        try:
            table = TABLES.get(entry["table"])
        except LookupError as problem:
            raise BadInput(f"tables[{number}]: {problem}") from problem
        options = {key: value for key, value in entry.items() if key != "table"}
        found = table(work, options).as_dict()
        found["published"] = published.get(options.get("published", entry["table"]), [])
        made.append(found)
    return made
