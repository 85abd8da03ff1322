"""Power over time, device by device, and its integral. No Django here.

A trace is {"t": edges, "watts": {device: means}}: between two edges a device drew the mean power
that stands for them. Its energy is the integral of this step function, never a reading × the time.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

JOULES_PER_KWH = 3_600_000.0
MAX_INTERVALS = 1200

Trace = dict[str, Any]


class TraceBuilder:
    """Collects intervals; beyond MAX_INTERVALS, neighbours are joined, which keeps their energy."""

    def __init__(self, devices: Sequence[str], max_intervals: int = MAX_INTERVALS) -> None:
        self._max = max_intervals
        self._seconds = [0.0]
        self._joules: dict[str, list[float]] = {device: [] for device in devices}
        self.kwh: dict[str, float] = dict.fromkeys(devices, 0.0)

    def add(self, seconds: float, kwh: Mapping[str, float]) -> None:
        """The next interval: its length above 0 and the energy of each device in it, in kWh."""
        if not seconds > 0:
            raise ValueError(f"an interval must last longer than {seconds} s")
        self._seconds.append(self._seconds[-1] + seconds)
        for device, joules in self._joules.items():
            self.kwh[device] += kwh[device]
            joules.append(kwh[device] * JOULES_PER_KWH)
        if len(self._seconds) > self._max + 1:
            self._join()

    def _join(self) -> None:
        n = (len(self._seconds) - 1) // 2 * 2
        self._seconds = self._seconds[: n + 1 : 2] + self._seconds[n + 1 :]
        for device, joules in self._joules.items():
            pairs = [joules[at] + joules[at + 1] for at in range(0, n, 2)]
            self._joules[device] = pairs + joules[n:]

    @property
    def seconds(self) -> float:
        return self._seconds[-1]

    def trace(self) -> Trace:
        lengths = np.diff(self._seconds)
        return {
            "t": list(self._seconds),
            "watts": {
                device: (np.asarray(joules) / lengths).tolist()
                for device, joules in self._joules.items()
            },
        }


def steps(trace: Trace, device: str) -> tuple[np.ndarray, np.ndarray]:
    """Seconds and watts of the step function, two points for each interval."""
    edges = np.asarray(trace["t"], dtype=float)
    return np.repeat(edges, 2)[1:-1], np.repeat(np.asarray(trace["watts"][device], float), 2)


def integral(trace: Trace) -> float:
    """The energy under the whole trace in kWh: the trapezoid rule over every device's steps."""
    if len(trace["t"]) < 2:
        return 0.0
    drawn = [np.trapezoid(y, x) for x, y in (steps(trace, device) for device in trace["watts"])]
    return float(sum(drawn)) / JOULES_PER_KWH
