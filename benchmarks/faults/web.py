"""The web server is killed under load, three ways; `manage.py serve` starts it again."""

from __future__ import annotations

import signal
from typing import Any

from benchmarks.faults import crowd as crowds
from benchmarks.faults.audit import counted
from benchmarks.faults.result import Found
from benchmarks.faults.servers import kill_tree
from benchmarks.faults.site import Site, until

N_PEOPLE, N_ITEMS = 6, 3000


def drill(engine: str, **_: Any) -> list[Found]:
    with Site(engine) as site:
        made = site.code(f"campaign({N_ITEMS}, {N_PEOPLE}, {N_PEOPLE})")
        site.start_serve()
        with crowds.Crowd(site.port, made) as crowd:
            crowd.wait_for_more(20)
            seconds = [_killed(site, crowd, how) for how in ("all", "parent", "child")]
        faults = faults_in(crowd)
        if site.running["serve"].poll() is not None:
            faults.append("the process manager stopped")
        return [Found(f"web killed, {N_PEOPLE} saving", engine, counted(site, crowd),
                      tuple(seconds), f"told {crowd.statuses()}", tuple(faults))]  # fmt: skip


def _killed(site: Site, crowd: crowds.Crowd, how: str) -> float:
    """The whole server, its parent process only, or one child in the middle of its answers."""
    family = site.descendants("serve", "gunicorn")
    parent, child = family[0], family[-1]
    if how == "all":
        kill_tree(parent.pid)
    else:
        (parent if how == "parent" else child).send_signal(signal.SIGKILL)
    killed = child if how == "child" else parent
    until(lambda: not killed.is_running() or killed.status() == "zombie", "the process is gone")
    return crowd.wait_for_more(20)


def faults_in(crowd: crowds.Crowd) -> list[str]:
    """What no annotator should have been told."""
    return [f"told {told.status} {told.code} {told.message!r}" for told in crowd.bare()[:3]]
