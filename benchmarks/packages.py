"""Time the files that a report leaves behind, and see what memory they take as a study grows.

    python -m benchmarks.packages [--segments 500 5000] [--systems 4] [--raters 2] [--keep FOLDER]
        [--json FILE]

For each size, a study as in benchmarks.report with its report, then its archive, capsule, replay
of that capsule, tables and ratings.  Every step runs in a process of its own; its memory is the
peak beyond what the process had at the start.  --keep leaves the files in a folder.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from benchmarks.apart import apart
from benchmarks.recording import Record
from benchmarks.report import django_in, made_up

FORMAT = "nikash"
REPEATS = 3


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--systems", type=int, default=4)
    parser.add_argument("--segments", type=int, nargs="+", default=[500, 5000])
    parser.add_argument("--raters", type=int, default=2)
    parser.add_argument("--keep", type=Path, help="an empty folder")
    parser.add_argument("--json", type=Path)
    given = parser.parse_args()
    record = Record("Packages of a report", "python -m benchmarks.packages")
    before: dict[str, float] = {}  # seconds for each output at the size before
    with tempfile.TemporaryDirectory() as passing:
        folder = given.keep or Path(passing)
        folder.mkdir(parents=True, exist_ok=True)
        django_in(str(folder))
        _import_first()
        for segments in given.segments:
            name = f"{given.systems * segments} outputs"
            print(f"{name:<20} {'seconds':>9} {'MiB':>7} {'file, MB':>9}")
            made = {"systems": given.systems, "segments": segments, "raters": given.raters}
            for step, (doing, path) in _steps(name, made, folder).items():
                runs = [
                    apart(partial(_seconds, doing))
                    for _ in range(1 if step == "study" else REPEATS)
                ]
                seconds, mebibytes = (statistics.median(part) for part in zip(*runs, strict=True))
                each = seconds / (given.systems * segments)
                record.add(
                    f"{step}, {name}", [run[0] for run in runs], "s",
                    ratio=before[step] / each if step in before else None,
                    against="in proportion to the size before" if step in before else "",
                )  # fmt: skip
                record.add(f"{step}, {name}: peak memory", [run[1] for run in runs], "MiB")
                before[step] = each
                size = f"{path.stat().st_size / 1e6:9.2f}" if path else ""
                print(f"{step:<20} {seconds:9.1f} {mebibytes:7.0f} {size}", flush=True)
    record.write(given.json)


def _import_first() -> None:
    """Libraries are no part of what a step takes."""
    import metrics.archives.packing
    import metrics.capsules.replaying
    import metrics.reporting
    import metrics.reports.latex
    import metrics.reports.parquet
    import metrics.reports.payload

    metrics.reports.parquet._pyarrow()


def _steps(
    name: str, made: dict[str, int], folder: Path
) -> dict[str, tuple[Callable[[], Any], Path | None]]:
    """What to do in which order, and the file that it makes."""
    steps: dict[str, tuple[Callable[[], Any], Path | None]] = {
        "study": (lambda: made_up(name, **made), None),
        "report": (lambda: _report(name), None),
    }
    for kind in ("archive", "capsule", "csv", "parquet", "latex"):
        path = folder / f"{name} {kind}.zip"
        steps[kind] = (lambda kind=kind, path=path: _package(name, kind, path), path)
        if kind == "capsule":
            steps["replay"] = (lambda path=path: _replay(path), path)
    path = folder / f"{name} ratings.zip"
    steps["ratings"] = (lambda: _ratings(name, path), path)
    return steps


def _seconds(doing: Callable[[], Any]) -> float:
    start = time.perf_counter()
    doing()
    return time.perf_counter() - start


def _campaign(name: str) -> Any:
    from annotation.models import Campaign

    return Campaign.objects.get(name=name)


def _report(name: str) -> None:
    from metrics.models import ReportRun
    from metrics.reporting import compute_report
    from metrics.reports.version import data_version

    campaign = _campaign(name)
    version = data_version(campaign)
    run = ReportRun.objects.create(campaign=campaign, data_version=version, state="done")
    compute_report(run, lambda done, total, table: None)


def _package(name: str, kind: str, path: Path) -> None:
    from metrics.packages.kinds import KINDS
    from metrics.reporting import newest_report

    campaign = _campaign(name)
    run = newest_report(campaign)
    assert run is not None
    with path.open("w+b") as file:
        KINDS[kind].write(campaign, run, file, lambda done, total: None)


def _replay(path: Path) -> None:
    from metrics.capsules.opening import open_capsule
    from metrics.capsules.replaying import replay

    with open_capsule(path) as capsule:
        assert replay(capsule).is_identical


def _ratings(name: str, path: Path) -> None:
    from annotation.exporting import export_ratings, zipped

    with path.open("wb") as file:
        file.writelines(zipped(export_ratings(_campaign(name), FORMAT), name))


if __name__ == "__main__":
    main()
