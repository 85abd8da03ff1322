"""The site's processes: web server and worker, started together and stopped together."""

import contextlib
import ctypes
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from django.conf import settings

from common.errors import BadInput
from config.queues import HOUSEKEEPING, JOBS, PLAYGROUND

HOST = "127.0.0.1"
STOP_SECONDS = 10.0
SHORTEST_LIFE = 5.0  # one that dies sooner after its first start is told wrong: the site stops
PAUSE = 1.0  # seconds between two starts of the same process, at least
PR_SET_PDEATHSIG = 1  # of Linux: the signal that a child gets when its parent ends


def check_port(port: int, host: str = HOST) -> None:
    """Raise BadInput where somebody else listens already."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as problem:
            raise BadInput(
                f"port {port} cannot be used ({problem.strerror}); choose another, "
                f"say PORT={port + 1}"
            ) from problem


def web(port: int, host: str = HOST) -> list[str]:
    return [
        sys.executable, "-m", "gunicorn", "--config", "python:config.gunicorn",
        "--bind", f"{host}:{port}", "config.wsgi",
    ]  # fmt: skip


def worker(
    queues: Sequence[str] = (*JOBS, HOUSEKEEPING),
    *,
    beat: bool = True,
    concurrency: int = 1,
    name: str = "worker",
) -> list[str]:
    """beat : let it ring for the housekeeping, too; twice at once does no harm"""
    return [
        sys.executable, "-m", "celery", "-A", "config", "--quiet", "worker",
        *(["--beat"] if beat else []),
        "--queues", ",".join(queues), "--hostname", f"{name}@%h",
        "--concurrency", str(concurrency), "--loglevel", "WARNING",
        "--without-gossip", "--without-mingle",
    ]  # fmt: skip


def jobs_worker() -> list[str]:
    """All kinds of jobs, one after another."""
    return worker(JOBS, beat=False)


def playground_worker() -> list[str]:
    """The playground's answers and the housekeeping, neither of which may wait for a long job.

    With a low priority: jobs and pages go before it.
    """
    return ["nice", "-n", "10", *worker((HOUSEKEEPING, PLAYGROUND), name="playground")]


class Processes:
    """Children in sessions of their own, so that stopping one stops all that it started."""

    def __init__(self, commands: dict[str, list[str]]) -> None:
        self.commands = commands
        self.running: dict[str, tuple[subprocess.Popen[bytes], float]] = {}
        self.proven: set[str] = set()  # have lived once: they are started again whatever happens
        self.stopping = False

    def start(self, name: str) -> None:
        environment = {**os.environ, "OMP_NUM_THREADS": "1"}
        root = Path(settings.BASE_DIR)
        child = subprocess.Popen(
            self.commands[name], cwd=root, env=environment, start_new_session=True,
            preexec_fn=_end_with_the_site,
        )  # fmt: skip
        self.running[name] = child, time.monotonic()

    def run(self, ready: Callable[[], None]) -> int:
        """Start all, call `ready`, and keep them alive until a signal comes; the exit code."""
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._on_signal)
        try:
            for name in self.commands:
                self.start(name)
            ready()
            return self._watch()
        finally:
            self.stop()

    def _on_signal(self, *_: object) -> None:
        self.stopping = True

    def _watch(self) -> int:
        while not self.stopping:
            for name, (child, started) in list(self.running.items()):
                if child.poll() is None:
                    continue
                lived = time.monotonic() - started
                if lived < SHORTEST_LIFE and name not in self.proven:
                    sys.stderr.write(f"The {name} stopped right after its start; see above.\n")
                    return 1
                if lived < PAUSE:
                    continue
                self.proven.add(name)
                _signal(child, signal.SIGKILL)  # what it started holds its port and its jobs
                sys.stderr.write(f"The {name} stopped; it is started again.\n")
                self.start(name)
            time.sleep(0.2)
        return 0

    def stop(self) -> None:
        deadline = time.monotonic() + STOP_SECONDS
        for child, _ in self.running.values():
            _signal(child, signal.SIGTERM)
        for child, _ in self.running.values():
            with contextlib.suppress(subprocess.TimeoutExpired):
                child.wait(timeout=max(0.1, deadline - time.monotonic()))
            _signal(child, signal.SIGKILL)
            child.wait()


def _end_with_the_site() -> None:
    """Where the site is killed with -9, its children stop as if they were asked to."""
    with contextlib.suppress(AttributeError, OSError):  # other systems have no such call
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


def _signal(child: subprocess.Popen[bytes], number: int) -> None:
    try:
        os.killpg(child.pid, number)
    except ProcessLookupError:
        return


def wait_until_up(port: int, host: str = HOST, seconds: float = 60.0) -> bool:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        with socket.socket() as probe:
            probe.settimeout(1.0)
            if probe.connect_ex((host, port)) == 0:
                return True
        time.sleep(0.1)
    return False
