"""The rounds of each load as figures, ours and a peer's beside each other, and bars of them."""

from __future__ import annotations

from collections.abc import Callable
from statistics import median

from benchmarks.load.lines import Line
from benchmarks.load.nikash import Nikash
from benchmarks.recording import Plot, Record

PARTS = ("save", "next")
PERCENTILES = ("50th", "95th", "99th")
Rounds = list[Line]


def added(record: Record, lines: list[Line]) -> None:
    """Each load's figures over its rounds; beside peers, held against ours of the same round."""
    has_peers = any(not _is_ours(line) for line in lines)
    loads: dict[str, Rounds] = {}
    for line in lines:
        loads.setdefault(line.what, []).append(line)
    for what, rounds in loads.items():
        ours = _like(lines, rounds[0]) if has_peers else []
        whose = ours[0].name if ours else ""
        record.add(f"CPU for a loop: {what}", [_cpu(line) for line in rounds], "ms")
        _beside(record, f"CPU, times that of {whose}: {what}", rounds, ours, _cpu)
        record.add(f"loops a second: {what}", [line.per_second for line in rounds], "1/s")
        _beside(record, f"loops a second, times fewer than {whose}: {what}", ours, rounds, _speed)
        for part in PARTS:
            for n, percentile in enumerate(PERCENTILES):
                times = [getattr(line, part)[n] for line in rounds]
                record.add(f"{part}, {percentile} percentile: {what}", times, "ms")
        errors = sum(line.errors for line in rounds)  # a median would hide them
        record.add(f"errors: {what}", [errors] * len(rounds), "")
    if has_peers:
        record.plots.append(bars(lines))


def bars(lines: list[Line]) -> Plot:
    """CPU for a loop of every platform, under the first load."""
    load = (lines[0].people, lines[0].think)
    found: dict[str, list[float]] = {}
    for line in lines:
        if (line.people, line.think) == load and line.loops:
            found.setdefault(line.name, []).append(_cpu(line))
    title = f"Server CPU for one loop, {load[0]} annotators, {load[1]:g} s thinking"
    medians = {name: (median(times), min(times), max(times)) for name, times in found.items()}
    ranked = dict(sorted(medians.items(), key=lambda one: one[1]))
    return Plot(title, "platform", "CPU ms for a loop (less is better)", {}, bars=ranked)


def _is_ours(line: Line) -> bool:
    return line.name.startswith(Nikash.name)


def _cpu(line: Line) -> float:
    return line.cpu + line.database_cpu


def _speed(line: Line) -> float:
    return line.per_second


def _like(lines: list[Line], other: Line) -> Rounds:
    """The rounds of our first site under the same load."""
    load = (other.people, other.think)
    ours = [line for line in lines if _is_ours(line) and (line.people, line.think) == load]
    return [line for line in ours if line.name == ours[0].name]


def _beside(
    record: Record, name: str, these: Rounds, those: Rounds, value: Callable[[Line], float]
) -> None:
    """How often one goes into the other in each round that both did loops in."""
    pairs = [
        (value(one), value(two)) for one in these for two in those
        if one.round == two.round and one.loops and two.loops
    ]  # fmt: skip
    if pairs:
        record.add(name, [one / two for one, two in pairs], "")
