"""Kill every part of a site in the middle of its work, and count what was lost.

    python -m benchmarks.faults [--drill NAME ...] [--database sqlite postgres]
        [--broker redis rabbitmq] [--minutes-away 10] [--json FILE]

Each drill starts real processes: the web server and workers as `manage.py serve` starts them, a
PostgreSQL, Redis or RabbitMQ of its own, annotators who save over HTTP. Columns: answers that were
acknowledged (texts, values or rows, where no annotators are there), those stored, lost, stored
twice and stored in part; jobs that nobody ended; seconds from the fault, or from its end, until
it worked again. Exit 1 where any of lost, dbl, half, stuck is not 0, or a fault is told.
"""

from __future__ import annotations

import argparse
import importlib
import sys
from pathlib import Path

from benchmarks.faults.result import HEAD, Found
from benchmarks.recording import Record

DRILLS = (
    "web", "worker", "database", "standby", "broker", "emptied", "disk", "read_only", "admins",
    "acts",
    "devices", "clock", "files", "upload", "results", "migrating", "gate",
)  # fmt: skip


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--drill", nargs="+", choices=DRILLS, default=DRILLS)
    engines = ["sqlite", "postgres"]
    parser.add_argument("--database", nargs="+", choices=engines, default=engines)
    kinds = ["redis", "rabbitmq"]
    parser.add_argument("--broker", nargs="+", choices=kinds, default=kinds)
    parser.add_argument("--minutes-away", type=float, default=10.0)
    parser.add_argument("--json", type=Path)
    chosen = parser.parse_args()
    print(HEAD, flush=True)
    found: list[Found] = []
    for name in chosen.drill:
        module = importlib.import_module(f"benchmarks.faults.{name}")
        for engine in chosen.database:
            for line in module.drill(engine, minutes_away=chosen.minutes_away, kinds=chosen.broker):
                print(line.row(), flush=True)
                found.append(line)
    recorded(found).write(chosen.json)
    return 0 if all(line.is_sound for line in found) else 1


def recorded(found: list[Found]) -> Record:
    record = Record("What is lost when a part of the site dies", "python -m benchmarks.faults")
    for line in found:
        for name in ("lost", "doubled", "half_stored", "stuck"):
            value = getattr(line.counts, name)
            record.add(f"{name}: {line.drill}, {line.engine}", [value], "")
        if line.seconds:
            record.add(f"working again: {line.drill}, {line.engine}", line.seconds, "s")
        record.notes.append(line.row())
    return record


if __name__ == "__main__":
    sys.exit(main())
