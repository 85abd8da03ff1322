"""Meters for tests: so many watts for each device, whatever the machine does."""

import threading
import time
from typing import ClassVar

from models_app.energy.meters import Device

WATTS = {"processor": 40.0, "gpu 0": 200.0, "gpu 1": 100.0}


class FakeMeters:
    """Two GPUs and a processor; `unread` as the real ones have it; `last` is the newest of them."""

    last: ClassVar["FakeMeters"]

    def __init__(self, country: str = "") -> None:
        self.devices = [
            Device(name, name.upper(), "estimated" if name == "processor" else "measured", "a test")
            for name in WATTS
        ]
        self.unread = dict.fromkeys(WATTS, 0.0)
        self.n_read, self.read_often = 0, threading.Event()
        FakeMeters.last = self
        self._read_at = time.perf_counter()

    def read(self) -> tuple[float, dict[str, float]]:
        now = time.perf_counter()
        seconds, self._read_at = now - self._read_at, now
        self.n_read += 1
        if self.n_read >= 3:
            self.read_often.set()
        return seconds, {name: watts * seconds / 3.6e6 for name, watts in WATTS.items()}
