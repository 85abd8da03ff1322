"""Work in a process of its own, and the memory that it took."""

from __future__ import annotations

import multiprocessing
import resource
from collections.abc import Callable
from typing import Any


def apart(doing: Callable[[], Any]) -> tuple[Any, float]:
    """What it gave, and MiB at the peak beyond the start; the child knows all that is loaded."""
    from django.db import connections

    connections.close_all()
    forked = multiprocessing.get_context("fork")
    here, there = forked.Pipe()
    process = forked.Process(target=_measured, args=(doing, there))
    process.start()
    there.close()
    try:
        found: tuple[Any, float] = here.recv()
    finally:
        process.join()
    return found


def _measured(doing: Callable[[], Any], there: Any) -> None:
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    found = doing()
    after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    there.send((found, (after - before) / 1024))
