"""How many annotators a site holds: the loop of saving a rating and getting the next item, by HTTP.

    python -m benchmarks.annotate_loop [--annotators 1 10 50 100 500] [--think 0 20]
        [--database sqlite postgres] [--peers potato pearmut doccano label-studio] [--install]
        [--seconds 30] [--repeat 3] [--kill 3] [--soak MINUTES [--soak-think SECONDS]]
        [--json FILE]

Each line is a site of its own with 1,000 translations to be rated from 0 to 6, started as
`manage.py serve` starts it, and annotators who have signed in beforehand and send what the page's
own script sends. Peers (benchmarks/peers) are installed into environments of their own, by
`--install` or beforehand, loaded with the same items and driven by the same client in the same run.
The client is a process of its own; CPU is that of the server's processes, the database's apart.
Where the machine is shared, trust CPU milliseconds for each loop, and ratios. With `--repeat` every
load is measured so often, one round after the other, each time on a new site; the record has the
median of the rounds, with the least and the most.

A run of people who think is made longer than `--seconds` where so few loops would be done. One
annotator per item is measured in a run of its own (`--kill` does both, `--kill 0` without
killing): items handed to more annotators than asked for, ratings acknowledged and found in the
export, ratings found twice, and what `kill -9` of the web server in mid-load costs.
"""

from __future__ import annotations

import argparse
import contextlib
import importlib
import itertools
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple
from urllib.error import URLError

from benchmarks.load.drills import killed, soaked
from benchmarks.load.driver import NoLoad
from benchmarks.load.figures import added
from benchmarks.load.lines import HEAD, Line, lasting, measured
from benchmarks.load.nikash import Nikash
from benchmarks.load.platform import Platform
from benchmarks.peers.environments import MAY_INSTALL, NotInstalled
from benchmarks.recording import Record

MANY_RATERS = 50  # so that 1,000 items last for a run
PEOPLE = 50  # of the runs that count, kill and soak
PEERS = ("potato", "pearmut", "doccano", "label-studio", "appraise")
FAILURES = (
    NoLoad, NotInstalled, RuntimeError, OSError, URLError, subprocess.SubprocessError,
)  # fmt: skip


class Kind(NamedTuple):
    """A platform to measure, and what its constructor takes besides the numbers."""

    name: str
    platform: type[Platform]
    how: dict[str, Any]

    @property
    def is_ours(self) -> bool:
        return self.platform is Nikash


@contextlib.contextmanager
def site(kind: Kind, people: int, raters: int, **more: Any) -> Iterator[Platform]:
    """A started site, stopped and removed at the end, whatever happens."""
    folder = Path(tempfile.mkdtemp(prefix="nikash-load-"))
    platform = kind.platform(folder, people, raters, **kind.how, **more)
    began = time.monotonic()
    try:
        platform.prepare()
        platform.start()
        print(
            f"  {kind.name}, {people} people: made in {time.monotonic() - began:.0f} s", flush=True
        )
        yield platform
    finally:
        platform.stop()


class Run:
    """What is measured, with what could not be: one platform's failure stops no other's line."""

    def __init__(self, kinds: list[Kind], record: Record) -> None:
        self.kinds, self.record = kinds, record
        self.lines: list[Line] = []
        self.failed = False

    @contextlib.contextmanager
    def told(self, kind: Kind, what: str) -> Iterator[None]:
        """Note what went wrong, and go on; our own failure is one of the whole run."""
        try:
            yield
        except FAILURES as problem:
            self.note(f"no figures of {kind.name}, {what}: {type(problem).__name__}: {problem}")
            self.failed = self.failed or kind.is_ours

    def note(self, text: str) -> None:
        print(text, flush=True)
        self.record.notes.append(text)

    def loads(
        self, annotators: list[int], thinks: list[float], seconds: float, rounds: int
    ) -> None:
        loads = itertools.product(range(rounds), thinks, annotators, self.kinds)
        for turn, think, people, kind in loads:
            what = f"{people} annotators, {think:g} s thinking"
            with self.told(kind, what), site(kind, people, MANY_RATERS) as platform:
                self.load(kind.name, platform, people, think, seconds, turn)

    def load(
        self, name: str, platform: Platform, people: int, think: float, seconds: float, turn: int
    ) -> None:
        lasts = lasting(people, seconds, think)
        line, result, _ = measured(platform, name, people, think, lasts)
        line = line._replace(round=turn)
        print(f"{line.row()}  (all had begun after {result.entering:.0f} s)", flush=True)
        if result.errors:
            self.note(f"{line.what}: {line.errors} errors, the first: {result.errors[0]}")
        self.lines.append(line)

    def kills(self, seconds: float, times: int) -> None:
        for kind in self.kinds:
            with self.told(kind, f"{times} kills"), site(kind, PEOPLE, 1) as platform:
                told = killed(platform, PEOPLE, seconds, times)
                told_so = "; ".join(f"{key}: {value}" for key, value in told.items())
                print(f"{kind.name}, one annotator per item, {PEOPLE} annotators: {told_so}")
                for key, count in told.items():
                    self.record.add(f"{key}: {kind.name}, {times} kills", [count], "")

    def soaks(self, minutes: float, think: float) -> None:
        for kind in self.kinds:
            if not kind.is_ours:
                continue
            items = {"n_items": 8000}  # more than 50 people can do in an hour
            with (
                self.told(kind, f"{minutes:g} minutes"),
                site(kind, PEOPLE, MANY_RATERS, **items) as platform,
            ):
                name = str(kind.how["database"])
                soaked(platform, name, PEOPLE, minutes, think, self.record)


def kinds_of(databases: list[str], peers: list[str], record: Record) -> list[Kind]:
    """Our own site on each database, and the peers that are there; why others are not is noted."""
    kinds = [Kind(f"{Nikash.name} {one}", Nikash, {"database": one}) for one in databases]
    for name in peers:
        module = importlib.import_module(f"benchmarks.peers.{name.replace('-', '_')}")
        try:
            module.Peer.installed()
        except NotInstalled as error:
            print(error, flush=True)
            record.notes.append(str(error))
        else:
            record.notes.append(f"{name}: {module.Peer.name} {module.Peer.version}")
            kinds.append(Kind(name, module.Peer, {}))
    return kinds


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--annotators", type=int, nargs="*", default=[1, 10, 50, 100, 500])
    parser.add_argument("--think", type=float, nargs="*", default=[0, 20])
    parser.add_argument("--database", nargs="*", default=["sqlite"], choices=["sqlite", "postgres"])
    parser.add_argument("--peers", nargs="*", default=[], choices=PEERS)
    parser.add_argument("--install", action="store_true", help="peers that are not there")
    parser.add_argument("--seconds", type=float, default=30)
    parser.add_argument("--repeat", type=int, default=1, metavar="ROUNDS")
    parser.add_argument("--kill", type=int, metavar="TIMES")
    parser.add_argument("--soak", type=float, default=0, metavar="MINUTES")
    parser.add_argument("--soak-think", type=float, default=0.5, metavar="SECONDS")
    parser.add_argument("--json", type=Path)
    chosen = parser.parse_args()
    if chosen.install:
        os.environ[MAY_INSTALL] = "1"
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # so that no server is left behind
    record = Record("The annotators' loop under load", "python -m benchmarks.annotate_loop")
    run = Run(kinds_of(chosen.database, chosen.peers, record), record)
    print(HEAD, flush=True)
    run.loads(chosen.annotators, chosen.think, chosen.seconds, chosen.repeat)
    added(record, run.lines)
    if chosen.kill is not None:
        run.kills(max(20.0, chosen.seconds), chosen.kill)
    if chosen.soak:
        run.soaks(chosen.soak, chosen.soak_think)
    record.write(chosen.json)
    return 1 if run.failed else 0


if __name__ == "__main__":
    sys.exit(main())
