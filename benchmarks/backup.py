"""Seconds and memory of backing up, verifying and moving sites of many ratings.

    python -m benchmarks.backup [--ratings 100000 1000000] [--to URL] [--json FILE]

Rows are made up in chunks, in a database of its own in a temporary folder. Each step runs in a
process of its own; its peak memory is what the system says of that process. The naive way beside
them is Django's `dumpdata`: it reads row by row, too, so that its memory does not grow either, but
takes no files along and compares nothing. `--to` names an empty PostgreSQL.
"""

from __future__ import annotations

import argparse
import os
import resource
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from benchmarks.recording import Plot, Record

ROOT = Path(__file__).resolve().parent.parent
RATERS = 500
CHUNK = 5000


@dataclass(frozen=True)
class Step:
    """What one process took: wall and CPU seconds, and its peak memory in MiB."""

    seconds: float
    cpu: float
    mib: float


def step(command: list[str], folder: Path) -> Step:
    """Run manage.py or this file's `--fill` in a process of its own."""
    environment = {
        **os.environ,
        "NIKASH_DATA_DIR": str(folder),
        "DATABASE_URL": f"sqlite:///{folder / 'nikash.sqlite3'}",
        "OMP_NUM_THREADS": "1",
    }
    start = time.perf_counter()
    child = subprocess.Popen(
        [sys.executable, *command],
        cwd=ROOT,
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    _, status, used = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode:
        raise SystemExit(f"{' '.join(command)} failed with {child.returncode}")
    return Step(time.perf_counter() - start, used.ru_utime + used.ru_stime, peak(used))


def peak(used: resource.struct_rusage) -> float:
    return used.ru_maxrss / (2**20 if sys.platform == "darwin" else 1024)


def fill(n: int) -> None:
    """n ratings of 500 raters, each with its event, score and assignment."""
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    django.setup()
    from django.db import transaction

    from annotation import models as a
    from models_app import models as b

    dataset = b.Dataset.objects.create(name="made up", source_lang="en", target_lang="mr")
    system = b.System.objects.create(name="made up")
    campaign = a.Campaign.objects.create(name="made up", dataset=dataset, protocol="sqm")
    campaign.systems.add(system)
    n_items = -(-n // RATERS)
    b.Segment.objects.bulk_create(
        b.Segment(dataset=dataset, key=f"s{i}", position=i, source=f"The dog ran {i} times.")
        for i in range(n_items)
    )
    segments = list(dataset.segments.order_by("position").values_list("pk", flat=True))
    b.Output.objects.bulk_create(
        b.Output(system=system, segment_id=pk, text="कुत्रा धावला.", text_hash="0" * 64)
        for pk in segments
    )
    outputs = list(system.outputs.order_by("pk").values_list("pk", flat=True))
    a.Item.objects.bulk_create(
        a.Item(campaign=campaign, segment_id=pk, position=i, block=i)
        for i, pk in enumerate(segments)
    )
    items = list(campaign.items.order_by("position").values_list("pk", flat=True))
    a.ItemOutput.objects.bulk_create(
        a.ItemOutput(item_id=item, output_id=output, slot=0)
        for item, output in zip(items, outputs, strict=True)
    )
    a.Annotator.objects.bulk_create(
        a.Annotator(code=f"R{i}", scope="made up", origin="simulated") for i in range(RATERS)
    )
    raters = list(a.Annotator.objects.order_by("pk").values_list("pk", flat=True))
    for places in chunks(n):
        with transaction.atomic():
            pairs = [(items[i // RATERS], raters[i % RATERS], i) for i in places]
            a.RatingEvent.objects.bulk_create(
                a.RatingEvent(
                    key=uuid.UUID(int=i),
                    item_id=item,
                    annotator_id=rater,
                    sequence=1,
                    answer={"score": i % 7},
                    is_complete=True,
                )
                for item, rater, i in pairs
            )
            ratings = a.Rating.objects.bulk_create(
                a.Rating(
                    item_id=item, annotator_id=rater, answer={"score": i % 7}, is_complete=True
                )
                for item, rater, i in pairs
            )
            a.RatingScore.objects.bulk_create(
                a.RatingScore(
                    rating_id=rating.pk, output_id=outputs[i // RATERS], criterion="", value=i % 7
                )
                for rating, (_, _, i) in zip(ratings, pairs, strict=True)
            )


def chunks(n: int) -> Iterator[range]:
    for start in range(0, n, CHUNK):
        yield range(start, min(start + CHUNK, n))


def measure(n: int, to: str | None, naive_up_to: int) -> dict[str, Step]:
    with tempfile.TemporaryDirectory(prefix="nikash-bench-") as name:
        folder = Path(name)
        step(["manage.py", "migrate", "-v", "0"], folder)
        step(["-m", "benchmarks.backup", "--fill", str(n)], folder)
        backup = str(folder / "site.tar")
        taken = {
            "backup": step(["manage.py", "backup", "--out", backup], folder),
            "verify_backup": step(["manage.py", "verify_backup", backup], folder),
        }
        if to:
            taken["move"] = step(["manage.py", "move", "--to", to], folder)
        if n <= naive_up_to:
            dump = str(folder / "dump.json.gz")
            taken["dumpdata"] = step(["manage.py", "dumpdata", "-a", "-o", dump], folder)
        return taken


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--ratings", type=int, nargs="+", default=[100_000, 1_000_000])
    parser.add_argument("--to", help="an empty PostgreSQL; one size only")
    parser.add_argument("--naive-up-to", type=int, default=100_000)
    parser.add_argument("--json", type=Path)
    parser.add_argument("--fill", type=int, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.fill:
        fill(asked.fill)
        return
    record = Record("Backup, restore, move", "python -m benchmarks.backup")
    lines: dict[str, list[tuple[float, float]]] = {}
    for n in asked.ratings:
        taken = measure(n, asked.to, asked.naive_up_to)
        naive = taken.get("dumpdata")
        for name, one in taken.items():
            ratio = naive.cpu / one.cpu if naive and name == "backup" else None
            against = "dumpdata" if ratio else ""
            what = f"{name}, {n:,} ratings"
            record.add(what, [one.cpu], "CPU s", ratio=ratio, against=against)
            record.add(f"{what}: peak memory", [one.mib], "MiB")
            lines.setdefault(name, []).append((n, one.mib))
            print(
                f"{what}: {one.seconds:.1f} s, {one.cpu:.1f} CPU s, {one.mib:.0f} MiB", flush=True
            )
    record.plots.append(Plot("Peak memory", "ratings", "MiB", lines, log=True))
    record.write(asked.json)


if __name__ == "__main__":
    main()
