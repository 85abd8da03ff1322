"""A site of its own: real processes on a data folder, a database and a broker that can die."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil

from benchmarks.faults.servers import Broker, Database, kill_tree
from benchmarks.load.nikash import ROOT, wait_for
from benchmarks.load.ports import free_port
from config.processes import web, worker

LEASE_SECONDS = "3"
PATIENCE = 120.0


class Site:
    """engine : sqlite or postgres; broker : embedded, redis or rabbitmq; disk : for the data
    folder, and, unless `database_apart`, for PostgreSQL, too; migrated : with tables"""

    def __init__(
        self,
        engine: str,
        broker: str = "embedded",
        *,
        disk: Path | None = None,
        database_apart: bool = False,
        migrated: bool = True,
        **extra: str,
    ) -> None:
        self.engine, self.migrated = engine, migrated
        self.folder = disk / "site" if disk else Path(tempfile.mkdtemp(prefix="faults-"))
        self.folder.mkdir(exist_ok=True)
        self.logs = Path(tempfile.mkdtemp(prefix="faults-log-"))
        self.port = free_port()
        self.address = f"http://127.0.0.1:{self.port}"
        self.running: dict[str, subprocess.Popen[bytes]] = {}
        place = disk / "postgres" if disk and not database_apart else None
        self.database = Database(place) if engine == "postgres" else None
        self.broker = Broker(broker) if broker != "embedded" else None
        database = self.database.url if self.database else f"sqlite:///{self.folder}/db.sqlite3"
        self.environment = {
            **os.environ, "NIKASH_DATA_DIR": str(self.folder), "DATABASE_URL": database,
            "OMP_NUM_THREADS": "1", "NIKASH_JOB_LEASE_SECONDS": LEASE_SECONDS,
            "NIKASH_STATIC_DIR": str(self.logs / "static"), "NIKASH_ENERGY": "0", **extra,
        }  # fmt: skip
        self.environment.pop("CELERY_BROKER_URL", None)
        if self.broker:
            self.environment["CELERY_BROKER_URL"] = self.broker.url

    def __enter__(self) -> Site:
        if self.database:
            self.database.start()
        if self.broker:
            self.broker.start()
        if self.migrated:
            self.manage("migrate", "--verbosity", "0")
        return self

    def __exit__(self, *_: object) -> None:
        for name in list(self.running):
            self.kill(name)
        if self.database:
            if self.database.pid and self.database.is_alive():
                self.database.kill()
            shutil.rmtree(self.database.folder, ignore_errors=True)
        if self.broker:
            self.broker.stop()
        shutil.rmtree(self.folder, ignore_errors=True)
        shutil.rmtree(self.logs, ignore_errors=True)

    def start(self, name: str, command: list[str]) -> subprocess.Popen[bytes]:
        with (self.logs / f"{name}.txt").open("ab") as log:
            self.running[name] = subprocess.Popen(
                command, cwd=ROOT, env=self.environment, stdout=log, stderr=log,
                start_new_session=True,
            )  # fmt: skip
        return self.running[name]

    def start_web(self) -> None:
        wait_for(self.port, process=self.start("web", web(self.port)))

    def start_serve(self) -> None:
        """Web server and workers, kept alive by their manager as on one machine."""
        command = [sys.executable, "manage.py", "serve", "--port", str(self.port)]
        wait_for(self.port, process=self.start("serve", command))

    def start_worker(self, name: str = "worker") -> None:
        self.start(name, worker(name=name))

    def kill(self, name: str) -> None:
        """SIGKILL for a process and all that it started."""
        child = self.running.pop(name)
        kill_tree(child.pid)
        child.wait()

    def descendants(self, name: str, word: str) -> list[psutil.Process]:
        """What a running process started whose command holds the word, oldest first."""
        family = psutil.Process(self.running[name].pid).children(recursive=True)
        return [process for process in family if word in " ".join(process.cmdline())]

    def log(self, name: str) -> str:
        path = self.logs / f"{name}.txt"
        return path.read_text(errors="replace") if path.exists() else ""

    def popen(self, *arguments: str, **how: Any) -> subprocess.Popen[Any]:
        """A command of manage.py in a session of its own."""
        return subprocess.Popen(
            [sys.executable, "manage.py", *arguments], cwd=ROOT, env=self.environment,
            start_new_session=True, **how,
        )  # fmt: skip

    def manage(self, *arguments: str) -> str:
        child = self.popen(*arguments, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        out, problems = child.communicate()
        if child.returncode:
            raise RuntimeError(f"manage.py {arguments[0]} failed:\n{problems[-3000:]}")
        return out

    def code(self, call: str) -> Any:
        """What a function of benchmarks.faults.inside returns in the site's own Django."""
        return json.loads(self.manage(*self.shell(call)).splitlines()[-1])

    def shell(self, call: str) -> list[str]:
        line = (
            f"import json; from benchmarks.faults import inside; print(json.dumps(inside.{call}))"
        )
        return ["shell", "--verbosity", "0", "--no-imports", "-c", line]

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        """What a query without values finds now."""
        if self.database:
            import psycopg

            with psycopg.connect(self.database.url) as connection:
                return [tuple(row) for row in connection.execute(sql).fetchall()]
        import sqlite3

        connection = sqlite3.connect(self.folder / "db.sqlite3", timeout=20)
        try:
            return [tuple(row) for row in connection.execute(sql).fetchall()]
        finally:
            connection.close()

    def write(self, sql: str) -> None:
        """Change rows as an operator at the database's own prompt does."""
        if self.database:
            import psycopg

            with psycopg.connect(self.database.url) as connection:
                connection.execute(sql)
            return
        import sqlite3

        connection = sqlite3.connect(self.folder / "db.sqlite3", timeout=20)
        try:
            with connection:
                connection.execute(sql)
        finally:
            connection.close()

    def one(self, sql: str) -> Any:
        return self.rows(sql)[0][0]


def until(holds: Callable[[], Any], what: str, seconds: float = PATIENCE) -> float:
    """Wait for it; the seconds it took. RuntimeError where it does not come."""
    began = time.monotonic()
    while not holds():
        if time.monotonic() - began > seconds:
            raise RuntimeError(f"waited {seconds:g} s in vain: {what}")
        time.sleep(0.1)
    return time.monotonic() - began


def interrupt(child: subprocess.Popen[Any]) -> None:
    os.killpg(child.pid, signal.SIGKILL)
    child.wait()
