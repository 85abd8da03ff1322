"""Machines that start together make the tables at the same moment; one is killed while it does."""

from __future__ import annotations

import subprocess
import time
from typing import Any

from benchmarks.faults.result import NOTHING, Found
from benchmarks.faults.site import Site, interrupt

N_AT_ONCE, KILLED_AFTER = 4, (0.9, 1.6, 2.5, 4.0)


def drill(engine: str, **_: Any) -> list[Found]:
    return [_at_once(engine), _killed(engine)]


def _at_once(engine: str) -> Found:
    with Site(engine, migrated=False) as site:
        began = time.monotonic()
        told = [
            _ended(child)
            for child in [
                site.popen("migrate", "--verbosity", "0", stderr=subprocess.PIPE, text=True)
                for _ in range(N_AT_ONCE)
            ]
        ]
        faults = [text for text in told if text]
        faults += _not_whole(site)
        seconds = time.monotonic() - began
        what = f"{N_AT_ONCE} migrate at once"
        return Found(what, engine, NOTHING, (seconds,), "", tuple(faults))


def _killed(engine: str) -> Found:
    faults: list[str] = []
    seconds: list[float] = []
    for after in KILLED_AFTER:
        with Site(engine, migrated=False) as site:
            child = site.popen("migrate", "--verbosity", "0")
            time.sleep(after)
            interrupt(child)
            began = time.monotonic()
            again = site.popen("migrate", "--verbosity", "0", stderr=subprocess.PIPE, text=True)
            faults += [text] if (text := _ended(again)) else []
            faults += _not_whole(site)
            seconds.append(time.monotonic() - began)
    notes = f"killed after {', '.join(map(str, KILLED_AFTER))} s, then repeated"
    return Found("migrate killed", engine, NOTHING, tuple(seconds), notes, tuple(faults))


def _ended(child: subprocess.Popen[str]) -> str:
    _, said = child.communicate()
    return f"migrate says {said.strip()[-300:]!r}" if child.returncode else ""


def _not_whole(site: Site) -> list[str]:
    try:
        site.manage("migrate", "--check")
        site.code("campaign(10, 1, 1)")
    except RuntimeError as problem:
        return [str(problem)[-300:]]
    return []
