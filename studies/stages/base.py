"""A stage of a study."""

from collections.abc import Callable
from typing import NamedTuple

from studies.work import Work


class Stage(NamedTuple):
    name: str
    do: Callable[[Work], None]
