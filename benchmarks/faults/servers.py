"""Servers that can be killed with -9 and started again where they were."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import tempfile
from pathlib import Path
from typing import Any

import psutil

from benchmarks.load.nikash import wait_for
from benchmarks.load.ports import free_port
from benchmarks.load.postgres import Postgres

RABBIT = "/usr/lib/rabbitmq/bin/rabbitmq-server"


def kill_tree(pid: int, number: int = signal.SIGKILL) -> None:
    """The process and all it started, at once."""
    with contextlib.suppress(psutil.NoSuchProcess):
        first = psutil.Process(pid)
        family = [*first.children(recursive=True), first]
        for process in [first, *family]:
            with contextlib.suppress(psutil.NoSuchProcess):
                process.send_signal(number)
        psutil.wait_procs(family, timeout=10)


class Database(Postgres):
    """A PostgreSQL that can be killed: what it acknowledged outlives that."""

    def kill(self) -> None:
        kill_tree(self.pid)
        self.pid = 0

    def is_alive(self) -> bool:
        return psutil.pid_exists(self.pid)


class Broker:
    """A Redis or a RabbitMQ on a port of its own."""

    def __init__(self, kind: str) -> None:
        self.kind, self.port = kind, free_port()
        self.folder = Path(tempfile.mkdtemp(prefix="faults-broker-"))
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        if self.kind == "redis":
            return f"redis://127.0.0.1:{self.port}/0"
        return f"amqp://guest:guest@127.0.0.1:{self.port}//"

    def start(self) -> None:
        command, environment = self._command()
        with (self.folder / "log.txt").open("ab") as log:
            self.process = subprocess.Popen(
                command, cwd=self.folder, env={**os.environ, **environment}, stdout=log,
                stderr=log, start_new_session=True,
            )  # fmt: skip
        wait_for(self.port, process=self.process)

    def _command(self) -> tuple[list[str], dict[str, Any]]:
        if self.kind == "redis":
            return ["redis-server", "--bind", "127.0.0.1", "--port", str(self.port),
                    "--save", "", "--appendonly", "no", "--loglevel", "warning"], {}  # fmt: skip
        plugins = self.folder / "plugins"
        plugins.write_text("[].\n")
        return [RABBIT], {
            "HOME": str(self.folder),
            "RABBITMQ_NODENAME": f"faults{self.port}@localhost",
            "RABBITMQ_NODE_PORT": str(self.port),
            "RABBITMQ_DIST_PORT": str(free_port()),
            "RABBITMQ_MNESIA_BASE": str(self.folder / "db"),
            "RABBITMQ_LOG_BASE": str(self.folder / "log"),
            "RABBITMQ_ENABLED_PLUGINS_FILE": str(plugins),
            "ERL_EPMD_PORT": str(self._epmd()),
        }

    def _epmd(self) -> int:
        """The same for every start: the port mapper outlives the broker."""
        self.epmd = getattr(self, "epmd", 0) or free_port()
        return self.epmd

    def kill(self) -> None:
        if self.process is not None:
            kill_tree(self.process.pid)
            self.process.wait()
            self.process = None

    def stop(self) -> None:
        self.kill()
        for process in psutil.process_iter(["name", "environ"]):
            mine = (process.info["environ"] or {}).get("HOME") == str(self.folder)
            if process.info["name"] == "epmd" and mine:
                process.kill()
        shutil.rmtree(self.folder, ignore_errors=True)


def brokers() -> list[str]:
    """Those installed here beside the embedded one."""
    found = ["redis"] if shutil.which("redis-server") else []
    return found + (["rabbitmq"] if Path(RABBIT).exists() else [])
