"""The clock of web server and worker jumps ahead and back while people save and a job runs."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path
from typing import Any

from benchmarks.faults import crowd as crowds
from benchmarks.faults.audit import counted, generation_ended
from benchmarks.faults.result import Found
from benchmarks.faults.site import Site, until
from benchmarks.faults.web import faults_in

N_PEOPLE, N_ITEMS = 4, 3000
JUMPS = (3600, -7200, 6 * 3600, 0)  # seconds off the right time


def drill(engine: str, **_: Any) -> list[Found]:
    clock = Path(tempfile.mkdtemp(prefix="faults-clock-"), "seconds")
    set_clock(clock, 0)
    names = {
        "DJANGO_SETTINGS_MODULE": "benchmarks.faults.skewed",
        "NIKASH_FAULTS_CLOCK": str(clock),
    }
    try:
        with Site(engine, **names) as site:
            return [_jumped(site, clock)]
    finally:
        shutil.rmtree(clock.parent)


def _jumped(site: Site, clock: Path) -> Found:
    made = site.code(f"campaign({N_ITEMS}, {N_PEOPLE}, {N_PEOPLE})")
    run = site.code("generation(120, 0.15)")
    site.start_web()
    site.start_worker()
    until(lambda: site.one("SELECT count(*) FROM models_app_output WHERE run_id > 0"), "a start")
    seconds = []
    with crowds.Crowd(site.port, made) as crowd:
        for jump in JUMPS:
            crowd.wait_for_more(20)
            set_clock(clock, jump)
            seconds.append(crowd.wait_for_more(20))
    found, faults = generation_ended(site, run)
    faults += faults_in(crowd) + ([f"told {crowd.statuses()}"] if crowd.told else [])
    notes = f"generation {found['state']}, tries {found['tries']}"
    hours = ", ".join(f"{jump / 3600:+g}" for jump in JUMPS)
    return Found(f"clock jumps ({hours} h)", site.engine, counted(site, crowd), tuple(seconds),
                 notes, tuple(faults))  # fmt: skip


def set_clock(clock: Path, seconds: int) -> None:
    """At once, never half-written."""
    part = clock.with_suffix(".new")
    part.write_text(str(seconds))
    part.replace(clock)
