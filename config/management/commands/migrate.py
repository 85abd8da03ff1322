"""manage.py migrate: as Django's, one machine at a time."""

import contextlib
from collections.abc import Iterator
from typing import Any

from django.core.management.commands import migrate
from django.db import connections

LOCK = 0x6E696B617368  # "nikash": the number of our advisory lock


class Command(migrate.Command):
    """Machines that start together wait for the first; then there is nothing left to do."""

    def handle(self, *args: Any, **options: Any) -> None:
        with only_one(options["database"]):
            super().handle(*args, **options)


@contextlib.contextmanager
def only_one(alias: str) -> Iterator[None]:
    """Hold PostgreSQL's advisory lock on migrations; it goes with the connection, too."""
    connection = connections[alias]
    if connection.vendor != "postgresql":
        yield
        return
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s)", [LOCK])
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [LOCK])
