"""A PostgreSQL server of its own, in a folder of its own, gone when it is stopped."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
import time
from pathlib import Path

from benchmarks.load.ports import HERE, free_port

PLACES = ["/usr/local/bin", *sorted(map(str, Path("/usr/lib/postgresql").glob("*/bin")))]
FORGETFUL = ("fsync", "full_page_writes", "synchronous_commit", "autovacuum")
STARTS = 20  # tries where one was killed: its memory may be held for a moment still


class Postgres:
    """Refuses root, as PostgreSQL does: then everything is done as the user `postgres`.

    folder : where its files lie, say on a small disk; otherwise a folder of its own
    keeps : whether what it acknowledged outlives a kill, which takes time
    """

    def __init__(self, folder: Path | None = None, *, keeps: bool = True) -> None:
        self.folder = folder or Path(tempfile.mkdtemp(prefix="load-postgres-"))
        self.folder.mkdir(exist_ok=True)
        self.data, self.keeps = self.folder / "data", keeps
        self.port = free_port()
        self.address = f"postgres://postgres@{HERE}:{self.port}"
        self.url = f"{self.address}/postgres"
        self.pid = 0

    def start(self) -> None:
        self.folder.chmod(0o755)
        if os.geteuid() == 0:
            shutil.chown(self.folder, "postgres")
        if not self.data.exists():
            more = [] if self.keeps else ["--no-sync"]
            self._run(
                "initdb", "-D", str(self.data), "-A", "trust", "-E", "UTF8", "-U", "postgres",
                "--locale=C.UTF-8", *more,
            )  # fmt: skip
        self._launch()

    def again(self) -> None:
        """Start it where it was killed."""
        for left in reversed(range(STARTS)):
            try:
                return self._launch()
            except RuntimeError:
                if not left:
                    raise
                time.sleep(0.5)

    def copy_from(self, other: Postgres) -> None:
        """Begin with what another one holds, which is not running; before the first start."""
        subprocess.run(["cp", "-a", str(other.data), str(self.data)], check=True)

    def rest(self) -> None:
        if self.pid:
            self._run("pg_ctl", "-D", str(self.data), "-m", "fast", "-w", "stop")
            self.pid = 0

    def stop(self) -> None:
        """For good: its folder goes, too."""
        self.rest()
        shutil.rmtree(self.folder, ignore_errors=True)

    def _launch(self) -> None:
        settings = {"listen_addresses": HERE, "unix_socket_directories": str(self.folder)}
        if not self.keeps:
            settings |= dict.fromkeys(FORGETFUL, "off") | {"max_connections": "200"}
        options = " ".join(f"-c {name}={value}" for name, value in settings.items())
        log = str(self.folder / "log.txt")
        self._run(
            "pg_ctl", "-D", str(self.data), "-o", f"-p {self.port} {options}", "-l", log, "-w",
            "-t", "120", "start",
        )  # fmt: skip
        self.pid = int((self.data / "postmaster.pid").read_text().split()[0])

    def _run(self, program: str, *arguments: str) -> None:
        found = _path_of(program)
        if found is None:
            raise RuntimeError(f"{program} is not installed; install PostgreSQL, say 15")
        user = "postgres" if os.geteuid() == 0 else None
        done = subprocess.run(
            [found, *arguments], user=user, group=user, cwd=self.folder,
            stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
        )  # fmt: skip
        if done.returncode:
            raise RuntimeError(f"{program} failed: {done.stderr.strip()[-500:]}")


def is_installed() -> bool:
    return _path_of("initdb") is not None


def _path_of(program: str) -> str | None:
    return shutil.which(program, path=os.pathsep.join([*PLACES, os.environ.get("PATH", "")]))
