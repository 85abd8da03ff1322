"""Scores computed elsewhere: a metric that only adds up what a file said."""

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from common.errors import BadInput
from metrics.automatic.base import EVERY_CHECK, FloatArray, MeanMetric, Pair

HIGH, LOW = "imported_", "imported_low_"
LARGEST = 1e15  # squares and sums of larger ones would leave what a float can hold
FOREIGN_NAME = re.compile(r"(?!low_)[A-Za-z0-9][A-Za-z0-9_.+-]{0,35}")


class Imported(MeanMetric):
    """The mean of scores loaded from a file, in whatever unit they have. Rows: value, 1."""

    unit = "the unit of the file"
    minimum, maximum = -float("inf"), float("inf")
    best = None
    exempt = EVERY_CHECK
    needs_reference = False

    def statistics(self, pairs: Sequence[Pair]) -> FloatArray:
        raise BadInput(
            f"{self.label} cannot be computed: its scores come from a file; load them with "
            "load_scores"
        )

    def signature(self) -> str:
        return "imported"


def is_score(value: Any) -> bool:
    """Whether this is a number that statistics can go on with."""
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return is_number and -LARGEST <= value <= LARGEST


def imported_name(metric: str, *, lower_is_better: bool = False) -> str:
    """The name a file's metric goes by here; BadInput where it cannot be one."""
    if not FOREIGN_NAME.fullmatch(metric):
        raise BadInput(
            f"{metric[:60]!r} cannot be a metric's name; write up to 36 letters, digits and "
            "_ . + -, and not low_ at the beginning"
        )
    return (LOW if lower_is_better else HIGH) + metric


def is_imported(name: str) -> bool:
    """Whether the name is one made by `imported_name`."""
    return name.startswith(HIGH) and bool(FOREIGN_NAME.fullmatch(_foreign(name)))


def _foreign(name: str) -> str:
    return name.removeprefix(LOW if name.startswith(LOW) else HIGH)


@lru_cache(maxsize=256)
def imported_kind(name: str) -> type[Imported]:
    """The class for a name made by `imported_name`; it knows which end of the scale is best."""
    low, foreign = name.startswith(LOW), _foreign(name)
    return type(
        "Imported",
        (Imported,),
        {
            "__doc__": f"{foreign}, computed elsewhere.",
            "name": name,
            "label": f"{foreign} (imported)",
            "higher_is_better": not low,
        },
    )
