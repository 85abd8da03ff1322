"""A worker is killed -9 in the middle of a sweep: another goes on, and no trial is done twice."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.servers import Store

pytest.importorskip("optuna", reason="Optuna is not installed")

ROOT = Path(__file__).resolve().parents[3]
SECONDS = 180.0
SPACE = '{"rank": {"low": 2, "high": 16, "step": 2}, "bits": [16, 32]}'
PLAN = f"""
from tests.models_app.sweeps.planned import planned
planned("parts", kind="search", factors={SPACE}, max_trials=8, prune=False)
planned("whole", kind="search", factors={SPACE}, max_trials=8, prune=False)
"""
WORK = """
import sys
from models_app import jobs
from models_app.models import Sweep, TrainingRun
from tests.models_app.sweeps.planned import pretend, slow
sweep = Sweep.objects.get(name=sys.argv[1])
jobs._works[TrainingRun] = slow if sys.argv[1] == "parts" else pretend
while not jobs.run(Sweep, sweep.pk):
    pass
"""


class Scratch:
    def __init__(self, folder: Path) -> None:
        self.store = Store(folder)
        self.environment = self.store.environment | {
            "NIKASH_JOB_LEASE_SECONDS": "1",
            "DJANGO_SETTINGS_MODULE": "config.settings",
        }

    def start(self, code: str, *words: str) -> subprocess.Popen[bytes]:
        ready = "import django; django.setup()\n" + code
        return subprocess.Popen(
            [sys.executable, "-c", ready, *words],
            cwd=ROOT, env=self.environment, start_new_session=True,
        )  # fmt: skip

    def rows(self, sql: str) -> list[tuple]:
        return self.store.rows(sql)

    def trials(self, name: str) -> list[tuple]:
        return self.rows(
            "SELECT trial, condition, r.state, r.tries FROM models_app_trainingrun r "
            f"JOIN models_app_sweep s ON s.id = r.sweep_id WHERE s.name = '{name}' ORDER BY trial"
        )


def test_a_killed_search_goes_on_where_it_was(tmp_path: Path) -> None:
    scratch = Scratch(tmp_path)
    assert scratch.start(PLAN).wait(SECONDS) == 0
    killed = 0
    for n_before in (2, 4):
        worker = scratch.start(WORK, "parts")
        deadline = time.monotonic() + SECONDS
        while sum(row[2] == "done" for row in scratch.trials("parts")) < n_before:
            assert time.monotonic() < deadline and worker.poll() is None
            time.sleep(0.02)
        os.killpg(worker.pid, signal.SIGKILL)
        worker.wait()
        killed += any(row[2] == "running" for row in scratch.trials("parts"))
    assert scratch.start(WORK, "parts").wait(SECONDS) == 0
    assert scratch.start(WORK, "whole").wait(SECONDS) == 0
    parts, whole = scratch.trials("parts"), scratch.trials("whole")
    assert [row[:3] for row in parts] == [row[:3] for row in whole]
    assert len(parts) == 8 and {row[2] for row in parts} == {"done"}
    assert sum(row[3] for row in parts) == 8 + killed
    states = scratch.rows("SELECT name, state, tries FROM models_app_sweep ORDER BY name")
    assert states == [("parts", "done", 3), ("whole", "done", 1)]
