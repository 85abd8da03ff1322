"""What one drill found, as a line of the table."""

from __future__ import annotations

from typing import NamedTuple

from benchmarks.faults.audit import Counts

NOTHING = Counts(0, 0, 0, 0, 0, 0)
HEAD = (
    f"{'drill':30} {'engine':9} {'ack':>6} {'stored':>6} {'lost':>4} {'dbl':>4} {'half':>4} "
    f"{'stuck':>5} {'back after s':>14}  what else"
)


class Found(NamedTuple):
    """seconds : until it worked again, each time; faults : sentences, none where all is well"""

    drill: str
    engine: str
    counts: Counts
    seconds: tuple[float, ...]
    notes: str = ""
    faults: tuple[str, ...] = ()

    @property
    def is_sound(self) -> bool:
        c = self.counts
        return not (self.faults or c.lost or c.doubled or c.half_stored or c.stuck)

    def row(self) -> str:
        c = self.counts
        back = " ".join(f"{seconds:.1f}" for seconds in self.seconds) or "-"
        line = (
            f"{self.drill:30} {self.engine:9} {c.acknowledged:6} {c.stored:6} {c.lost:4} "
            f"{c.doubled:4} {c.half_stored:4} {c.stuck:5} {back:>14}  {self.notes}"
        )
        return line + "".join(f"\n    FAULT: {fault}" for fault in self.faults)
