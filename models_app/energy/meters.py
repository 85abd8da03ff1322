"""CodeCarbon's readings of this machine: processor, memory and every GPU, each on its own.

Its OfflineEmissionsTracker finds the devices and how each can be read; the readings are taken from
these, as the tracker's own scheduler takes them, so that each GPU keeps its own line. Nothing is
sent or written. Readings are of the whole machine, whoever uses it.
"""

import logging
import time
from dataclasses import dataclass
from importlib.util import find_spec
from typing import Any

from common.errors import MissingLibrary

HOW = {
    "intel_rapl": ("measured", "energy counter of the processor (RAPL)"),
    "windows_emi": ("measured", "energy counter of the processor (EMI)"),
    "intel_power_gadget": ("measured", "Intel Power Gadget"),
    "cpu_load": ("estimated", "load of the processor and its rated power"),
    "constant": ("estimated", "half of the processor's rated power"),
}


@dataclass(frozen=True)
class Device:
    """how: measured or estimated;  by: what the figure comes from"""

    name: str
    label: str
    how: str
    by: str


def is_installed() -> bool:
    return find_spec("codecarbon") is not None


class Meters:
    """The devices of this machine; `read` gives the kWh of each since the last reading.

    Finding the devices takes seconds once in a process, milliseconds afterwards.

    Raises MissingLibrary where CodeCarbon is not installed.
    """

    def __init__(self, country: str = "") -> None:
        self._parts: list[tuple[Device, Any, int | None]] = []
        for part in _hardware(country):
            self._parts += _devices(part)
        self.devices = [device for device, _, _ in self._parts]
        self._hardware = {id(part): part for _, part, _ in self._parts}.values()
        for part in self._hardware:
            part.start()
        self.unread = {device.name: 0.0 for device in self.devices}
        self._read_at = time.perf_counter()

    def read(self) -> tuple[float, dict[str, float]]:
        """Seconds since the last reading, and the kWh of each device by its name.

        A device that did not answer counts 0; `unread` has the seconds of such intervals.
        """
        from codecarbon.core.units import Time

        now = time.perf_counter()
        seconds, self._read_at = now - self._read_at, now
        found: dict[str, float] = {}
        for device, part, place in self._parts:
            if place is None:
                found[device.name] = part.measure_power_and_energy(seconds)[1].kWh
            elif device.name not in found:
                for row in part.devices.get_delta(Time.from_seconds(seconds)):
                    found[f"gpu {row['gpu_index']}"] = row["delta_energy_consumption"].kWh
        for name in self.unread:
            if name not in found:
                self.unread[name] += seconds
        return seconds, {name: found.get(name, 0.0) for name in self.unread}


def version() -> str:
    import codecarbon

    return f"CodeCarbon {codecarbon.__version__}"


def _hardware(country: str) -> list[Any]:
    try:
        from codecarbon import OfflineEmissionsTracker
    except ImportError as error:
        raise MissingLibrary(
            "energy is measured with CodeCarbon, which is not installed; run make install-train, "
            "or set NIKASH_ENERGY=0"
        ) from error
    logging.getLogger("codecarbon").setLevel(logging.ERROR)
    where = {"country_iso_code": country} if country else {}
    tracker = OfflineEmissionsTracker(
        output_methods=[], allow_multiple_runs=True, log_level="error", **where
    )
    tracker.get_detected_hardware()
    return list(tracker._hardware)


def _devices(part: Any) -> list[tuple[Device, Any, int | None]]:
    kind = type(part).__name__
    if kind == "GPU":
        return [_gpu(part, place) for place in part.devices.devices if _is_chosen(part, place)]
    if kind == "RAM":
        size = f"{part.machine_memory_GB:.0f} GB"
        return [(Device("memory", size, "estimated", "number of modules for its size"), part, None)]
    if kind == "CPU":
        how, by = HOW.get(part._mode, ("estimated", str(part._mode)))
        return [(Device("processor", str(part.get_model()), how, by), part, None)]
    name = f"{part.chip_part}".lower()
    return [(Device(name, kind, "measured", "power readings of the chip"), part, None)]


def _is_chosen(part: Any, place: Any) -> bool:
    return place.gpu_index in part._get_gpu_ids()


def _gpu(part: Any, place: Any) -> tuple[Device, Any, int | None]:
    counted = place.last_energy is not None
    by = "energy counter of the GPU" if counted else "power readings of the GPU"
    name = place.get_static_details()["name"]
    return Device(f"gpu {place.gpu_index}", str(name), "measured", by), part, place.gpu_index
