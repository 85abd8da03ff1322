"""A worker's child, then the whole worker, is killed in mid-work; a child that waits; the beat."""

from __future__ import annotations

import os
import signal
import tempfile
import time
from pathlib import Path
from typing import Any

import psutil

from benchmarks.faults.audit import counted, stuck_jobs
from benchmarks.faults.result import NOTHING, Found
from benchmarks.faults.site import Site, interrupt, until

N_TEXTS, N_SCORED, N_RATINGS = 96, 3000, 20_000


def drill(engine: str, **_: Any) -> list[Found]:
    with Site(engine) as site:
        return [_generation(site), _scoring(site), _import(site), idle_children(site)]


def _generation(site: Site) -> Found:
    run = site.code(f"generation({N_TEXTS}, 0.08)")
    stored = "SELECT count(*) FROM models_app_output"
    site.start_worker()
    until(lambda: site.one(stored) > 8, "the generation begins")
    os.kill(holder_of(site), signal.SIGKILL)
    before = site.one(stored)
    first = until(lambda: site.one(stored) > before + 8, "it goes on after the child")
    site.kill("worker")
    before = site.one(stored)
    site.start_worker()
    second = until(lambda: site.one(stored) > before, "it goes on after the worker")
    ended = "SELECT count(*) FROM models_app_generationrun WHERE state IN ('done', 'failed')"
    until(lambda: site.one(ended) == 1, "it ends")
    site.kill("worker")
    found = site.code(f"generated({run})")
    counts = NOTHING._replace(
        acknowledged=found["wanted"], stored=found["stored"], doubled=found["doubled"],
        lost=found["wanted"] - found["stored"], stuck=counted(site).stuck,
    )  # fmt: skip
    faults = () if found["state"] == "done" else (f"{found['state']}: {found['error']}",)
    notes = f"tries {found['tries']}"
    return Found("worker killed, generation", site.engine, counts, (first, second), notes, faults)


def idle_children(site: Site) -> Found:
    """The one that waits for work, and the beat: both come again, and the new one works."""
    site.start_worker()
    until(lambda: len(children(site)) == 2, "both are there")
    until(lambda: stuck_jobs(site) == 0, "nothing is left to do")
    before = children(site)
    for child in before:
        child.kill()
    seconds = until(lambda: len(children(site) - before) == 2, "both are there again")
    run = site.code("generation(4, 0, 'afterwards')")
    until(lambda: stuck_jobs(site) == 0, "the job ends")
    left, worker = children(site), site.running.pop("worker")
    worker.kill()
    worker.wait()
    gone = until(lambda: not any(map(is_alive, left)), "nothing outlives the worker")
    found = site.code(f"generated({run})")
    counts = NOTHING._replace(
        acknowledged=found["wanted"], stored=found["stored"], doubled=found["doubled"],
        lost=found["wanted"] - found["stored"], stuck=stuck_jobs(site),
    )  # fmt: skip
    notes = f"nothing outlived the worker after {gone:.1f} s"
    return Found("idle child and beat killed", site.engine, counts, (seconds,), notes)


def children(site: Site) -> set[psutil.Process]:
    """What the worker started and what lives."""
    return set(filter(is_alive, psutil.Process(site.running["worker"].pid).children()))


def is_alive(process: psutil.Process) -> bool:
    try:
        return process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def holder_of(site: Site) -> int:
    """The process that has the generation: a child of the worker's."""
    return int(site.one("SELECT holder FROM models_app_generationrun").split("/")[1])


def _scoring(site: Site) -> Found:
    site.code(f"scoring({N_SCORED}, 'bleu,chrf,ter')")
    stored = "SELECT count(*) FROM metrics_segmentscore"
    site.start_worker()
    until(lambda: site.one(stored) > 0, "the scoring begins")
    site.kill("worker")
    before = site.one(stored)
    site.start_worker()
    seconds = until(lambda: site.one(stored) > before, "it goes on")
    ended = "SELECT count(*) FROM metrics_scoringrun WHERE state IN ('done', 'failed')"
    until(lambda: site.one(ended) == 1, "it ends")
    site.kill("worker")
    disturbed, undisturbed = site.code("scored()"), site.code("score_again()")
    counts = NOTHING._replace(
        acknowledged=len(undisturbed), stored=len(disturbed), stuck=counted(site).stuck,
        lost=sum(a != b for a, b in zip(disturbed, undisturbed, strict=False)),
        doubled=max(0, len(disturbed) - len(undisturbed)),
    )  # fmt: skip
    is_early = before < len(undisturbed)
    faults = () if is_early else ("it was killed too late to tell",)
    return Found("worker killed, scoring", site.engine, counts, (seconds,),
                 f"killed at {before} values", faults)  # fmt: skip


def _import(site: Site) -> Found:
    """Ratings for the scored dataset: nothing of them is there until all of them are."""
    file = Path(tempfile.mkdtemp(prefix="faults-import-"), "ratings.csv")
    lines = [f"r{n // N_SCORED},scored first,c{n % N_SCORED},{n % 7}" for n in range(N_RATINGS)]
    file.write_text("rater,system,key,score\n" + "\n".join(lines) + "\n")
    command = ["load_ratings", str(file), "--dataset", "scored", "--campaign", "loaded",
               "--protocol", "sqm"]  # fmt: skip
    began = time.monotonic()
    with (site.logs / "import.txt").open("wb") as log:
        child = site.popen(*command, stderr=log)
        until(lambda: b"0 ratings stored" in (site.logs / "import.txt").read_bytes(), "it begins")
        interrupt(child)
    at = time.monotonic() - began
    tables = ("annotation_rating", "annotation_ratingevent", "annotation_item",
              "annotation_campaign", "annotation_annotator")  # fmt: skip
    half = sum(site.one(f"SELECT count(*) FROM {table}") for table in tables)
    began = time.monotonic()
    site.manage(*command)
    seconds = time.monotonic() - began
    after = counted(site)
    counts = after._replace(
        acknowledged=N_RATINGS, lost=N_RATINGS - after.stored, half_stored=half + after.half_stored
    )
    return Found("import killed, then repeated", site.engine, counts, (seconds,),
                 f"killed after {at:.1f} s", ())  # fmt: skip
