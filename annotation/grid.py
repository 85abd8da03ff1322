"""Tables that are read like pictures: blocks in columns, annotators in rows, shades of a share."""

from collections.abc import Sequence
from typing import NamedTuple

MOST_COLUMNS = 20
SHADES = 5


class Cell(NamedTuple):
    """What one cell says, and how dark it is: 0 (nothing) to 5 (all)."""

    text: str
    heat: int


class Row(NamedTuple):
    label: str
    cells: list[Cell]


class Grid(NamedTuple):
    columns: list[str]
    rows: list[Row]


def blocks_per_column(n_blocks: int) -> int:
    """As many blocks in a column as keep the table within MOST_COLUMNS."""
    return max(1, -(-n_blocks // MOST_COLUMNS))


def column_labels(n_blocks: int) -> list[str]:
    """Which blocks each column holds, counted from 1.

    >>> column_labels(45)[:2], column_labels(2)
    (['1–3', '4–6'], ['1', '2'])
    """
    size = blocks_per_column(n_blocks)
    ends = [(first + 1, min(first + size, n_blocks)) for first in range(0, n_blocks, size)]
    return [str(first) if first == last else f"{first}–{last}" for first, last in ends]


def heat(value: float, most: float) -> int:
    """The shade of a share: 0 for nothing, 5 for all of `most`."""
    if value <= 0 or most <= 0:
        return 0
    return min(SHADES, max(1, round(SHADES * value / most)))


def number(value: float) -> str:
    """An expected count without false precision: 0.4, 12; nothing for 0."""
    if value < 0.05:
        return ""
    return f"{value:.1f}" if value < 10 and abs(value - round(value)) > 0.05 else f"{value:.0f}"


def square(labels: Sequence[str], values: Sequence[Sequence[float]]) -> Grid:
    """How much each two have in common; the half below the diagonal."""
    most = max((value for row in values for value in row), default=0.0)
    rows = [
        Row(label, [Cell(number(v) or "0", heat(v, most)) for v in values[place][:place]])
        for place, label in enumerate(labels)
    ]
    return Grid(list(labels[:-1]), rows[1:])
