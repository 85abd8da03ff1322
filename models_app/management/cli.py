"""What the commands share: options, progress on stderr, and one clear sentence on bad input."""

import contextlib
import re
import sys
import time
from argparse import ArgumentParser
from collections.abc import Callable, Iterator
from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError, InterfaceError, connection
from django.db.migrations.executor import MigrationExecutor

from accounts.outages import outage_in
from common.errors import BadInput, NikashError
from models_app.loading.common import dataset_named as dataset_named

SURE_AFTER = 2.0  # seconds before the rest is foretold
OUTAGES = {
    "not_ready": "the database does not answer any more; start it",
    "busy": "the database is busy; wait until it is not",
    "disk_full": "the disk is full; make room",
    "read_only": "the disk or the database can only be read; see what its system says",
}
NOT_TEXT = re.compile("[\0\ud800-\udfff]")  # a byte that is not UTF-8 arrives as a surrogate


class NikashCommand(BaseCommand):
    """A command whose errors are sentences: exit 1, never a stack trace for bad input."""

    def execute(self, *args: Any, **options: Any) -> Any:
        try:
            _check_words(options)
            _reach_database()
            _make_tables()
            return super().execute(*args, **options)
        except NikashError as problem:
            raise CommandError(problem.message) from problem
        except (DatabaseError, InterfaceError, OSError) as problem:
            if outage := outage_in(problem):
                raise CommandError(f"{OUTAGES[outage.code]}, then repeat the command") from problem
            if isinstance(problem, DatabaseError) and _lacks_migrations():
                raise CommandError(
                    "the database is out of date; run manage.py migrate first"
                ) from problem
            raise
        except KeyboardInterrupt:
            raise CommandError("stopped; nothing half-done was kept") from None

    def say(self, text: str) -> None:
        """A line for the person at the terminal; standard output stays free for data."""
        self.stderr.write(text, style_func=str, ending="\n")

    def counter(self, what: str) -> "Counter":
        return Counter(what)


def _reach_database() -> None:
    try:
        connection.ensure_connection()
    except DatabaseError as problem:
        why = str(problem).strip().partition("\n")[0]
        raise NikashError(
            f"the database does not answer ({why}); start it, or correct DATABASE_URL"
        ) from problem


def _make_tables() -> None:
    """A database without any table is a new instance: give it ours."""
    if not connection.introspection.table_names():
        call_command("migrate", verbosity=0, interactive=False)


def _lacks_migrations() -> bool:
    executor = MigrationExecutor(connection)
    return bool(executor.migration_plan(executor.loader.graph.leaf_nodes()))


def _check_words(options: dict[str, Any]) -> None:
    """Refuse an argument that no database can hold: bytes that are not UTF-8, and NUL."""
    for name, value in options.items():
        for word in value if isinstance(value, list | tuple) else [value]:
            if isinstance(word, str) and NOT_TEXT.search(word) and name != "file":
                raise BadInput(f"--{name.replace('_', '-')} is not UTF-8 text; write it anew")


class Counter:
    """Counts up on stderr, at most five times a second, and says how long it will still take.

    share : how much is done, 0 to 1, where the total is not told; None while that is not known
    """

    def __init__(self, what: str, share: Callable[[], float | None] = lambda: None) -> None:
        self.what, self.share = what, share
        self._begun_at = time.monotonic()
        self._shown_at = 0.0
        self._width = 0

    def __call__(self, n: int, n_total: int | None = None, *, share: float | None = None) -> None:
        now = time.monotonic()
        if now - self._shown_at > 0.2 or n == n_total:
            self._shown_at = now
            of = f" of {n_total}" if n_total else ""
            done = n / n_total if n_total else share or self.share()
            line = f"{n}{of} {self.what}{time_left(now - self._begun_at, done)}"
            sys.stderr.write(f"\r{line.ljust(self._width)}")
            sys.stderr.flush()
            self._width = len(line)

    def close(self) -> None:
        if self._shown_at:
            sys.stderr.write("\n")


def time_left(seconds: float, done: float | None) -> str:
    """ ", 25 %, 3 min left" after so many seconds; nothing before it can be said.

    >>> time_left(60, 0.25), time_left(60, None), time_left(1, 0.5)
    (', 25 %, 3 min left', '', '')
    """
    if done is None or not 0 < done <= 1 or seconds < SURE_AFTER:
        return ""
    left = seconds * (1 - done) / done
    told = f"{left:.0f} s" if left < 99 else f"{left / 60:.0f} min"
    return f", {100 * done:.0f} %, {told} left"


@contextlib.contextmanager
def counting(what: str, share: Callable[[], float | None] = lambda: None) -> Iterator[Counter]:
    """A Counter that ends its line, however the work ends."""
    counter = Counter(what, share)
    try:
        yield counter
    finally:
        counter.close()


def add_file_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("file", help="a .csv, .tsv or .jsonl file, each also .gz, or - for stdin")
    parser.add_argument(
        "--map",
        action="append",
        default=[],
        metavar="FIELD=COLUMN",
        help="read FIELD from the column COLUMN; may be repeated",
    )


def column_map(pairs: list[str]) -> dict[str, str]:
    columns = {}
    for pair in pairs:
        field, equals, column = pair.partition("=")
        if not (field and equals and column):
            raise BadInput(f"--map {pair!r} cannot be read; write FIELD=COLUMN, say key=seg_id")
        columns[field] = column
    return columns
