"""Where a test's own processes keep their data: as the suite itself does, and apart from it.

With a PostgreSQL in DATABASE_URL each site gets a database of its own on that server; with a Redis
in CELERY_BROKER_URL a number of its own. Otherwise both are files in the site's folder.
"""

import functools
import itertools
import os
import secrets
import shutil
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

SERVER = os.environ.get("DATABASE_URL", "")
BROKER = os.environ.get("CELERY_BROKER_URL", "")
ON_POSTGRES = SERVER.startswith("postgres")
ON_REDIS = BROKER.startswith("redis")
NUMBERS_EACH = 100  # Redis databases of one process of the test runner
ROOT = Path(__file__).resolve().parents[1]

_worker = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
_numbers = itertools.count(_worker * NUMBERS_EACH)


def own_broker() -> str:
    """A Redis that nobody else uses; empty for the embedded broker."""
    return urlsplit(BROKER)._replace(path=f"/{next(_numbers)}").geturl() if ON_REDIS else ""


class Store:
    """The data folder, database (with its tables) and broker of one site that a test starts."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.path = folder / "nikash.sqlite3"
        if ON_POSTGRES:
            self.url = _database(like=_postgres_tables())
        else:
            self.url = f"sqlite:///{self.path}"
            shutil.copy(sqlite_tables(), self.path)
        self.environment = {
            **os.environ,
            "NIKASH_DATA_DIR": str(folder),
            "DATABASE_URL": self.url,
            "OMP_NUM_THREADS": "1",
        }
        self.environment.pop("CELERY_BROKER_URL", None)
        if broker := own_broker():
            self.environment["CELERY_BROKER_URL"] = broker

    @contextmanager
    def connection(self) -> Iterator[Any]:
        """Closed at the end; what was not committed is undone."""
        if ON_POSTGRES:
            import psycopg

            with psycopg.connect(self.url, autocommit=True) as connection:
                yield connection
            return
        connection = sqlite3.connect(self.path, timeout=20)
        try:
            yield connection
        finally:
            connection.close()

    def rows(self, sql: str, *values: Any) -> list[tuple[Any, ...]]:
        """What a query finds; its places for values are written as question marks."""
        with self.connection() as connection:
            found = connection.execute(sql.replace("?", "%s") if ON_POSTGRES else sql, values)
            return [tuple(row) for row in found.fetchall()]

    def named_rows(self, sql: str, *values: Any) -> list[dict[str, Any]]:
        """The same, each row by the names of its columns; none of a statement that changes rows."""
        with self.connection() as connection:
            found = connection.execute(sql.replace("?", "%s") if ON_POSTGRES else sql, values)
            names = [column[0] for column in found.description or ()]
            rows = [dict(zip(names, row, strict=True)) for row in found.fetchall()] if names else []
            if not ON_POSTGRES:
                connection.commit()
            return rows

    @contextmanager
    def nobody_else_writes(self) -> Iterator[None]:
        """Hold what every rating has to write; ratings wait until the end."""
        with self.connection() as connection:
            if ON_POSTGRES:
                with connection.transaction():
                    connection.execute("LOCK TABLE annotation_ratingevent IN EXCLUSIVE MODE")
                    yield
            else:
                connection.execute("BEGIN IMMEDIATE")
                yield


@functools.cache
def sqlite_tables() -> Path:
    """An SQLite file with our tables, made once in a process: copy it, for migrations take long."""
    path = Path(tempfile.mkdtemp(prefix="nikash-tables-", dir=os.environ["NIKASH_DATA_DIR"]))
    _migrate(f"sqlite:///{path / 'tables.sqlite3'}")
    return path / "tables.sqlite3"


@functools.cache
def _postgres_tables() -> str:
    url = _database(like="template0")
    _migrate(url)
    return urlsplit(url).path.removeprefix("/")


def _migrate(url: str) -> None:
    command = [sys.executable, "manage.py", "migrate", "--verbosity", "0"]
    subprocess.run(command, cwd=ROOT, env=os.environ | {"DATABASE_URL": url}, check=True)


def _database(like: str) -> str:
    import psycopg

    name = f"site_{secrets.token_hex(6)}"
    with psycopg.connect(SERVER, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name} TEMPLATE {like}")
    return urlsplit(SERVER)._replace(path=f"/{name}").geturl()
