"""A PostgreSQL server of its own, in a folder of its own, gone when it is stopped."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
from pathlib import Path

PLACES = ["/usr/local/bin", *sorted(map(str, Path("/usr/lib/postgresql").glob("*/bin")))]


class Postgres:
    """Refuses root, as PostgreSQL does: then everything is done as the user `postgres`."""

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="load-postgres-"))
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = int(probe.getsockname()[1])
        self.url = f"postgres://postgres@127.0.0.1:{self.port}/postgres"
        self.pid = 0

    def start(self) -> None:
        self.folder.chmod(0o755)
        data = self.folder / "data"
        if os.geteuid() == 0:
            shutil.chown(self.folder, "postgres")
        if not data.exists():
            self._run("initdb", "-D", str(data), "-A", "trust", "-E", "UTF8", "-U", "postgres")
        options = (
            f"-p {self.port} -c listen_addresses=127.0.0.1 -c unix_socket_directories={self.folder}"
        )
        log = str(self.folder / "log.txt")
        self._run("pg_ctl", "-D", str(data), "-o", options, "-l", log, "-w", "start")
        self.pid = int((data / "postmaster.pid").read_text().split()[0])

    def copy_from(self, other: Postgres) -> None:
        """Begin with what another one holds, which is not running; before the first start."""
        held = [str(other.folder / "data"), str(self.folder / "data")]
        subprocess.run(["cp", "-a", *held], check=True)

    def rest(self) -> None:
        if self.pid:
            data = str(self.folder / "data")
            self._run("pg_ctl", "-D", data, "-m", "fast", "-w", "stop")
            self.pid = 0

    def stop(self) -> None:
        """For good: its folder goes, too."""
        self.rest()
        shutil.rmtree(self.folder, ignore_errors=True)

    def _run(self, program: str, *arguments: str) -> None:
        path = os.pathsep.join([*PLACES, os.environ.get("PATH", "")])
        found = shutil.which(program, path=path)
        if found is None:
            raise RuntimeError(f"{program} is not installed; install PostgreSQL, say 15")
        user = "postgres" if os.geteuid() == 0 else None
        done = subprocess.run(
            [found, *arguments], user=user, group=user, cwd=self.folder,
            stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
        )  # fmt: skip
        if done.returncode:
            raise RuntimeError(f"{program} failed: {done.stderr.strip()[-500:]}")
