"""PostgreSQL is restarted, drops every connection, and is read-only for a while as a standby is."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from benchmarks.faults import crowd as crowds
from benchmarks.faults.audit import counted, generation_ended
from benchmarks.faults.result import Found
from benchmarks.faults.site import Site, until
from benchmarks.faults.web import faults_in

N_PEOPLE, N_ITEMS, READ_ONLY_SECONDS = 50, 2000, 5.0
OTHERS = "FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND backend_type = 'client backend'"


def drill(engine: str, **_: Any) -> list[Found]:
    if engine != "postgres":
        return []
    with Site(engine) as site:
        made = site.code(f"campaign({N_ITEMS}, {N_PEOPLE}, {N_PEOPLE})")
        run = site.code("generation(160, 0.15)")
        site.start_web()
        site.start_worker()
        until(
            lambda: site.one("SELECT count(*) FROM models_app_output WHERE run_id > 0"), "a start"
        )
        with crowds.Crowd(site.port, made, think=1.0) as crowd:
            crowd.wait_for_more(20)
            seconds = [
                _after(crowd, lambda how=how: how(site)) for how in (restart, drop, stand_by)
            ]
        found, faults = generation_ended(site, run)
        faults += faults_in(crowd)
        notes = f"told {crowd.statuses()}; generation {found['state']}, tries {found['tries']}"
        what = "PostgreSQL restarted, read-only"
        return [Found(what, engine, counted(site, crowd), tuple(seconds), notes, tuple(faults))]


def _after(crowd: crowds.Crowd, act: Callable[[], None]) -> float:
    act()
    return crowd.wait_for_more(20)


def restart(site: Site) -> None:
    assert site.database is not None
    site.database.rest()
    site.database.again()


def drop(site: Site) -> None:
    """Every connection, ten times, whatever it does."""
    for _ in range(10):
        site.rows(f"SELECT pg_terminate_backend(pid) {OTHERS}")
        time.sleep(0.3)


def stand_by(site: Site) -> None:
    _set(site, "on")
    time.sleep(READ_ONLY_SECONDS)
    _set(site, "off")


def _set(site: Site, value: str) -> None:
    import psycopg

    assert site.database is not None
    with psycopg.connect(site.database.url, autocommit=True) as connection:
        connection.execute(f"ALTER SYSTEM SET default_transaction_read_only = {value}")
        connection.execute("SELECT pg_reload_conf()")
