"""What the loaders share: cells, results, and a dry run."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice
from typing import Any, TypeVar

from common.tables import Problems, Row

T = TypeVar("T")
CHUNK = 500


@dataclass
class Loaded:
    """What loading a file did, or, in a dry run, would do."""

    n_rows: int = 0
    n_new: int = 0
    n_unchanged: int = 0
    notes: list[str] = field(default_factory=list)
    sample: list[dict[str, Any]] = field(default_factory=list)

    SAMPLE = 10

    def see(self, row: Row) -> None:
        self.n_rows += 1
        if len(self.sample) < self.SAMPLE:
            self.sample.append(row.cells)

    def __str__(self) -> str:
        text = f"{self.n_rows} rows: {self.n_new} new, {self.n_unchanged} already there"
        return ". ".join([text, *self.notes]) + "."


class DryRun(Exception):
    """Rolls a loader's transaction back once everything was checked."""


def chunks(rows: Iterator[T], size: int = CHUNK) -> Iterator[list[T]]:
    while chunk := list(islice(rows, size)):
        yield chunk


def identifier(row: Row, name: str, problems: Problems, limit: int = 200) -> str | None:
    """A key or a name, trimmed: text or a whole number; else None, and a problem."""
    value = row.cells.get(name)
    if isinstance(value, int) and not isinstance(value, bool):
        value = str(value)
    if not isinstance(value, str):
        problems.add("must be text; write a name", row.number, name)
        return None
    value = value.strip()
    if not value:
        problems.add("is empty; write a name", row.number, name)
        return None
    if len(value) > limit:
        problems.add(f"has {len(value)} characters; {limit} is the most", row.number, name)
        return None
    if not value.isprintable():
        problems.add("has control characters; write a plain name", row.number, name)
        return None
    return value


def text(row: Row, name: str, problems: Problems, *, required: bool) -> str | None:
    """A text exactly as received; None (and a problem) where there is none but must be."""
    value = row.cells.get(name)
    if value is None and not required:
        return ""
    if isinstance(value, int | float) and not isinstance(value, bool):
        value = str(value)
    if not isinstance(value, str):
        problems.add("must be text", row.number, name)
        return None
    if required and not value.strip():
        problems.add("is empty; write the text", row.number, name)
        return None
    if "\0" in value:
        problems.add("has a NUL character; remove it", row.number, name)
        return None
    return value
