"""manage.py migrate: as Django's, one machine at a time."""

import contextlib
import fcntl
import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.core.management.commands import migrate
from django.db import connections

LOCK = 0x6E696B617368  # "nikash": the number of our advisory lock
PAUSE = 0.5  # seconds between two looks whether the other one is done


class Command(migrate.Command):
    """Machines that start together wait for the first; then there is nothing left to do."""

    def handle(self, *args: Any, **options: Any) -> None:
        with only_one(options["database"]):
            super().handle(*args, **options)


@contextlib.contextmanager
def only_one(alias: str) -> Iterator[None]:
    """Hold PostgreSQL's advisory lock on migrations, or a lock beside SQLite's file.

    Either goes with the process, too.
    """
    connection = connections[alias]
    if connection.vendor == "postgresql":
        with _advisory(connection):
            yield
    elif Path(str(connection.settings_dict["NAME"])).is_absolute():
        with _beside(Path(str(connection.settings_dict["NAME"]))):
            yield
    else:
        yield


@contextlib.contextmanager
def _advisory(connection: Any) -> Iterator[None]:
    """Asked for again and again: who waits within a query holds up an index made concurrently."""
    with connection.cursor() as cursor:
        while not _taken(cursor):
            rest()
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [LOCK])


def _taken(cursor: Any) -> bool:
    cursor.execute("SELECT pg_try_advisory_lock(%s)", [LOCK])
    return bool(cursor.fetchone()[0])


def rest() -> None:
    time.sleep(PAUSE)


@contextlib.contextmanager
def _beside(database: Path) -> Iterator[None]:
    handle = os.open(f"{database}-migrating", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)
