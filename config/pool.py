"""The pool of a worker's children on the embedded broker, where all read from one pipe.

A child that waits for work holds the pipe's lock. Billiard's own is a semaphore, which stays taken
when its holder is killed: no child that comes after it would ever get a job.
"""

import fcntl
import tempfile
from typing import Any

from billiard.pool import Pool as BlockingPool
from celery.concurrency.prefork import TaskPool


class Lock:
    """Between processes; the system lets go of it when the process that holds it ends."""

    def __init__(self) -> None:
        self._file = tempfile.TemporaryFile()  # noqa: SIM115 - as long as the pool

    def acquire(self) -> None:
        fcntl.lockf(self._file, fcntl.LOCK_EX)

    def release(self) -> None:
        fcntl.lockf(self._file, fcntl.LOCK_UN)

    def __enter__(self) -> None:
        self.acquire()

    def __exit__(self, *_: Any) -> None:
        self.release()


class Blocking(BlockingPool):
    def _setup_queues(self) -> None:
        super()._setup_queues()
        self._inqueue._rlock = Lock()
        self._outqueue._wlock = Lock()


class Pool(TaskPool):
    BlockingPool = Blocking
