"""The disk under the site is full for a while: each says so, nothing is stored in part."""

from __future__ import annotations

import os
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from benchmarks.faults import crowd as crowds
from benchmarks.faults.audit import counted
from benchmarks.faults.result import NOTHING, Found
from benchmarks.faults.site import Site, until
from benchmarks.faults.web import faults_in

N_PEOPLE, N_ITEMS, FULL_SECONDS = 4, 3000, 8.0
SIZES = {"sqlite": "48m", "postgres": "256m"}


def drill(engine: str, **_: Any) -> list[Found]:
    with _small_disk(SIZES[engine]) as disk:
        if disk is None:
            why = "not run: a small disk can be mounted by root only"
            return [Found("disk full", engine, NOTHING, (), why)]
        with Site(engine, disk=disk) as site:
            return [_filled(site, disk)]


def _filled(site: Site, disk: Path) -> Found:
    made = site.code(f"campaign({N_ITEMS}, {N_PEOPLE}, {N_PEOPLE})")
    site.start_web()
    site.start_worker()
    run = site.code("generation(100, 0.1)")
    until(lambda: site.one("SELECT count(*) FROM models_app_output WHERE run_id > 0"), "a start")
    faults: list[str] = []
    with crowds.Crowd(site.port, made) as crowd:
        crowd.wait_for_more(20)
        _fill(disk / "filler")
        time.sleep(FULL_SECONDS)
        backup = site.popen("backup", stderr=subprocess.PIPE, text=True)
        _, said = backup.communicate()
        if backup.returncode == 0 or "Traceback" in said:
            faults.append(f"the backup says {said[-200:]!r}")
        (disk / "filler").unlink()
        if site.database and not site.database.is_alive():
            site.database.again()
        seconds = crowd.wait_for_more(20)
    state = f"SELECT state FROM models_app_generationrun WHERE id = {run}"
    until(lambda: site.one(state) in ("done", "failed"), "the generation ends")
    found = site.code(f"generated({run})")
    if found["state"] == "failed" and "disk is full" not in found["error"]:
        faults.append(f"the generation says {found['error']!r}")
    if found["state"] == "failed":
        found = site.code(f"resumed({run})")
    if (found["state"], found["stored"]) != ("done", found["wanted"]):
        faults.append(f"the generation is {found}")
    left = [path.name for path in site.folder.rglob("*.part*")]
    faults += [f"left behind: {left}"] if left else []
    faults += faults_in(crowd)
    told = sorted({told.message for told in crowd.told if told.message})
    notes = f"told {crowd.statuses()} {told}; backup: {said.strip()[-60:]!r}"
    return Found("disk full", site.engine, counted(site, crowd), (seconds,), notes, tuple(faults))


def _fill(path: Path) -> None:
    """Take every byte that is left."""
    with path.open("wb", buffering=0) as file:
        for size in (2**20, 4096, 1):
            try:
                while True:
                    file.write(b"\0" * size)
            except OSError:
                continue


@contextmanager
def _small_disk(size: str) -> Iterator[Path | None]:
    """A file system in memory, of this size; None where it cannot be mounted."""
    folder = Path(tempfile.mkdtemp(prefix="faults-disk-"))
    mount = ["mount", "-t", "tmpfs", "-o", f"size={size},mode=0755", "tmpfs", str(folder)]
    if os.geteuid() or subprocess.run(mount, capture_output=True).returncode:
        folder.rmdir()
        yield None
        return
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)
        folder.rmdir()
