"""The most memory a run had at once, of the process and of the accelerator."""

import contextlib
import resource
import sys
from pathlib import Path
from typing import Any

CLEAR, STATUS = Path("/proc/self/clear_refs"), Path("/proc/self/status")


class PeakMemory:
    """Counts from when it is made where the system allows it, else from the process's start."""

    def __init__(self) -> None:
        import torch

        with contextlib.suppress(OSError):
            CLEAR.write_text("5")  # Linux: start the peak anew
        if torch.cuda.is_available():
            torch.cuda.reset_peak_memory_stats()

    def bytes(self) -> dict[str, Any]:
        import torch

        found: dict[str, Any] = {"process": _process()}
        if torch.cuda.is_available():
            found["accelerator"] = torch.cuda.max_memory_allocated()
        return found


def _process() -> int:
    with contextlib.suppress(OSError):
        for line in STATUS.read_text().splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) * 1024
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024
