"""`with measured(kind, …):` reads this machine's power while the work within is done.

A thread reads once a second; a process that is killed loses at most what came since the record was
last written. The readings are of the whole machine, so two jobs at once are both charged for it:
the report says where records overlap.
"""

import logging
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from typing import Any

from django.conf import settings
from django.db import DatabaseError, connection

from models_app.energy.grid import grid_of
from models_app.energy.meters import Meters, is_installed, version
from models_app.energy.trace import JOULES_PER_KWH, TraceBuilder
from models_app.jobs import Progress
from models_app.models import EnergyRecord

log = logging.getLogger(__name__)

EVERY = 1.0  # seconds between two readings
WRITE_EVERY = 30  # readings between two writes of an unfinished record


def is_measuring() -> bool:
    """Whether energy is measured here: NIKASH_ENERGY, or without it whether CodeCarbon is there."""
    return is_installed() if settings.ENERGY is None else settings.ENERGY


@contextmanager
def measured(
    kind: str, *, training_run: Any = None, generation_run: Any = None, subject: str = ""
) -> Iterator[EnergyRecord | None]:
    """The record of the energy that the work within takes; None where nothing is measured.

    The record's numbers are there when the block has ended, whether it succeeded or not.

    Raises MissingLibrary where NIKASH_ENERGY asks for it and CodeCarbon is missing.
    """
    if not is_measuring():
        yield None
        return
    meters = Meters(settings.GRID_COUNTRY)
    record = EnergyRecord.objects.create(
        kind=kind,
        training_run=training_run,
        generation_run=generation_run,
        subject=subject[:300],
        host=socket.gethostname()[:200],
        pue=settings.PUE,
        grid=grid_of(settings.GRID_COUNTRY)._asdict() if settings.GRID_COUNTRY else None,
        library=version(),
    )
    sampler = _Sampler(record, meters, writes=not connection.in_atomic_block)
    sampler.start()
    try:
        yield record
    finally:
        sampler.stop()
        record.is_complete = True
        _fill(record, meters, sampler.builder)


def energy_of(
    kind: str, naming: Callable[[Any], dict[str, Any]]
) -> Callable[[Callable[[Any, Progress], None]], Callable[[Any, Progress], None]]:
    """Decorator for a job's work: its energy is measured; `naming(job)` says whose it is."""

    def around(work: Callable[[Any, Progress], None]) -> Callable[[Any, Progress], None]:
        @wraps(work)
        def accounted(job: Any, progress: Progress) -> None:
            with measured(kind, **naming(job)):
                work(job, progress)

        return accounted

    return around


class _Sampler(threading.Thread):
    """Reads the meters until told to stop, and once more then."""

    def __init__(self, record: EnergyRecord, meters: Meters, *, writes: bool) -> None:
        super().__init__(daemon=True)
        self._record, self._meters, self._writes = record, meters, writes
        self.builder = TraceBuilder([device.name for device in meters.devices])
        self._done = threading.Event()

    def run(self) -> None:
        n_readings = 0
        try:
            while not self._done.wait(EVERY):
                self._read()
                n_readings += 1
                if self._writes and n_readings % WRITE_EVERY == 0:
                    self._write()
        finally:
            connection.close()

    def stop(self) -> None:
        self._done.set()
        self.join()
        self._read()

    def _read(self) -> None:
        seconds, kwh = self._meters.read()
        if seconds > 0:
            self.builder.add(seconds, kwh)

    def _write(self) -> None:
        try:
            _fill(self._record, self._meters, self.builder)
        except DatabaseError:
            log.exception("the energy so far was not written; the next time follows")


def _fill(record: EnergyRecord, meters: Meters, builder: TraceBuilder) -> None:
    seconds = builder.seconds
    record.seconds = seconds
    record.trace = builder.trace()
    record.devices = [
        {
            "name": device.name,
            "label": device.label,
            "how": device.how,
            "by": device.by,
            "kwh": builder.kwh[device.name],
            "unread_seconds": meters.unread[device.name],
            "watts": builder.kwh[device.name] * JOULES_PER_KWH / seconds if seconds else None,
        }
        for device in meters.devices
    ]
    record.kwh = sum(builder.kwh.values())
    record.save(
        update_fields=["seconds", "trace", "devices", "kwh", "is_complete"],
    )
