"""The broker is killed and stays away while jobs are asked for; then it is back, with nothing."""

from __future__ import annotations

import json
import subprocess
import time
from collections.abc import Sequence
from typing import Any

from benchmarks.faults import crowd as crowds
from benchmarks.faults.audit import counted
from benchmarks.faults.result import Found
from benchmarks.faults.servers import brokers
from benchmarks.faults.site import Site, until
from benchmarks.faults.web import faults_in

N_PEOPLE, N_ASKED = 3, 12


def drill(engine: str, minutes_away: float, kinds: Sequence[str], **_: Any) -> list[Found]:
    return [_away(engine, kind, minutes_away) for kind in brokers() if kind in kinds]


def _away(engine: str, kind: str, minutes: float) -> Found:
    seconds = 60 * minutes
    with Site(engine, kind) as site:
        assert site.broker is not None
        made = site.code(f"campaign(6000, {N_PEOPLE}, {N_PEOPLE})")
        site.start_web()
        site.start_worker()
        running = site.code("generation(60, 0.1)")
        until(
            lambda: site.one("SELECT count(*) FROM models_app_output WHERE run_id > 0"), "a start"
        )
        think = max(0.2, seconds * N_PEOPLE / 6000)
        with crowds.Crowd(site.port, made, think=think) as crowd:
            site.broker.kill()
            gone = time.monotonic()
            call = f"ask({N_ASKED}, {seconds * 0.8 / N_ASKED:.2f})"
            asking = site.popen(*site.shell(call), stdout=subprocess.PIPE, text=True)
            out, _ = asking.communicate()
            time.sleep(max(0.0, seconds - (time.monotonic() - gone)))
            site.broker.start()
            waiting = "SELECT count(*) FROM models_app_generationrun WHERE state <> 'done'"
            back = until(lambda: site.one(waiting) == 0, "the jobs are done", 180)
        faults = faults_in(crowd)
        faults += [] if not crowd.told else [f"annotators were told {crowd.statuses()}"]
        found = site.code(f"generated({running})")
        if (found["state"], found["stored"]) != ("done", found["wanted"]):
            faults.append(f"the generation is {found}")
        took = json.loads(out.splitlines()[-1])
        notes = (
            f"away {minutes:g} min; {N_ASKED} jobs asked for, slowest {max(took):.1f} s; slowest "
            f"save {crowd.slowest:.1f} s"
        )
        return Found(f"{kind} away", engine, counted(site, crowd), (back,), notes, tuple(faults))
