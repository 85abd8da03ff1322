"""One writer after another where the database is a file: in the order of coming, without polling.

SQLite lets those who must wait sleep and look again, up to a tenth of a second later; under many
annotators whoever comes just then goes first. A lock on a file beside the database wakes the next
one at once, in every process. It is a matter of speed alone: who does not take it is kept out by
the database as before.
"""

import contextlib
import fcntl
import os
import threading
from collections.abc import Iterator
from pathlib import Path

from django.db import connection, transaction

_own = threading.local()


@contextlib.contextmanager
def writing() -> Iterator[None]:
    """A transaction; on SQLite it begins when all who came before have ended theirs."""
    database = Path(str(connection.settings_dict["NAME"]))
    is_file = connection.vendor == "sqlite" and database.is_absolute()
    if not is_file or connection.in_atomic_block:
        with transaction.atomic():
            yield
        return
    lock = _lock_beside(database)
    fcntl.flock(lock, fcntl.LOCK_EX)
    try:
        with transaction.atomic():
            yield
    finally:
        fcntl.flock(lock, fcntl.LOCK_UN)


def _lock_beside(database: Path) -> int:
    """This thread's own handle of the lock's file, which stays open with the thread."""
    key = (os.getpid(), database)
    if getattr(_own, "key", None) != key:
        _own.key, _own.handle = key, os.open(f"{database}-turn", os.O_RDWR | os.O_CREAT, 0o600)
    return int(_own.handle)
