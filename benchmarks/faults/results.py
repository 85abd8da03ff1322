"""The worker is killed twice in the middle of a report, then of an archive of it."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from benchmarks.faults import crowd as crowds
from benchmarks.faults.audit import counted, stuck_jobs
from benchmarks.faults.result import NOTHING, Found
from benchmarks.faults.site import Site, until

N_PEOPLE, N_ANSWERS, KILLS = 6, 300, 2


def drill(engine: str, **_: Any) -> list[Found]:
    with Site(engine) as site:
        made = site.code(f"campaign(120, {N_PEOPLE}, {N_PEOPLE})")
        site.start_web()
        with crowds.Crowd(site.port, made) as crowd:
            crowd.wait_for_more(N_ANSWERS)
        site.kill("web")
        report = _killed(site, "report", "metrics_reportrun", lambda: site.code("report()"))
        archive = _killed(
            site, "archive", "metrics_package", lambda: site.code("package('archive')")
        )
        return [report, archive]


def _killed(site: Site, what: str, table: str, ask: Callable[[], int]) -> Found:
    pk = ask()
    state = f"SELECT state FROM {table} WHERE id = {pk}"
    tries = f"SELECT tries FROM {table} WHERE id = {pk}"

    def is_over() -> bool:
        return site.one(state) not in ("queued", "running")

    seconds, n_killed = [], 0
    site.start_worker()
    for number in range(1, KILLS + 1):
        until(lambda n=number: site.one(tries) >= n or is_over(), "it works")
        time.sleep(0.5)
        n_killed += site.one(state) == "running"
        site.kill("worker")
        site.start_worker()
        seconds.append(until(lambda n=number: site.one(tries) > n or is_over(), "it goes on"))
    until(lambda: stuck_jobs(site) == 0, "it ends")
    site.kill("worker")
    faults = [] if site.one(state) == "done" else [f"it {site.one(state)}"]
    if what == "archive" and (wrong := site.code(f"packed({pk})")):
        faults.append(wrong)
    if not n_killed:
        faults.append("it was over before it was killed")
    counts = NOTHING._replace(acknowledged=1, stored=1, stuck=counted(site).stuck)
    notes = f"killed {n_killed} times at work"
    return Found(
        f"worker killed, {what}", site.engine, counts, tuple(seconds), notes, tuple(faults)
    )
