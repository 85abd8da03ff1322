"""A backup and an export are killed in the middle: no file bears the name of a whole one."""

from __future__ import annotations

import tempfile
import time
from pathlib import Path
from typing import Any

from benchmarks.faults.result import NOTHING, Found
from benchmarks.faults.site import Site, interrupt, until

N_ITEMS, N_PAYLOAD = 3000, 48


def drill(engine: str, **_: Any) -> list[Found]:
    with Site(engine) as site:
        site.code(f"campaign({N_ITEMS}, 2, 2)")
        uploads = site.folder / "uploads"
        uploads.mkdir(exist_ok=True)
        for n in range(N_PAYLOAD):
            (uploads / f"{n}.bin").write_bytes(bytes([n]) * 2**22)
        return [_backup(site), _export(site)]


def _backup(site: Site) -> Found:
    out = Path(tempfile.mkdtemp(prefix="faults-backup-"), "site.tar")
    child = site.popen("backup", "--out", str(out))
    until(lambda: any(path.stat().st_size > 2**20 for path in out.parent.iterdir()), "it writes")
    interrupt(child)
    half = int(out.exists())
    left = [path.name for path in out.parent.iterdir()]
    began = time.monotonic()
    site.manage("backup", "--out", str(out))
    seconds = time.monotonic() - began
    site.manage("verify_backup", str(out))
    swept = [path.name for path in out.parent.iterdir() if path != out]
    faults = [f"never swept: {swept}"] if swept else []
    counts = NOTHING._replace(acknowledged=1, stored=1, half_stored=half)
    return Found("backup killed", site.engine, counts, (seconds,),
                 f"left {len(left)} hidden, swept by the next", tuple(faults))  # fmt: skip


def _export(site: Site) -> Found:
    out = Path(tempfile.mkdtemp(prefix="faults-export-"), "ratings")
    command = ["export_ratings", "--campaign", "load", "--format", "nikash", "--out", str(out)]
    child = site.popen(*command)
    until(lambda: any(out.parent.iterdir()) or child.poll() is not None, "it writes")
    interrupt(child)
    before = {path.name: path.stat().st_size for path in out.glob("*")}
    began = time.monotonic()
    site.manage(*command, "--force")
    seconds = time.monotonic() - began
    whole = {path.name: path.stat().st_size for path in out.glob("*")}
    half = sum(name in whole and whole[name] != size for name, size in before.items())
    counts = NOTHING._replace(acknowledged=len(whole), stored=len(whole), half_stored=half)
    return Found("export killed", site.engine, counts, (seconds,), f"left {sorted(before)}")
