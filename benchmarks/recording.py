"""What a benchmark measured, as a file that the page about speed is made of."""

from __future__ import annotations

import json
import statistics
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path


@dataclass(frozen=True)
class Figure:
    """Something measured n times; `ratio` is how many times better than `against`."""

    name: str
    unit: str
    median: float
    low: float
    high: float
    n: int
    ratio: float | None = None
    against: str = ""


@dataclass
class Plot:
    """Lines over a quantity: `lines` maps a name to [x, y] pairs."""

    title: str
    x: str
    y: str
    lines: dict[str, list[tuple[float, float]]]
    log: bool = False


@dataclass
class Record:
    """One benchmark's figures; `how` is the command, with its options, that repeats it."""

    title: str
    how: str
    figures: list[Figure] = field(default_factory=list)
    plots: list[Plot] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def add(
        self,
        name: str,
        samples: Sequence[float],
        unit: str,
        *,
        ratio: float | None = None,
        against: str = "",
    ) -> Figure:
        """The median of the samples with their least and greatest."""
        figure = Figure(
            name=name,
            unit=unit,
            median=statistics.median(samples),
            low=min(samples),
            high=max(samples),
            n=len(samples),
            ratio=ratio,
            against=against,
        )
        self.figures.append(figure)
        return figure

    def versus(
        self, name: str, ours: Sequence[float], theirs: Sequence[float], unit: str, against: str
    ) -> None:
        """Less is better: ours with the ratio of the medians, and the other's below it."""
        ratio = statistics.median(theirs) / statistics.median(ours)
        self.add(name, ours, unit, ratio=ratio, against=against)
        self.add(f"{name}: {against}", theirs, unit)

    def write(self, path: Path | None) -> None:
        """As JSON; nothing where no path was asked for."""
        if path is not None:
            path.write_text(json.dumps(asdict(self), indent=1, ensure_ascii=False) + "\n")
