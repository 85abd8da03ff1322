"""What a benchmark measured, as a file that the page about speed is made of."""

from __future__ import annotations

import json
import statistics
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any


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
    """Lines over a quantity, or bars: `lines` maps a name to [x, y] pairs.

    bars : names to the median, the least and the most of `y`; then there are no lines, and `x`
        says what the bars are
    """

    title: str
    x: str
    y: str
    lines: dict[str, list[tuple[float, float]]]
    log: bool = False
    bars: dict[str, tuple[float, float, float]] = field(default_factory=dict)


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


def merged(rounds: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Records of the same benchmark as one: the median of each figure over the rounds.

    Not for counts of faults, which a median would hide. Plots are the last round's.
    """
    figures: dict[str, list[Mapping[str, Any]]] = {}
    for record in rounds:
        for one in record["figures"]:
            figures.setdefault(one["name"], []).append(one)
    notes = dict.fromkeys(note for record in rounds for note in record["notes"])
    over = [_over(same) for same in figures.values()]
    return {**rounds[-1], "figures": over, "notes": list(notes)}


def _over(same: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    ratios = [one["ratio"] for one in same if one["ratio"] is not None]
    return {
        **same[-1],
        "median": statistics.median(one["median"] for one in same),
        "low": min(one["low"] for one in same),
        "high": max(one["high"] for one in same),
        "n": sum(one["n"] for one in same),
        "ratio": statistics.median(ratios) if ratios else None,
    }
