"""The load's own sums, and what it says where a platform is not there or lets nobody in."""

import asyncio
import importlib
import multiprocessing
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from benchmarks.annotate_loop import PEERS, kinds_of
from benchmarks.load import measuring
from benchmarks.load.drills import slope_of
from benchmarks.load.driver import _drive
from benchmarks.load.figures import added
from benchmarks.load.lines import Line, lasting, percentiles
from benchmarks.load.measuring import used
from benchmarks.load.platform import Annotator, Done
from benchmarks.peers import appraise, environments
from benchmarks.recording import Record


class Refused(Annotator):
    async def begin(self) -> None:
        raise ValueError("the door is shut")

    async def loop(self) -> Done | None:
        raise AssertionError


class Twice(Annotator):
    async def begin(self) -> None:
        self.left = 2

    async def loop(self) -> Done | None:
        self.left -= 1
        return Done(f"{self.number}:{self.left}", 1.0, 2.0, 1) if self.left >= 0 else None


def line(name: str, cpu: float) -> Line:
    return Line(name, 50, 0, 9, 9.0, (1, 2, 3), (4, 5, 6), 1, 0, cpu, 0, cpu, cpu, (1, 1))


def test_few_who_think_are_given_longer_and_many_are_not():
    assert [lasting(n, 15, 20) for n in (1, 50, 100, 500)] == [60, 60, 40, 15]
    assert lasting(1, 15, 0) == 15


def test_memory_that_grows_by_two_a_minute_has_that_slope():
    assert slope_of([(0, 10), (1, 12), (2, 14)]) == pytest.approx(2)


def test_percentiles_are_of_the_nearest_rank():
    assert percentiles([float(n) for n in range(100)]) == (50, 95, 99)
    assert percentiles([])[0] != percentiles([])[0]


def driven(annotator: type[Annotator], people: int) -> list[Any]:
    """What the annotators' process tells the one that started it."""
    here, there = multiprocessing.Pipe()
    here.send("go")
    with ThreadPoolExecutor(1) as thread:  # the browser's tests leave a loop running in this one
        thread.submit(
            lambda: asyncio.run(_drive(there, annotator, {}, people, 30, 0, False))
        ).result()
    there.close()
    return [here.recv() for _ in range(1 + (annotator is Twice))]


def test_nobody_gets_in_and_it_is_said_how_many_and_why():
    assert driven(Refused, 3) == ["3 of 3 could not begin: ValueError: the door is shut"]


def test_everybody_works_until_nothing_is_left():
    why, result = driven(Twice, 3)
    items = [f"{person}:{left}" for person in range(3) for left in (0, 1)]
    assert why == "" and sorted(loop.item for loop in result.loops) == items
    assert not result.errors


def test_the_time_of_a_process_that_ended_is_not_lost():
    code = "import subprocess,sys; subprocess.run([sys.executable, '-c', 'sum(range(3 * 10**6))'])"
    alone = [sys.executable, "-c", f"{code}; print(flush=True); input()"]
    with subprocess.Popen(alone, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout and process.stdout.readline()
        child = measuring.psutil.Process(process.pid).cpu_times()
        both = used(process.pid).cpu
        assert child.children_user > 0 and both >= child.children_user + child.user
        process.communicate(b"\n")


@pytest.mark.parametrize("name", PEERS)
def test_a_peer_that_is_not_there_is_named_and_not_installed(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(environments, "FOLDER", tmp_path)
    monkeypatch.delenv(environments.MAY_INSTALL, raising=False)
    monkeypatch.delenv(appraise.CHECKOUT, raising=False)
    record = Record("", "")
    assert kinds_of([], [name], record) == [] and not list(tmp_path.iterdir())
    [note] = record.notes
    assert f"environments {name}`" in note


def test_every_peer_says_which_version_is_measured():
    modules = [
        importlib.import_module(f"benchmarks.peers.{name.replace('-', '_')}") for name in PEERS
    ]
    assert all(one.Peer.version for one in modules)


def test_a_checkout_that_is_none_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv(appraise.CHECKOUT, str(tmp_path))
    with pytest.raises(environments.NotInstalled, match="name a checkout of"):
        appraise.checkout()
    (tmp_path / "manage.py").touch()
    assert appraise.checkout() == tmp_path
    assert appraise.commit_of(tmp_path) == appraise.UNKNOWN


@pytest.mark.parametrize(
    ("people", "raters", "told"),
    [(50, 50, (10, 10)), (100, 50, (10, 20)), (500, 50, (10, 50)), (1, 50, (10, 1)),
     (50, 1, (50, 1))],
)  # fmt: skip
def test_tasks_are_dealt_evenly_two_to_each_where_that_can_be(
    people: int, raters: int, told: tuple[int, int]
):
    assert appraise.dealt(people, raters) == told
    items = [item["itemID"] for task in appraise.batches(*told) for item in task["items"]]
    assert items == list(range(1, 1001))


def test_what_nobody_can_deal_evenly_is_told():
    with pytest.raises(RuntimeError, match="7 people cannot have as many"):
        appraise.dealt(7, 1)


def test_a_peer_is_not_given_our_settings(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("DJANGO_SETTINGS_MODULE", "config.settings")
    given: dict[str, Any] = environments.environment(OTHER="1")
    assert "DJANGO_SETTINGS_MODULE" not in given and given["OTHER"] == "1" and "PATH" in given


def test_a_peer_is_held_against_ours_of_the_same_round():
    record = Record("", "")
    first = [line("Nikash sqlite", 5), line("potato", 40), line("doccano", 50)]
    second = [line("Nikash sqlite", 8)._replace(round=1), line("potato", 40)._replace(round=1)]
    added(record, first + second)
    found = {one.name: one for one in record.figures}
    load = "50 annotators, 0 s thinking"
    ours = found[f"CPU for a loop: Nikash sqlite, {load}"]
    assert (ours.median, ours.low, ours.high, ours.n) == (6.5, 5, 8, 2)
    theirs = found[f"CPU, times that of Nikash sqlite: potato, {load}"]
    assert (theirs.low, theirs.high, theirs.n) == (5, 8, 2)
    assert found[f"CPU, times that of Nikash sqlite: doccano, {load}"].median == 10
    [plot] = record.plots
    assert list(plot.bars) == ["Nikash sqlite", "potato", "doccano"]


def test_without_peers_nothing_is_held_against_ours():
    record = Record("", "")
    added(record, [line("Nikash sqlite", 5), line("Nikash postgres", 9)])
    assert not record.plots and not [one for one in record.figures if "times" in one.name]


def test_errors_of_every_round_count():
    record = Record("", "")
    added(record, [line("Nikash sqlite", 5)._replace(errors=2, round=n) for n in range(2)])
    assert record.figures[-1].median == 4
