"""How many annotators a site holds: the loop of saving a rating and getting the next item, by HTTP.

    python -m benchmarks.annotate_loop [--annotators 1 10 50 100 500] [--think 0 20]
        [--database sqlite postgres] [--peers potato pearmut]
        [--seconds 30] [--kill 3] [--soak MINUTES] [--json FILE]

Each line is a site of its own with 1,000 translations to be rated from 0 to 6, started as
`manage.py serve` starts it, and annotators who have signed in beforehand and send what the page's
own script sends. Peers (benchmarks/peers) are installed into environments of their own, loaded
with the same items and driven by the same client in the same run. The client is a process of its
own; CPU is that of the server's processes, the database's apart. Where the machine is shared,
trust CPU milliseconds for each loop, and ratios.

One annotator per item is measured in a run of its own (`--kill` does both): items handed to more
annotators than asked for, ratings acknowledged and found in the export, ratings found twice, and
what `kill -9` of the web server in mid-load costs.
"""

from __future__ import annotations

import argparse
import importlib
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import Any, NamedTuple

from benchmarks.load.driver import Result, drive
from benchmarks.load.measuring import Watch
from benchmarks.load.nikash import Nikash
from benchmarks.load.platform import Platform, stop_group
from benchmarks.peers.environments import NotInstalled
from benchmarks.recording import Plot, Record

MANY_RATERS = 50  # so that 1,000 items last for a run
PEERS = ("potato", "pearmut")


class Line(NamedTuple):
    """One run: milliseconds at the 50th, 95th and 99th percentile, CPU ms for each loop."""

    name: str
    people: int
    think: float
    loops: int
    per_second: float
    save: tuple[float, float, float]
    next: tuple[float, float, float]
    requests: float
    errors: int
    cpu: float
    database_cpu: float
    early_cpu: float
    late_cpu: float
    rss: tuple[float, float]

    def row(self) -> str:
        save, following = ("/".join(f"{ms:.0f}" for ms in part) for part in (self.save, self.next))
        return (
            f"{self.name:18} {self.people:6} {self.think:6g} {self.loops:7} "
            f"{self.per_second:8.1f} {save:>16} {following:>16} {self.requests:5.2f} "
            f"{self.errors:6} {self.cpu:8.2f} {self.database_cpu:6.2f} "
            f"{self.early_cpu:7.2f} {self.late_cpu:7.2f} {self.rss[0]:6.0f} {self.rss[1]:6.0f}"
        )


HEAD = (
    f"{'platform':18} {'people':>6} {'think':>6} {'loops':>7} {'loops/s':>8} "
    f"{'save p50/95/99':>16} {'next p50/95/99':>16} {'req':>5} {'errors':>6} {'CPU ms':>8} "
    f"{'db ms':>6} {'first¼':>7} {'last¼':>7} {'MB':>6} {'MB end':>6}"
)


def percentiles(values: list[float]) -> tuple[float, float, float]:
    """The 50th, 95th and 99th; the nearest rank."""
    ranked = sorted(values)
    if not ranked:
        return (float("nan"),) * 3
    at = [ranked[min(len(ranked) - 1, int(len(ranked) * share))] for share in (0.5, 0.95, 0.99)]
    return at[0], at[1], at[2]


def measured(
    platform: Platform, name: str, people: int, think: float, seconds: float
) -> tuple[Line, Result, Watch]:
    """Drive a started platform, and watch its processes meanwhile."""
    watch = Watch(platform.roots())

    def ready() -> None:
        watch.look()
        watch.start()

    result = drive(
        platform.annotator, platform.spec(), people=people, seconds=seconds, think=think,
        ready=ready,
    )  # fmt: skip
    watch.stop()
    return line_of(name, people, think, result, watch), result, watch


def line_of(name: str, people: int, think: float, result: Result, watch: Watch) -> Line:
    loops, took = result.loops, max(1e-9, result.ended - result.began)
    n = max(1, len(loops))

    def cpu(root: str, begin: float, end: float, count: int) -> float:
        known = root in watch.samples[0][1]
        return 1000 * watch.cpu_between(root, begin, end) / max(1, count) if known else 0.0

    ends = sorted(loop.at for loop in loops) or [result.ended]
    first, last = ends[len(ends) // 4], ends[-len(ends) // 4]
    first_rss, last_rss = (sum(u.rss for u in watch.samples[at][1].values()) for at in (0, -1))
    return Line(
        name=name,
        people=people,
        think=think,
        loops=len(loops),
        per_second=len(loops) / took,
        save=percentiles([loop.save for loop in loops]),
        next=percentiles([loop.next for loop in loops]),
        requests=sum(loop.n_requests for loop in loops) / n,
        errors=len(result.errors),
        cpu=cpu("web", result.began, result.ended, n),
        database_cpu=cpu("database", result.began, result.ended, n),
        early_cpu=cpu("web", result.began, first, n // 4),
        late_cpu=cpu("web", last, result.ended, n // 4),
        rss=(first_rss, last_rss),
    )


def site(kind: type[Platform], people: int, raters: int, **how: Any) -> Platform:
    folder = Path(tempfile.mkdtemp(prefix="nikash-load-"))
    platform = kind(folder, people, raters, **how)
    platform.prepare()
    platform.start()
    return platform


def peer(name: str) -> type[Platform]:
    module = importlib.import_module(f"benchmarks.peers.{name}")
    return module.Peer


def is_here(name: str, record: Record) -> bool:
    """Whether a peer is installed or could be; why not is noted."""
    with tempfile.TemporaryDirectory(prefix="nikash-load-") as folder:
        try:
            peer(name)(Path(folder), 1, 1).prepare()
        except NotInstalled as error:
            record.notes.append(f"{name} was left out: {error}")
            print(record.notes[-1], flush=True)
            return False
    return True


def checked(platform: Platform, results: list[Result]) -> dict[str, int]:
    """What the platform's own export holds of what it acknowledged."""
    stored = platform.stored()
    pairs = Counter(stored.pairs)
    told = {str(loop.item) for result in results for loop in result.loops}
    found = {item for _annotator, item in pairs}
    return {
        "acknowledged": len(told),
        "exported": len(stored.pairs),
        "acknowledged, not exported": len(told - found),
        "stored twice": sum(n > 1 for n in pairs.values()),
        "items given to too many": stored.shared,
    }


def killed(
    platform: Platform, name: str, people: int, seconds: float, times: int
) -> dict[str, Any]:
    """Kill the web server in mid-load, start it again, and count what was acknowledged."""
    import threading

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
    return {"platform": name, "kills": times, "errors meanwhile": len(result.errors),
            **checked(platform, [result])}  # fmt: skip


def soaked(database: str, minutes: float, record: Record) -> None:
    """Memory over time, with people who come and go on for that long."""
    people, n_items = 50, 8000  # more than 50 people can do in an hour
    platform = site(Nikash, people, MANY_RATERS, database=database, n_items=n_items)
    try:
        line, _result, watch = measured(platform, f"soak {database}", people, 0.5, 60 * minutes)
    finally:
        platform.stop()
    print(line.row(), flush=True)
    start = watch.samples[0][0]
    points = [((t - start) / 60, sum(u.rss for u in now.values())) for t, now in watch.samples]
    late = [point for point in points if point[0] >= minutes / 3]
    slope = slope_of(late)
    print(f"memory after the first third: {slope:+.3f} MB a minute, {line.loops} loops")
    record.add(f"memory growth, {database}, {line.loops} loops", [slope], "MB/minute")
    record.plots.append(
        Plot("Memory of the web server under load", "minutes", "MB", {database: points[::10]})
    )


def slope_of(points: list[tuple[float, float]]) -> float:
    """Least squares."""
    n = len(points)
    x, y = sum(p[0] for p in points) / n, sum(p[1] for p in points) / n
    spread = sum((p[0] - x) ** 2 for p in points)
    return sum((p[0] - x) * (p[1] - y) for p in points) / spread if spread else 0.0


def added(record: Record, lines: list[Line]) -> None:
    """Each line's figures, with the ratio to the best peer of the same load."""
    for line in lines:
        what = f"{line.name}, {line.people} annotators, {line.think:g} s thinking"
        rivals = [
            other for other in lines
            if other.name in PEERS and (other.people, other.think) == (line.people, line.think)
            and other.loops
        ]  # fmt: skip
        best = min(rivals, key=lambda other: other.cpu, default=None)
        is_ours = line.name.startswith(Nikash.name) and best is not None
        record.add(
            f"CPU for a loop: {what}", [line.cpu + line.database_cpu], "ms",
            ratio=best.cpu / (line.cpu + line.database_cpu) if is_ours and best else None,
            against=best.name if is_ours and best else "",
        )  # fmt: skip
        record.add(f"loops a second: {what}", [line.per_second], "1/s")
        record.add(f"save, 95th percentile: {what}", [line.save[1]], "ms")
        record.add(f"next, 95th percentile: {what}", [line.next[1]], "ms")
        record.add(f"errors: {what}", [line.errors], "")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--annotators", type=int, nargs="*", default=[1, 10, 50, 100, 500])
    parser.add_argument("--think", type=float, nargs="*", default=[0, 20])
    parser.add_argument("--database", nargs="+", default=["sqlite"], choices=["sqlite", "postgres"])
    parser.add_argument("--peers", nargs="*", default=[], choices=PEERS)
    parser.add_argument("--seconds", type=float, default=30)
    parser.add_argument("--kill", type=int, default=0, metavar="TIMES")
    parser.add_argument("--soak", type=float, default=0, metavar="MINUTES")
    parser.add_argument("--json", type=Path)
    chosen = parser.parse_args()
    record = Record("The annotators' loop under load", "python -m benchmarks.annotate_loop")
    kinds: list[tuple[str, type[Platform], dict[str, Any]]] = [
        (f"{Nikash.name} {database}", Nikash, {"database": database})
        for database in chosen.database
    ]
    kinds += [(name, peer(name), {}) for name in chosen.peers if is_here(name, record)]
    lines: list[Line] = []
    print(HEAD, flush=True)
    for think in chosen.think:
        for people in chosen.annotators:
            for name, kind, how in kinds:
                platform = site(kind, people, MANY_RATERS, **how)
                try:
                    line, result, _ = measured(
                        platform, name, people, think, max(chosen.seconds, 3 * think)
                    )
                finally:
                    platform.stop()
                print(line.row(), flush=True)
                if result.errors:
                    print("   first error:", result.errors[0])
                lines.append(line)
    added(record, lines)
    if chosen.kill:
        for name, kind, how in kinds:
            platform = site(kind, 50, 1, **how)
            try:
                told = killed(platform, name, 50, max(20.0, chosen.seconds), chosen.kill)
            finally:
                platform.stop()
            print("; ".join(f"{key}: {value}" for key, value in told.items()), flush=True)
            record.notes.append("; ".join(f"{key}: {value}" for key, value in told.items()))
            for key in ("acknowledged, not exported", "stored twice", "items given to too many"):
                record.add(f"{key}: {name}, {chosen.kill} kills", [told[key]], "")
    if chosen.soak:
        for database in chosen.database:
            soaked(database, chosen.soak, record)
    record.write(chosen.json)


if __name__ == "__main__":
    main()
