"""The embedded broker: kombu's messages in files, each there wholly or not at all.

A full disk or a killed process must not leave half a message behind, which would stop every worker
that finds it.
"""

import contextlib
import fcntl
import logging
import os
import time
import uuid
from pathlib import Path
from queue import Empty
from typing import Any

from kombu.exceptions import ChannelError
from kombu.transport import filesystem
from kombu.utils.json import dumps, loads

log = logging.getLogger(__name__)


class Channel(filesystem.Channel):
    def _put(self, queue: str, payload: Any, **_: Any) -> None:
        name = f"{round(time.monotonic() * 1000)}_{uuid.uuid4()}.{queue}.msg"
        _write(Path(self.data_folder_out, name), dumps(payload))

    def _get(self, queue: str) -> Any:
        """The oldest message; one that cannot be read is dropped, its job's row is rung for."""
        folder = Path(self.data_folder_in)
        for name in sorted(path.name for path in folder.iterdir()):
            if name.partition(".")[2] != f"{queue}.msg":
                continue
            taken = folder / f"{name}.taken"
            try:
                (folder / name).rename(taken)
                text = taken.read_bytes()
                taken.unlink()
            except OSError:  # somebody else was sooner
                continue
            try:
                return loads(text.decode())
            except ValueError:
                log.warning("a message of the queue %s is cut short; it is dropped", queue)
        raise Empty

    def get_table(self, exchange: str) -> list[Any]:
        try:
            return super().get_table(exchange)
        except ValueError:
            return []

    def _queue_bind(self, exchange: str, routing_key: str, pattern: str, queue: str) -> None:
        file = self._exchange_file(exchange)
        value = filesystem.exchange_queue_t(routing_key or "", pattern or "", queue or "")
        self.control_folder.mkdir(exist_ok=True)
        with _alone(self.control_folder):
            table = self.get_table(exchange)
            if value not in table:
                _write(file, dumps([value, *table]))


class Transport(filesystem.Transport):
    Channel = Channel


def _write(path: Path, text: str) -> None:
    """Raises ChannelError where there is no space; then nothing is there."""
    part = path.with_name(f"{path.name}.{os.getpid()}-{time.monotonic_ns()}.part")
    try:
        part.write_bytes(text.encode())
        part.replace(path)
    except OSError as problem:
        with contextlib.suppress(OSError):
            part.unlink(missing_ok=True)
        raise ChannelError(f"{path.name} cannot be written ({problem.strerror})") from problem


@contextlib.contextmanager
def _alone(folder: Path) -> Any:
    """One process at a time reads the table of an exchange and writes it anew."""
    try:
        handle = os.open(folder / ".lock", os.O_CREAT | os.O_RDWR, 0o600)
    except OSError as problem:
        raise ChannelError(f"{folder} cannot be written to ({problem.strerror})") from problem
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)
