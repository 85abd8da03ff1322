"""Whether the site runs: its processes share a lock on a file of the data folder.

The system lets go of the lock when a process ends, however it ends.
"""

import contextlib
import fcntl
import os
from collections.abc import Iterator
from pathlib import Path

from django.conf import settings
from django.db import connections

from common.errors import BadInput

_held: list[int] = []


def say_so() -> None:
    """This process is part of the running site from now on."""
    with contextlib.suppress(OSError):  # a read-only folder, or a file system without locks
        handle = os.open(_path(), os.O_CREAT | os.O_RDWR, 0o600)
        fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
        _held.append(handle)


@contextlib.contextmanager
def stopped() -> Iterator[None]:
    """The site cannot run meanwhile. Raises BadInput where it does."""
    handle = os.open(_path(), os.O_CREAT | os.O_RDWR, 0o600)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as problem:
            raise BadInput("the site is running; stop its web servers and workers") from problem
        _check_connections()
        yield
    finally:
        os.close(handle)


def _check_connections() -> None:
    """On PostgreSQL, processes of other machines show as connections."""
    connection = connections["default"]
    if connection.vendor != "postgresql":
        return
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() "
            "AND pid <> pg_backend_pid() AND backend_type = 'client backend'"
        )
        n = cursor.fetchone()[0]
    if n:
        raise BadInput(
            f"{n} other connections to the database are open; "
            "stop the site's web servers and workers on every machine"
        )


def _path() -> Path:
    return Path(settings.DATA_DIR) / "running.lock"
