"""What metrics share that describe an output by itself: no reference, nothing compared."""

from typing import ClassVar

from metrics.automatic.base import EVERY_CHECK, MeanMetric


class Description(MeanMetric):
    """A property of the output alone; `best` is None, as nothing is compared."""

    unit = "share, 0-1"
    best: ClassVar[float | None] = None
    exempt = EVERY_CHECK
    needs_reference = False
