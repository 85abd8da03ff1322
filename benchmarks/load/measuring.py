"""What a server's processes used: processor time and memory, of a process and all it started."""

from __future__ import annotations

import contextlib
import threading
import time
from typing import NamedTuple

import psutil


class Used(NamedTuple):
    """CPU seconds since the processes began, of ended ones, too; MB of their own now, without what
    forks share."""

    cpu: float
    rss: float


def used(root: int) -> Used:
    """Of a process and all it started; nothing where it has ended."""
    cpu = rss = 0.0
    with contextlib.suppress(psutil.NoSuchProcess):
        first = psutil.Process(root)
        for process in [first, *first.children(recursive=True)]:
            with contextlib.suppress(psutil.NoSuchProcess):
                times = process.cpu_times()
                cpu += times.user + times.system + times.children_user + times.children_system
                rss += process.memory_full_info().uss / 1e6
    return Used(cpu, rss)


class Watch(threading.Thread):
    """Samples `used` of several roots until it is stopped: [(moment, {name: Used})]."""

    def __init__(self, roots: dict[str, int], every: float = 1.0) -> None:
        super().__init__(daemon=True)
        self.roots, self.every = roots, every
        self.samples: list[tuple[float, dict[str, Used]]] = []
        self._stop_now = threading.Event()

    def look(self) -> None:
        now = {name: used(root) for name, root in self.roots.items()}
        self.samples.append((time.time(), now))

    def run(self) -> None:
        while not self._stop_now.wait(self.every):
            self.look()

    def stop(self) -> None:
        self._stop_now.set()
        self.join()
        self.look()

    def cpu_between(self, name: str, begin: float, end: float) -> float:
        """CPU seconds between two moments, linear between samples."""
        return self._at(name, end) - self._at(name, begin)

    def _at(self, name: str, moment: float) -> float:
        before = [(t, u[name].cpu) for t, u in self.samples if t <= moment]
        after = [(t, u[name].cpu) for t, u in self.samples if t > moment]
        if not before or not after:
            return (before or after)[-1 if before else 0][1]
        (t0, c0), (t1, c1) = before[-1], after[0]
        return c0 + (c1 - c0) * (moment - t0) / (t1 - t0)
