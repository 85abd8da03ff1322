"""Run the benchmarks one after the other and make docs/benchmarks.md of what they measured.

    python -m benchmarks [--size quick|full] [--only annotate_loop,scale] [--list]
        [--folder var/benchmarks]

Each runs in a process of its own. Its figures, with the date, the commit, the machine and its
load, are kept in a file of the folder, so that single ones can be run again; `python -m
benchmarks.page` makes the page anew without running anything. One that fails stops no other, and
stands on the page as failed. Exit 1 where one failed.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from benchmarks.listing import LIST, QUICK, SIZES, Benchmark, chosen
from benchmarks.machine import BUSY, ROOT, conditions, others
from benchmarks.page import FOLDER, write_page
from benchmarks.recording import merged

TAIL = 1500  # characters of a failure that are kept


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--size", choices=SIZES, default=QUICK)
    parser.add_argument(
        "--only", default="", help="names with commas between them; all unless told"
    )
    parser.add_argument("--folder", type=Path, default=FOLDER, help="for the figures")
    parser.add_argument("--list", action="store_true", help="print what would be run")
    given = parser.parse_args()
    try:
        benchmarks = chosen(given.only)
    except ValueError as error:
        parser.error(str(error))
    if given.list:
        for one in benchmarks:
            times = f" (×{one.times(given.size)})" if one.times(given.size) > 1 else ""
            print(f"{one.name:16} {one.command(given.size)}{times}")
        return 0
    given.folder.mkdir(parents=True, exist_ok=True)
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.default_int_handler)
    failed = []
    try:
        for n, one in enumerate(benchmarks, 1):
            print(f"[{n}/{len(benchmarks)}] {one.command(given.size)}", flush=True)
            result = run(one, given.size, given.folder)
            state = ", FAILED" if result["failure"] else ""
            print(f"    {result['seconds']:.0f} s{state}", flush=True)
            failed += [one.name] if result["failure"] else []
    except KeyboardInterrupt:
        failed.append(f"{one.name} (stopped by hand, and what follows it)")
    told = write_page(given.folder)
    print(f"{told} made of {given.folder}; {len(LIST)} benchmarks are known", flush=True)
    if failed:
        print(f"failed: {', '.join(failed)}", file=sys.stderr)
    return 1 if failed else 0


def run(benchmark: Benchmark, size: str, folder: Path) -> dict[str, Any]:
    """Run one, and keep what it measured or why it failed; what was kept before is gone."""
    kept = folder / f"{benchmark.name}.json"
    figures, log = folder / f"{benchmark.name}.figures", folder / f"{benchmark.name}.log"
    for path in (kept, figures):
        path.unlink(missing_ok=True)
    before = conditions()
    if before["others"] > BUSY:
        print(f"    others use {before['others']:.0f} % of the processors", flush=True)
    start = time.monotonic()
    failure, rounds = "", []
    while not failure and len(rounds) < benchmark.times(size):
        failure = _ran(benchmark, size, figures, log)
        if figures.exists():
            rounds.append(json.loads(figures.read_text(encoding="utf-8")))
            figures.unlink()
        elif not failure:
            failure = "it ended well and wrote no figures"
    seconds = time.monotonic() - start
    result = {
        "name": benchmark.name,
        "size": size,
        "command": benchmark.command(size),
        "date": datetime.now(UTC).isoformat(timespec="minutes"),
        "seconds": seconds,
        "failure": failure,
        **before,
        "others": max(before["others"], others()),
        "record": merged(rounds) if rounds else None,
    }
    kept.write_text(json.dumps(result, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    return result


def _ran(benchmark: Benchmark, size: str, figures: Path, log: Path) -> str:
    """Why it failed; empty where it did not. What it prints is shown and kept in the log."""
    command = [sys.executable, "-u", "-m", f"benchmarks.{benchmark.module}"]
    command += [*benchmark.options(size), "--json", str(figures.resolve())]
    with log.open("w+", encoding="utf-8") as told:
        child = subprocess.Popen(
            command, cwd=ROOT, stdout=told, stderr=subprocess.STDOUT, start_new_session=True
        )
        try:
            status = child.wait(timeout=benchmark.limit(size))
            why = f"it ended with status {status}" if status else ""
        except subprocess.TimeoutExpired:
            why = f"it was stopped after {benchmark.limit(size) // 60} minutes"
        finally:
            _end(child)
        told.seek(0)
        text = told.read().replace(f"{ROOT}/", "").replace(str(Path.home()), "~")
    print("".join(f"    {line}\n" for line in text.splitlines()[-40:]), end="", flush=True)
    return f"{why}\n{text[-TAIL:].strip()}" if why else ""


def _end(child: subprocess.Popen[bytes]) -> None:
    """The process and all that it started; it may stop its servers first."""
    if child.poll() is None:
        os.killpg(child.pid, signal.SIGINT)
        with contextlib.suppress(subprocess.TimeoutExpired):
            child.wait(timeout=60)
    with contextlib.suppress(ProcessLookupError):
        os.killpg(child.pid, signal.SIGKILL)
    child.wait()


if __name__ == "__main__":
    sys.exit(main())
