"""What the loaders share: cells, results, and all or nothing."""

import contextlib
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice
from typing import Any, TypeVar

from django.core.exceptions import ValidationError
from django.db import IntegrityError, connections, models, transaction

from accounts.audit import record
from common.errors import BadInput
from common.problems import Problems, shown
from common.tables import Row
from common.text import ZWJ, ZWNJ
from models_app.models import Dataset

T = TypeVar("T")
CHUNK = 500
LONG_LOAD = 2.0  # seconds after which a load has brought many rows


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


class _DryRun(Exception):
    """Rolls a loader's transaction back once everything was checked."""


@contextlib.contextmanager
def all_or_nothing(problems: Problems, *, dry_run: bool) -> Iterator[None]:
    """Store what the block does; nothing of it in a dry run or where there are problems."""
    begun = time.monotonic()
    try:
        with transaction.atomic():
            yield
            problems.raise_if_any()
            if dry_run:
                raise _DryRun
            record(None, "file.load", file=str(problems.file)[:200])
            if time.monotonic() - begun > LONG_LOAD:
                count_anew()
    except _DryRun:
        pass
    except IntegrityError as problem:
        raise BadInput(
            "somebody else stored the same at this moment; load the file again", file=problems.file
        ) from problem


def count_anew(using: str = "default") -> None:
    """Let PostgreSQL plan its queries for the rows that have come; SQLite has no need of it.

    It looks by itself about once a minute. Until then it plans for the rows there were before, and
    a report may take minutes.
    """
    if connections[using].vendor == "postgresql":
        with connections[using].cursor() as cursor:
            cursor.execute("ANALYZE")


def dataset_named(name: str) -> Dataset:
    try:
        return Dataset.objects.get(name=name)
    except Dataset.DoesNotExist:
        known = ", ".join(Dataset.objects.values_list("name", flat=True)[:20]) or "none yet"
        raise BadInput(f"there is no dataset called {shown(name)}; known: {known}") from None


def check_fields(row: models.Model, exclude: tuple[str, ...] = ()) -> None:
    """Raise BadInput for the first field of an unsaved row that its model does not take."""
    try:
        row.clean_fields(exclude=exclude)
    except ValidationError as problem:
        field, messages = next(iter(problem.message_dict.items()))
        raise BadInput(f"{shown(getattr(row, field))} cannot be the {field}: {messages[0]}") from (
            problem
        )


def chunks(rows: Iterator[T], size: int = CHUNK) -> Iterator[list[T]]:
    while chunk := list(islice(rows, size)):
        yield chunk


def identifier(row: Row, name: str, problems: Problems, limit: int = 200) -> str | None:
    """A key or a name, trimmed: text or a whole number; else None, and a problem."""
    value = row.cells.get(name)
    if isinstance(value, int) and not isinstance(value, bool):
        value = str(value)
    if not isinstance(value, str):
        wrong = "is missing" if value is None else f"{shown(value)} is not text"
        problems.add(f"{wrong}; write a name", row.number, name)
        return None
    value = value.strip()
    if not value:
        problems.add("is empty; write a name", row.number, name)
        return None
    if len(value) > limit:
        problems.add(f"has {len(value)} characters; {limit} is the most", row.number, name)
        return None
    if not value.replace(ZWJ, "").replace(ZWNJ, "").isprintable():
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
        wrong = "is missing" if value is None else f"{shown(value)} is not text"
        problems.add(f"{wrong}; write a text", row.number, name)
        return None
    if required and not value.strip():
        problems.add("is empty; write the text", row.number, name)
        return None
    return value
