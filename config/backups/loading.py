"""Rows into a database's tables as they are, keys included, and back out to be compared."""

import itertools
from collections.abc import Iterable, Iterator
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.color import no_style
from django.db import (
    DataError,
    IntegrityError,
    InterfaceError,
    NotSupportedError,
    ProgrammingError,
    connections,
)

from common.errors import BadInput
from config.backups.tables import Row, Table

ROWS_AT_ONCE = 500
# What Django and the drivers raise for a value that no column of its kind can take.
ODD_VALUE = (
    DataError, IntegrityError, InterfaceError, NotSupportedError, ProgrammingError,
    ValidationError, ValueError, TypeError, AttributeError, ArithmeticError,
)  # fmt: skip


def wipe(alias: str, tables: Iterable[Table]) -> None:
    """Delete every row; within a transaction, so that they are back where loading fails."""
    connection = connections[alias]
    names = [connection.ops.quote_name(table.name) for table in tables]
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(f"TRUNCATE {', '.join(names)}")
            return
        for name in names:
            cursor.execute(f"DELETE FROM {name}")


def load(alias: str, table: Table, rows: Iterable[Row]) -> int:
    """Store rows of Python values; how many.

    Raises BadInput where the database cannot hold one, say a text longer than its column.
    """
    try:
        if connections[alias].vendor == "postgresql":
            return _copy(alias, table, rows)
        return _insert(alias, table, rows)
    except ODD_VALUE as problem:
        reason = (str(problem).strip() or type(problem).__name__).splitlines()[0]
        raise BadInput(f"the database cannot hold a row: {reason}", file=table.label) from problem


def reset_sequences(alias: str, tables: Iterable[Table]) -> None:
    """Numbers given to new rows go on after the largest there is."""
    connection = connections[alias]
    models = [table.model for table in tables]
    with connection.cursor() as cursor:
        for statement in connection.ops.sequence_reset_sql(no_style(), models):
            cursor.execute(statement)


def check_references(alias: str) -> None:
    """Raises BadInput where a row points to one that is not there."""
    try:
        connections[alias].check_constraints()
    except IntegrityError as problem:
        reason = str(problem).strip().splitlines()[0]
        raise BadInput(f"a row points to one that is not there: {reason}") from problem


def _copy(alias: str, table: Table, rows: Iterable[Row]) -> int:
    quote = connections[alias].ops.quote_name
    columns = ", ".join(quote(field.column) for field in table.fields)
    n = 0
    with (
        connections[alias].wrap_database_errors,
        connections[alias].cursor() as cursor,
        cursor.copy(f"COPY {quote(table.name)} ({columns}) FROM STDIN") as copy,
    ):
        for row in _prepared(alias, table, rows):
            copy.write_row(row)
            n += 1
    return n


def _insert(alias: str, table: Table, rows: Iterable[Row]) -> int:
    quote = connections[alias].ops.quote_name
    columns = ", ".join(quote(field.column) for field in table.fields)
    values = ", ".join(["%s"] * len(table.fields))
    statement = f"INSERT INTO {quote(table.name)} ({columns}) VALUES ({values})"
    n = 0
    prepared = _prepared(alias, table, rows)
    with connections[alias].cursor() as cursor:
        while chunk := list(itertools.islice(prepared, ROWS_AT_ONCE)):
            cursor.executemany(statement, chunk)
            n += len(chunk)
    return n


def _prepared(alias: str, table: Table, rows: Iterable[Row]) -> Iterator[list[Any]]:
    connection = connections[alias]
    for row in rows:
        pairs = zip(table.fields, row, strict=True)
        yield [field.get_db_prep_save(value, connection) for field, value in pairs]
