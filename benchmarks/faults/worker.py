"""A worker's child, then the whole worker, is killed in mid-work; a child that waits; the beat."""

from __future__ import annotations

import os
import signal
from typing import Any

import psutil

from benchmarks.faults.audit import counted, stuck_jobs
from benchmarks.faults.midway import imported, scored
from benchmarks.faults.result import NOTHING, Found
from benchmarks.faults.site import Site, interrupt, until

N_TEXTS = 96


def drill(engine: str, **_: Any) -> list[Found]:
    with Site(engine) as site:
        found = [_generation(site)]
        site.start_worker()
        found.append(scored(site, "worker killed, scoring", lambda: _killed(site)))
        found.append(imported(site, "import killed, then repeated", interrupt))
        return [*found, idle_children(site)]


def _killed(site: Site) -> None:
    site.kill("worker")
    site.start_worker()


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
