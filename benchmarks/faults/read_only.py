"""The data folder's disk breaks, and the system lets nobody write to it any more; it is mended."""

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
from benchmarks.faults.audit import counted, generation_ended
from benchmarks.faults.result import NOTHING, Found
from benchmarks.faults.site import Site, until
from benchmarks.faults.web import faults_in

N_PEOPLE, N_ITEMS, SECONDS = 4, 3000, 8.0
WHAT = "data folder read-only"


def drill(engine: str, **_: Any) -> list[Found]:
    with broken_disk() as disk:
        if disk is None:
            why = "not run: a disk that breaks can be made by root on Linux only"
            return [Found(WHAT, engine, NOTHING, (), why)]
        with Site(engine, disk=disk.folder, database_apart=True) as site:
            return [_broken(site, disk)]


class Disk:
    """An ext4 file system in a file, as one whose medium fails."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.image = folder, folder.with_suffix(".image")

    def make(self) -> bool:
        with self.image.open("wb") as file:
            file.truncate(256 * 2**20)
        made = ["mkfs.ext4", "-q", "-O", "^has_journal", str(self.image)]
        return subprocess.run(made, capture_output=True).returncode == 0 and self.mount()

    def mount(self) -> bool:
        how = ["mount", "-o", "loop,errors=remount-ro", str(self.image), str(self.folder)]
        return subprocess.run(how, capture_output=True).returncode == 0

    def fail(self) -> None:
        """What the kernel does where it finds a disk broken: reading goes on, writing does not."""
        source = ["findmnt", "-no", "SOURCE", str(self.folder)]
        device = Path(subprocess.check_output(source, text=True).strip()).name
        Path("/sys/fs/ext4", device, "trigger_fs_error").write_text("1")

    def mend(self) -> None:
        """Nobody has a file of it open then."""
        subprocess.run(["umount", str(self.folder)], check=True)
        subprocess.run(["fsck.ext4", "-fy", str(self.image)], capture_output=True)
        if not self.mount():
            raise RuntimeError(f"{self.image} cannot be mounted again")


def _broken(site: Site, disk: Disk) -> Found:
    made = site.code(f"campaign({N_ITEMS}, {N_PEOPLE}, {N_PEOPLE})")
    site.start_web()
    site.start_worker()
    run = site.code("generation(100, 0.1)")
    until(lambda: site.one("SELECT count(*) FROM models_app_output WHERE run_id > 0"), "a start")
    faults: list[str] = []
    with crowds.Crowd(site.port, made) as crowd:
        crowd.wait_for_more(20)
        disk.fail()
        time.sleep(SECONDS)
        backup = site.popen("backup", stderr=subprocess.PIPE, text=True)
        _, said = backup.communicate()
        if backup.returncode == 0 or "Traceback" in said:
            faults.append(f"the backup says {said[-300:]!r}")
        site.kill("worker")
        site.kill("web")
        disk.mend()
        site.start_web()
        site.start_worker()
        seconds = crowd.wait_for_more(20)
    _, wrong = generation_ended(site, run)
    faults += wrong + faults_in(crowd)
    told = sorted({told.message for told in crowd.told if told.message})
    notes = f"told {crowd.statuses()} {told}; backup: {said.strip()[-80:]!r}"
    return Found(WHAT, site.engine, counted(site, crowd), (seconds,), notes, tuple(faults))


@contextmanager
def broken_disk() -> Iterator[Disk | None]:
    """One that can be made to break; None where it cannot be mounted."""
    folder = Path(tempfile.mkdtemp(prefix="faults-disk-"))
    disk = Disk(folder)
    if os.geteuid() or not disk.make():
        disk.image.unlink(missing_ok=True)
        folder.rmdir()
        yield None
        return
    try:
        yield disk
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)
        disk.image.unlink()
        folder.rmdir()
