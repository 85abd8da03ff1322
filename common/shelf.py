"""Values by key in a passing file, so that memory does not grow with how many there are."""

import errno
import json
import sqlite3
from collections.abc import Iterator
from typing import Any

Key = tuple[str | int, ...]
CHUNK = 500


class Shelf:
    """Plain values (as JSON has them) by key, in the order in which the keys came.

    They lie in a file that SQLite makes for itself and that goes with the process.
    """

    def __init__(self) -> None:
        self._rows = sqlite3.connect("", isolation_level=None, check_same_thread=False)
        self._rows.execute("PRAGMA journal_mode = OFF")
        self._rows.execute("PRAGMA synchronous = OFF")
        self._rows.execute(
            "CREATE TABLE shelf (number INTEGER PRIMARY KEY, key TEXT UNIQUE, value TEXT)"
        )
        self._rows.execute("BEGIN")

    def _run(self, statement: str, given: tuple[Any, ...]) -> sqlite3.Cursor:
        """Raises OSError where the disk is full."""
        try:
            return self._rows.execute(statement, given)
        except sqlite3.OperationalError as problem:
            raise OSError(errno.ENOSPC, str(problem)) from problem

    def add(self, key: Key, value: Any = None) -> bool:
        """Whether the key was new; the value of one that is there stays."""
        added = self._run(
            "INSERT OR IGNORE INTO shelf (key, value) VALUES (?, ?)", (_text(key), _text(value))
        )
        return added.rowcount == 1

    def put(self, key: Key, value: Any) -> None:
        """A new value; the key keeps its place in the order."""
        self._run(
            "INSERT INTO shelf (key, value) VALUES (?, ?) "
            "ON CONFLICT (key) DO UPDATE SET value = excluded.value",
            (_text(key), _text(value)),
        )

    def get(self, key: Key) -> Any:
        """The value; None where there is none."""
        found = self._run("SELECT value FROM shelf WHERE key = ?", (_text(key),))
        row = found.fetchone()
        return json.loads(row[0]) if row else None

    def drop(self, start: Key) -> None:
        """Forget every longer key that starts like this."""
        text = _text(start)[:-1]
        self._run("DELETE FROM shelf WHERE key >= ? AND key < ?", (f"{text},", f"{text}-"))

    def __contains__(self, key: Key) -> bool:
        found = self._run("SELECT 1 FROM shelf WHERE key = ?", (_text(key),))
        return found.fetchone() is not None

    def __iter__(self) -> Iterator[Any]:
        last = 0
        while found := self._run(
            "SELECT number, value FROM shelf WHERE number > ? ORDER BY number LIMIT ?",
            (last, CHUNK),
        ).fetchall():
            last = found[-1][0]
            yield from (json.loads(value) for _, value in found)


def _text(value: Any) -> str:
    return json.dumps(value, separators=(",", ":"))
