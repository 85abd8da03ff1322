"""What handing out a batch costs as a campaign grows, in every design and with controls.

    python -m benchmarks.handing [--outputs 1000 10000 100000] [--json FILE]

At each size and for each design, a made-up campaign of ten systems in an SQLite database that is
thrown away: two annotators for each item, four people. One has judged half of what there is for
them, and where the design is uniform or with controls (5 % repeated, 5 % damaged), somebody else
the same; in balanced pairs and in `ahead`, a uniform design, nobody else has judged anything. Then
that one is given three batches more. `steps` are those
of SQLite's machine, in thousands: they grow with the rows that it looks at, whoever else uses the
processor.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from benchmarks.recording import Plot, Record
from benchmarks.scale_site import START, SYSTEMS, database_url, django_at, write

DESIGNS = ("uniform", "controls", "bibd", "ahead")
BATCHES, RATERS, PLACES = 3, 2, 4
CONTROLS = {"percent_repeats": 5, "percent_damaged": 5}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--outputs", type=int, nargs="+", default=[1000, 10_000, 100_000])
    parser.add_argument("--json", type=Path)
    parser.add_argument("--one", help=argparse.SUPPRESS)
    parser.add_argument("--design", choices=DESIGNS, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.one:
        with tempfile.TemporaryDirectory() as folder:
            print(json.dumps(_measured(int(given.one), given.design, folder)))
        return
    record = Record("Handing out work", "python -m benchmarks.handing")
    lines: dict[str, list[tuple[float, float]]] = {}
    print(f"{'design':12}{'outputs':>10}{'queries':>10}{'CPU ms':>10}{'steps':>10}")
    for design in DESIGNS:
        for size in given.outputs:
            found = _run(design, size)
            name = f"{design}, {size:,} outputs"
            record.add(f"{name}: queries", found["queries"], "queries")
            record.add(f"{name}: CPU", found["ms"], "ms")
            record.add(f"{name}: steps", found["steps"], "thousands")
            middle = [statistics.median(found[what]) for what in ("queries", "ms", "steps")]
            print(f"{design:12}{size:10,}" + "".join(f"{x:10.1f}" for x in middle), flush=True)
            lines.setdefault(design, []).append((size, middle[2]))
    record.plots.append(Plot("Steps for a batch", "outputs", "thousands", lines, log=True))
    record.notes.append(f"Batches of 10 segments by {SYSTEMS} systems; controls: {CONTROLS}.")
    record.write(given.json)


def _run(design: str, size: int) -> dict[str, list[float]]:
    command = [sys.executable, "-m", "benchmarks.handing", "--one", str(size), "--design", design]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    found: dict[str, list[float]] = json.loads(done.stdout.splitlines()[-1])
    return found


def _measured(n_outputs: int, design: str, folder: str) -> dict[str, list[float]]:
    django_at(database_url("sqlite", folder, "handing"), folder)
    from django.core.management import call_command
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    from annotation.services import claim_work

    call_command("migrate", verbosity=0)
    campaign, annotator = _half_done(n_outputs, design)
    found: dict[str, list[float]] = {"queries": [], "ms": [], "steps": []}
    for _ in range(BATCHES):
        _done(annotator)
        steps = 0

        def step() -> int:
            nonlocal steps
            steps += 1
            return 0

        connection.connection.set_progress_handler(step, 1000)
        with CaptureQueriesContext(connection) as asked:
            start = time.process_time()
            n_items = claim_work(annotator, campaign)
            found["ms"].append(1000 * (time.process_time() - start))
        connection.connection.set_progress_handler(None, 0)
        if not n_items:
            raise SystemExit(f"nothing was left of {n_outputs} outputs")
        found["queries"].append(len(asked))
        found["steps"].append(steps)
    return found


def _done(annotator: Any) -> None:
    from annotation.models import Assignment

    Assignment.objects.filter(annotator=annotator, state="open").update(state="done")


def _half_done(n_outputs: int, design: str) -> tuple[Any, Any]:
    """The campaign, and who has judged half of what there is for them."""
    from annotation.controls import make_controls
    from annotation.models import Annotator, Campaign, Item, Place
    from benchmarks.scale_site import _items, _people, _settle, _texts

    _texts(n_outputs, n_outputs, "sqm")
    options = {"design": {"places": PLACES} if design == "bibd" else {}}
    options["quality"] = CONTROLS if design == "controls" else {}
    Campaign.objects.update(
        design="bibd" if design == "bibd" else "uniform", raters_per_item=RATERS, options=options
    )
    campaign = Campaign.objects.get()
    people = _people(campaign, PLACES)
    _items(campaign)
    make_controls(campaign)
    campaign.design_object.prepare(campaign)
    n_blocks = n_outputs // SYSTEMS
    mine = range(n_blocks // 2)
    if design == "bibd":
        Place.objects.bulk_create(
            Place(campaign=campaign, annotator_id=pk, number=n) for n, pk in enumerate(people)
        )
        sets = campaign.design_object.sets(campaign, n_blocks)
        planned = [block for block in range(n_blocks) if 0 in sets[block]]
        mine = planned[: len(planned) // 2]
    items = campaign.items.filter(block__in=mine, purpose="judge").order_by("position")
    keys = list(items.values_list("pk", flat=True))
    _leased(keys, people[0])
    for start in range(0, len(keys), 10_000):
        some = keys[start : start + 10_000]
        Item.objects.filter(pk__in=some).update(
            n_taken=1 if design in ("bibd", "ahead") else RATERS
        )
    _settle()
    return campaign, Annotator.objects.get(pk=people[0])


def _leased(items: list[int], annotator: int) -> None:
    from annotation.models import Assignment

    def rows() -> Iterator[tuple[Any, ...]]:
        for place, item in enumerate(items):
            yield item, annotator, "done", place, "[0]", START, START, START

    names = ["item", "annotator", "state", "position", "order", "lease_until", "created_at"]
    write(Assignment, [*names, "done_at"], rows())


if __name__ == "__main__":
    main()
