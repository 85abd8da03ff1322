"""What a platform's own export holds after a load, with or without a killed server; memory."""

from __future__ import annotations

import threading
import time
from collections import Counter

from benchmarks.load.driver import Result, drive
from benchmarks.load.lines import measured
from benchmarks.load.platform import Platform, stop_group
from benchmarks.recording import Plot, Record


def checked(platform: Platform, results: list[Result]) -> dict[str, int]:
    """What the platform's own export holds of what it acknowledged."""
    stored = platform.stored()
    pairs = Counter(stored.pairs)
    told = {str(loop.item) for result in results for loop in result.loops}
    found = {item for _annotator, item in pairs}
    return {
        "acknowledged": sum(len(result.loops) for result in results),
        "exported": len(stored.pairs),
        "acknowledged, not exported": len(told - found),
        "stored twice": sum(n > 1 for n in pairs.values()),
        "items given to too many": stored.shared,
    }


def killed(platform: Platform, people: int, seconds: float, times: int) -> dict[str, int]:
    """Kill the web server in mid-load, start it again, and count what was acknowledged.

    times : 0 leaves it alone
    """

    def kill() -> None:
        for _ in range(times):
            time.sleep(seconds / (times + 1))
            assert platform.process is not None
            stop_group(platform.process, kill=True)
            platform.start()

    killer = threading.Thread(target=kill)
    result = drive(
        platform.annotator, platform.spec(), people=people, seconds=seconds, think=0.2,
        ready=killer.start, go_on=True,
    )  # fmt: skip
    killer.join()
    return {"errors meanwhile": len(result.errors), **checked(platform, [result])}


def soaked(
    platform: Platform, name: str, people: int, minutes: float, think: float, record: Record
) -> None:
    """The web server's memory over time, with people who come and go on for that long.

    In the first minutes it grows to what its threads and connections keep: a run of a few minutes
    says nothing of an hour.
    """
    line, result, watch = measured(platform, f"soak {name}", people, think, 60 * minutes)
    print(line.row(), flush=True)
    start = watch.samples[0][0]
    points = [((t - start) / 60, now["web"].rss) for t, now in watch.samples]
    slope = slope_of([point for point in points if point[0] >= minutes / 3])
    print(f"memory after the first third: {slope:+.3f} MB a minute, {line.loops} loops", flush=True)
    record.add(f"memory growth, {name}, {line.loops} loops", [slope], "MB/minute")
    record.add(f"errors, {name}, {line.loops} loops", [line.errors], "")
    if result.errors:
        record.notes.append(f"soak {name}: {result.errors[0]}")
    if not record.plots:
        record.plots.append(Plot("Memory of the web server under load", "minutes", "MB", {}))
    record.plots[0].lines[name] = points[:: max(1, len(points) // 300)]


def slope_of(points: list[tuple[float, float]]) -> float:
    """Least squares."""
    n = len(points)
    x, y = sum(p[0] for p in points) / n, sum(p[1] for p in points) / n
    spread = sum((p[0] - x) ** 2 for p in points)
    return sum((p[0] - x) * (p[1] - y) for p in points) / spread if spread else 0.0
