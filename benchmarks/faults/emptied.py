"""Redis is emptied in mid-work (FLUSHALL): messages, bindings and counts are gone at once."""

from __future__ import annotations

import subprocess
from collections.abc import Sequence
from typing import Any

from benchmarks.faults import crowd as crowds
from benchmarks.faults.audit import counted, stuck_jobs
from benchmarks.faults.result import Found
from benchmarks.faults.servers import brokers
from benchmarks.faults.site import Site, until
from benchmarks.faults.web import faults_in

N_PEOPLE, N_WAITING, TIMES = 3, 6, 3


def drill(engine: str, kinds: Sequence[str], **_: Any) -> list[Found]:
    if "redis" not in brokers() or "redis" not in kinds:
        return []
    with Site(engine, "redis") as site:
        made = site.code(f"campaign(6000, {N_PEOPLE}, {N_PEOPLE})")
        site.start_web()
        site.start_worker()
        run = site.code("generation(60, 0.1)")
        until(
            lambda: site.one("SELECT count(*) FROM models_app_output WHERE run_id > 0"), "a start"
        )
        site.code(f"ask({N_WAITING}, 0)")
        with crowds.Crowd(site.port, made, think=0.2) as crowd:
            crowd.wait_for_more(10)
            for _time in range(TIMES):
                empty(site)
                crowd.wait_for_more(5)
            seconds = until(lambda: stuck_jobs(site) == 0, "every job ends", 180)
            later = site.code("generation(4, 0, 'afterwards')")
            rung = until(lambda: stuck_jobs(site) == 0, "a job asked for afterwards ends")
        faults = faults_in(crowd)
        faults += [f"annotators were told {crowd.statuses()}"] if crowd.told else []
        for key in (run, later):
            found = site.code(f"generated({key})")
            if (found["state"], found["stored"]) != ("done", found["wanted"]):
                faults.append(f"a generation is {found}")
        notes = f"{N_WAITING} jobs waiting, one running; one asked for afterwards took {rung:.1f} s"
        return [
            Found("Redis emptied", engine, counted(site, crowd), (seconds,), notes, tuple(faults))
        ]


def empty(site: Site) -> None:
    assert site.broker is not None
    subprocess.run(
        ["redis-cli", "-p", str(site.broker.port), "FLUSHALL"], check=True, capture_output=True
    )
