"""A worker is killed in the middle of its work: the next one finishes it, nothing done twice."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from config.processes import worker
from tests.servers import Store

ROOT = Path(__file__).resolve().parents[2]
N_SEGMENTS = 96
SECONDS = 120.0
PREPARE = f"""
from models_app.checkpoints import register_system
from models_app.generation import start_generation
from models_app.tasks import generation
from tests.people import small_dataset
system = register_system(name="slow", backend="echo", decoding={{"seconds_per_text": 0.04}})
start_generation([system], small_dataset(n_segments={N_SEGMENTS}))
"""


class Instance:
    """A data folder with a database, and what is in it."""

    def __init__(self, folder: Path) -> None:
        self.store, self.log = Store(folder), folder / "log.txt"
        self.environment = self.store.environment | {"NIKASH_JOB_LEASE_SECONDS": "2"}

    def manage(self, *command: str) -> None:
        subprocess.run(
            [sys.executable, "manage.py", *command], cwd=ROOT, env=self.environment, check=True
        )

    def outputs(self) -> list[Any]:
        return self.store.rows("SELECT id, segment_id, text FROM models_app_output ORDER BY id")

    def run(self) -> tuple[str, int, int]:
        return self.store.rows("SELECT state, tries, n_done FROM models_app_generationrun")[0]

    @contextmanager
    def worker(self) -> Iterator[subprocess.Popen[bytes]]:
        """A worker with all it starts in a group of its own, killed at the end."""
        with self.log.open("ab") as log:
            child = subprocess.Popen(
                worker(), cwd=ROOT, env=self.environment, stdout=log, stderr=log,
                start_new_session=True,
            )  # fmt: skip
        try:
            yield child
        finally:
            os.killpg(child.pid, signal.SIGKILL)
            child.wait()

    def wait_until(self, true: Callable[[], bool]) -> None:
        deadline = time.monotonic() + SECONDS
        while not true():
            if time.monotonic() > deadline:
                pytest.fail(f"waited {SECONDS} s; {self.run()}\n{self.log.read_text()[-3000:]}")
            time.sleep(0.05)


@pytest.fixture
def instance(tmp_path: Path) -> Instance:
    instance = Instance(tmp_path)
    instance.manage("shell", "--no-imports", "-c", PREPARE)
    return instance


@pytest.mark.slow
def test_the_next_worker_finishes_what_a_killed_one_began(instance: Instance):
    with instance.worker():
        instance.wait_until(lambda: len(instance.outputs()) > 0)
    before = instance.outputs()
    assert instance.run()[:2] == ("running", 1)
    assert 0 < len(before) < N_SEGMENTS

    with instance.worker():
        instance.wait_until(lambda: instance.run()[0] not in {"queued", "running"})
    assert instance.run() == ("done", 2, N_SEGMENTS)
    after = instance.outputs()
    assert after[: len(before)] == before
    assert len(after) == N_SEGMENTS == len({segment for _, segment, _ in after})
    assert "Traceback" not in instance.log.read_text()
