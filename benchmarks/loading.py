"""Seconds and memory of loading files of ever more rows: segments, outputs, ratings, scores.

    python -m benchmarks.loading [--outputs 1000 10000 100000] [--json FILE]

At each size a dataset, outputs of ten systems, a rating and a score of each are loaded by the
commands that load them, from CSV into an empty SQLite database, three times, each in a process of
its own whose memory is the peak beyond what it had before. The naive way beside them reads the same
table with Python's csv and stores row by row with `get_or_create` in one transaction; of 2,000
rows, and its time is scaled to all.
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from benchmarks.recording import Plot, Record

SYSTEMS, TIMES, FEW = 10, 3, 2000
DATABASE, NAIVE = "db.sqlite3", "naive"
STEPS = ("dataset", "outputs", NAIVE, "ratings", "scores")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--outputs", type=int, nargs="+", default=[1000, 10_000, 100_000])
    parser.add_argument("--json", type=Path)
    parser.add_argument("--one", choices=("migrate", *STEPS), help=argparse.SUPPRESS)
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.one:
        print(json.dumps(_one(given.one, given.folder)))
        return
    record = Record("Loading files", "python -m benchmarks.loading")
    lines: dict[str, list[tuple[float, float]]] = {}
    print(f"{'rows':>22} {'seconds':>9} {'least':>7} {'most':>7} {'MB':>7} {'naive s':>8}")
    with tempfile.TemporaryDirectory(prefix="nikash-bench-") as folder:
        _run("migrate", Path(folder))
        for size in given.outputs:
            runs = [_size(size, Path(folder, DATABASE)) for _ in range(TIMES)]
            for step in ("dataset", "outputs", "ratings", "scores"):
                _tell(record, step, size, runs)
                memory = statistics.median(run[step]["memory"] for run in runs)
                lines.setdefault(step, []).append((size, memory))
    record.plots.append(Plot("Memory of loading", "outputs", "MB", lines))
    record.notes.append(
        f"Outputs of {SYSTEMS} systems: a tenth as many segments; a rating of each."
    )
    record.write(given.json)


def _tell(record: Record, step: str, size: int, runs: list[dict[str, Any]]) -> None:
    """A line of the table, and its figures."""
    n = size // SYSTEMS if step == "dataset" else size
    name, seconds = f"{step}, {n:,} rows", sorted(run[step]["seconds"] for run in runs)
    memory = sorted(run[step]["memory"] for run in runs)
    slow = ""
    if step == "outputs":
        naive = [run[NAIVE]["seconds"] * n / run[NAIVE]["rows"] for run in runs]
        record.versus(name, seconds, naive, "s", "row by row")
        slow = f"{min(naive):8.2f}"
    else:
        record.add(name, seconds, "s")
    record.add(f"{name}: memory", memory, "MB")
    print(
        f"{name:>22} {seconds[len(seconds) // 2]:9.2f} {seconds[0]:7.2f} {seconds[-1]:7.2f} "
        f"{memory[len(memory) // 2]:7.1f} {slow}",
        flush=True,
    )


def _size(n_outputs: int, empty: Path) -> dict[str, Any]:
    """What each step took, in a copy of an empty database."""
    with tempfile.TemporaryDirectory(prefix="nikash-bench-") as name:
        folder = Path(name)
        _write(folder, n_outputs)
        shutil.copy(empty, folder / DATABASE)
        found = {}
        for step in STEPS:
            found[step] = _run(step, folder)
        return found


def _write(folder: Path, n_outputs: int) -> None:
    keys = [f"s{n}" for n in range(n_outputs // SYSTEMS)]
    pairs = [(f"system{system}", key) for system in range(SYSTEMS) for key in keys]
    words = "नदी रुंद आहे पण पाणी शांत वाहते"
    _csv(folder / "dataset.csv", ("key", "source"), ((key, f"{key} {words}") for key in keys))
    outputs = ((system, key, f"{system} {key} {words}") for system, key in pairs)
    _csv(folder / "outputs.csv", ("system", "key", "output"), outputs)
    ratings = (("R1", system, key, len(key) * 9 % 101) for system, key in pairs)
    scores = ((system, key, "judge", len(key)) for system, key in pairs)
    _csv(folder / "scores.csv", ("system", "key", "metric", "score"), scores)
    _csv(folder / "ratings.csv", ("rater", "system", "key", "score"), ratings)


def _csv(path: Path, head: Iterable[str], rows: Iterable[Iterable[Any]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([head, *rows])


def _run(step: str, folder: Path) -> Any:
    command = [sys.executable, "-m", "benchmarks.loading", "--one", step, "--folder", str(folder)]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(f"{step} failed:\n{done.stderr[-2000:]}")
    return json.loads(done.stdout.splitlines()[-1])


def _one(step: str, folder: Path) -> dict[str, float]:
    """Seconds, rows and MB of a step, in this process."""
    os.environ |= {
        "DATABASE_URL": f"sqlite:///{folder / DATABASE}",
        "NIKASH_DATA_DIR": str(folder),
        "DJANGO_SETTINGS_MODULE": "config.settings",
    }
    import django
    from django.core.management import call_command

    django.setup()
    doing: dict[str, Callable[[], Any]] = {
        "migrate": lambda: call_command("migrate", verbosity=0),
        "dataset": lambda: call_command(
            "load_dataset", str(folder / "dataset.csv"), name="big", source_lang="en",
            target_lang="mr",
        ),
        "outputs": lambda: call_command(
            "load_outputs", str(folder / "outputs.csv"), dataset="big"
        ),
        "ratings": lambda: call_command(
            "load_ratings", str(folder / "ratings.csv"), dataset="big", campaign="big"
        ),
        "scores": lambda: call_command(
            "load_scores", str(folder / "scores.csv"), dataset="big"
        ),
        NAIVE: lambda: _naively(folder / "outputs.csv"),
    }  # fmt: skip
    before = _memory("VmRSS")
    start = time.perf_counter()
    rows = doing[step]()
    seconds = time.perf_counter() - start
    n_rows = rows if isinstance(rows, int) else 0
    return {"seconds": seconds, "rows": n_rows, "memory": _memory("VmHWM") - before}


def _naively(path: Path) -> int:
    """Row by row under other systems' names, as if none were stored; how many rows."""
    from django.db import transaction

    from common.text import text_hash
    from models_app.models import Output, Segment, System

    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))[:FEW]
    tag = str(time.time_ns())
    with transaction.atomic():
        for row in rows:
            system, _ = System.objects.get_or_create(name=f"{row['system']} {tag}")
            segment = Segment.objects.get(dataset__name="big", key=row["key"])
            words = {"text": row["output"], "text_hash": text_hash(row["output"])}
            Output.objects.get_or_create(system=system, segment=segment, defaults=words)
    return len(rows)


def _memory(field: str) -> float:
    """MB of this process by Linux; VmHWM is the most so far."""
    lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith(field))


if __name__ == "__main__":
    main()
