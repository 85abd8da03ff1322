"""One line for each run under load: how long a loop takes, what it costs, and how it is told."""

from __future__ import annotations

from typing import NamedTuple

from benchmarks.load.driver import Result, drive
from benchmarks.load.measuring import Watch
from benchmarks.load.platform import Platform

ENOUGH = 200  # loops that a run of people who think should have; it takes three thoughts at most


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
    round: int = 0

    def row(self) -> str:
        save, following = ("/".join(f"{ms:.0f}" for ms in part) for part in (self.save, self.next))
        return (
            f"{self.name:18} {self.people:6} {self.think:6g} {self.loops:7} "
            f"{self.per_second:8.1f} {save:>16} {following:>16} {self.requests:5.2f} "
            f"{self.errors:6} {self.cpu:8.2f} {self.database_cpu:6.2f} "
            f"{self.early_cpu:7.2f} {self.late_cpu:7.2f} {self.rss[0]:6.0f} {self.rss[1]:6.0f}"
        )

    @property
    def what(self) -> str:
        return f"{self.name}, {self.people} annotators, {self.think:g} s thinking"


HEAD = (
    f"{'platform':18} {'people':>6} {'think':>6} {'loops':>7} {'loops/s':>8} "
    f"{'save p50/95/99':>16} {'next p50/95/99':>16} {'req':>5} {'errors':>6} {'CPU ms':>8} "
    f"{'db ms':>6} {'first¼':>7} {'last¼':>7} {'MB':>6} {'MB end':>6}"
)


def lasting(people: int, seconds: float, think: float) -> float:
    """Seconds for a run: more than asked where so few people who think would do few loops."""
    return max(seconds, min(3 * think, ENOUGH * think / people))


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


def percentiles(values: list[float]) -> tuple[float, float, float]:
    """The 50th, 95th and 99th; the nearest rank."""
    ranked = sorted(values)
    if not ranked:
        return (float("nan"),) * 3
    at = [ranked[min(len(ranked) - 1, int(len(ranked) * share))] for share in (0.5, 0.95, 0.99)]
    return at[0], at[1], at[2]


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
