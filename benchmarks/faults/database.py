"""The database dies under load and is started again; the site goes on without a new start."""

from __future__ import annotations

import sqlite3
import subprocess
import time
from typing import Any

from benchmarks.faults import crowd as crowds
from benchmarks.faults.audit import counted, generation_ended
from benchmarks.faults.midway import imported, scored
from benchmarks.faults.result import Found
from benchmarks.faults.site import Site, until
from benchmarks.faults.web import faults_in

N_PEOPLE, N_ITEMS, TIMES = 6, 3000, 3
AWAY_SECONDS, HELD_SECONDS = 4.0, 8.0


def drill(engine: str, **_: Any) -> list[Found]:
    with Site(engine) as site:
        made = site.code(f"campaign({N_ITEMS}, {N_PEOPLE}, {N_PEOPLE})")
        run = site.code("generation(160, 0.15)")
        site.start_web()
        site.start_worker()
        until(
            lambda: site.one("SELECT count(*) FROM models_app_output WHERE run_id > 0"), "a start"
        )
        with crowds.Crowd(site.port, made) as crowd:
            crowd.wait_for_more(20)
            seconds = [_away(site, crowd) for _ in range(TIMES)]
        found, faults = generation_ended(site, run)
        faults += faults_in(crowd)
        notes = f"told {crowd.statuses()}; generation {found['state']}, tries {found['tries']}"
        what = "PostgreSQL killed" if site.database else "SQLite held by another"
        saved = Found(what, engine, counted(site, crowd), tuple(seconds), notes, tuple(faults))
        return [saved, *_midway(site)]


def _midway(site: Site) -> list[Found]:
    """PostgreSQL is killed in the middle of scoring, then of an import."""
    if site.database is None:
        return []
    return [
        scored(site, "PostgreSQL killed, scoring", lambda: _killed(site)),
        imported(site, "PostgreSQL killed, import", lambda child: _killed(site, child), ends=True),
    ]


def _killed(site: Site, child: subprocess.Popen[Any] | None = None) -> None:
    """With all its processes; it is back when the command has ended that needed it."""
    assert site.database is not None
    site.database.kill()
    time.sleep(AWAY_SECONDS)
    if child is not None:
        until(lambda: child.poll() is not None, "the command ends")
    site.database.again()


def _away(site: Site, crowd: crowds.Crowd) -> float:
    """Killed with all its processes, away, and back; or held for writing by somebody else."""
    if site.database:
        _killed(site)
    else:
        holder = sqlite3.connect(site.folder / "db.sqlite3", timeout=20, isolation_level=None)
        holder.execute("BEGIN IMMEDIATE")
        time.sleep(HELD_SECONDS)
        holder.execute("ROLLBACK")
        holder.close()
    return crowd.wait_for_more(20)
