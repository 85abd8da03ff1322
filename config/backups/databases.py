"""Databases beside the site's own: by URL, in a scratch file, as a snapshot, under a lock."""

import contextlib
import itertools
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import dj_database_url
from django.core.exceptions import ImproperlyConfigured
from django.db import DatabaseError, connections, transaction
from django.db.utils import load_backend

from common.errors import BadInput
from config.environment import ENGINES, SQLITE_OPTIONS

LOCK_SECONDS = 20
_numbers = itertools.count(1)


@contextlib.contextmanager
def opened(url: str) -> Iterator[str]:
    """The alias of the database at `url`; closed and forgotten afterwards.

    Raises BadInput where the URL cannot be read or nobody answers there.
    """
    with _added(_from_url(url)) as alias:
        try:
            connections[alias].ensure_connection()
        except (DatabaseError, ImproperlyConfigured) as problem:
            reason = str(problem).strip().splitlines()[0] if str(problem).strip() else "no reason"
            raise BadInput(f"the database of --to cannot be reached: {reason}") from problem
        yield alias


@contextlib.contextmanager
def scratch() -> Iterator[str]:
    """The alias of an empty SQLite database in a temporary folder."""
    with (
        tempfile.TemporaryDirectory(prefix="nikash-scratch-") as folder,
        opened(f"sqlite:///{Path(folder) / 'scratch.sqlite3'}") as alias,
    ):
        yield alias


@contextlib.contextmanager
def snapshot(alias: str = "default") -> Iterator[str]:
    """An alias that sees the database as it is now, whatever others write meanwhile."""
    source = connections[alias]
    if source.vendor == "sqlite" and source.is_in_memory_db():
        yield alias  # it has one connection, which nobody else writes through
        return
    settings = dict(source.settings_dict)
    if source.vendor == "sqlite":
        settings["OPTIONS"] = {**settings["OPTIONS"], "transaction_mode": "DEFERRED"}
    with _added(settings) as name, transaction.atomic(using=name):
        with connections[name].cursor() as cursor:
            if source.vendor == "sqlite":
                cursor.execute("PRAGMA query_only=ON")
            else:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
            cursor.execute("SELECT count(*) FROM django_migrations")  # the snapshot is of this time
        yield name


@contextlib.contextmanager
def locked(tables: list[str], alias: str = "default") -> Iterator[str]:
    """Nobody else writes to the database while the block lasts; reading goes on.

    Raises BadInput where another holds it for longer than LOCK_SECONDS.
    """
    try:
        with transaction.atomic(using=alias):  # of SQLite: IMMEDIATE, the write lock itself
            _lock_tables(alias, tables)
            yield alias
    except DatabaseError as problem:
        if "lock" not in str(problem):
            raise
        raise BadInput("somebody is writing to the database; stop the site first") from problem


def _lock_tables(alias: str, tables: list[str]) -> None:
    connection = connections[alias]
    if connection.vendor != "postgresql":
        return
    names = ", ".join(map(connection.ops.quote_name, tables))
    with connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        cursor.execute(f"SET LOCAL lock_timeout = '{LOCK_SECONDS}s'")
        cursor.execute(f"LOCK TABLE {names} IN SHARE MODE")


@contextlib.contextmanager
def standing_in(alias: str) -> Iterator[None]:
    """What asks the site's own database asks the one called `alias` while the block lasts."""
    own, other = connections["default"], connections[alias]
    connections["default"], other.alias = other, "default"
    try:
        yield
    finally:
        connections["default"], other.alias = own, alias


@contextlib.contextmanager
def _added(settings: dict[str, Any]) -> Iterator[str]:
    alias = f"beside-{next(_numbers)}"
    connections[alias] = load_backend(settings["ENGINE"]).DatabaseWrapper(settings, alias)
    try:
        yield alias
    finally:
        connections[alias].close()
        del connections[alias]


def _from_url(url: str) -> dict[str, Any]:
    try:
        parsed: dict[str, Any] = dict(dj_database_url.parse(url))
    except (ValueError, KeyError) as problem:
        raise BadInput(
            "--to cannot be read; write postgres://user:password@host:5432/name "
            "or sqlite:////absolute/path.sqlite3"
        ) from problem
    if parsed["ENGINE"] not in ENGINES:
        raise BadInput("--to names an engine that Nikash does not use; write postgres or sqlite")
    if str(parsed["ENGINE"]).endswith("sqlite3"):
        parsed["OPTIONS"] = dict(SQLITE_OPTIONS)
        if not Path(parsed["NAME"]).parent.is_dir():
            raise BadInput(f"--to: there is no folder {Path(parsed['NAME']).parent}; make it first")
    defaults = {**connections.databases["default"], "OPTIONS": {}}
    return {**defaults, **parsed, "CONN_MAX_AGE": 0}
