"""The parts of a running site are killed: nothing acknowledged is lost, nothing is there twice.

Short forms of the drills in benchmarks/faults: one site, on a PostgreSQL of its own wherever that
is installed. A web server that dies over SQLite is in tests/browser/test_nothing_lost.py.
"""

import os
import signal
from collections.abc import Iterator

import pytest

from benchmarks.faults.admins import opened_at_once
from benchmarks.faults.audit import counted
from benchmarks.faults.crowd import Crowd
from benchmarks.faults.site import Site, until
from benchmarks.faults.worker import holder_of, idle_children
from benchmarks.load.postgres import is_installed
from tests.servers import ON_POSTGRES

N_PEOPLE, N_ITEMS, N_TEXTS = 2, 300, 80  # 16 texts are stored at a time
HAS_POSTGRES = ON_POSTGRES or is_installed()
ENGINE = "postgres" if HAS_POSTGRES else "sqlite"
pytestmark = pytest.mark.xdist_group("faults")  # one site for all of them
needs_postgres = pytest.mark.skipif(not HAS_POSTGRES, reason="PostgreSQL is not installed")


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    with Site(ENGINE) as site:
        yield site


@pytest.fixture(scope="module")
def made(site: Site) -> dict:
    made = site.code(f"campaign({N_ITEMS}, {N_PEOPLE}, {N_PEOPLE}, draft=True)")
    made["run"] = site.code(f"generation({N_TEXTS}, 0.05)")
    return made


@pytest.mark.slow
def test_a_killed_web_server_loses_and_doubles_no_rating(site, made):
    site.start_web()
    with Crowd(site.port, made) as crowd:
        crowd.wait_for_more(5)
        site.kill("web")
        site.start_web()
        crowd.wait_for_more(5)
    counts = counted(site, crowd)
    assert counts.acknowledged >= 10 and counts.stored >= counts.acknowledged
    assert (counts.lost, counts.doubled, counts.half_stored) == (0, 0, 0)
    assert set(crowd.statuses()) <= {0}, crowd.told


@pytest.mark.slow
def test_admins_who_open_one_campaign_at_once_open_it_once(site, made):
    if "web" not in site.running:
        site.start_web()
    told, n_items, doubled = opened_at_once(site, made)
    assert set(told) == {302}
    assert (n_items, doubled) == (N_ITEMS, 0)


@pytest.mark.slow
def test_a_killed_worker_leaves_its_job_to_the_next(site, made):
    stored = "SELECT count(*) FROM models_app_output WHERE run_id > 0"
    site.start_worker()
    until(lambda: site.one(stored) > 0, "it begins")
    os.kill(holder_of(site), signal.SIGKILL)
    site.kill("worker")
    before = site.one(stored)
    site.start_worker()
    state = f"SELECT state FROM models_app_generationrun WHERE id = {made['run']}"
    until(lambda: site.one(state) not in ("queued", "running"), "it ends")
    found = site.code(f"generated({made['run']})")
    assert 0 < before < N_TEXTS
    assert (found["state"], found["stored"], found["doubled"]) == ("done", N_TEXTS, 0)


@pytest.mark.slow
def test_a_worker_starts_its_killed_children_again_and_none_outlives_it(site, made):
    if "worker" in site.running:
        site.kill("worker")
    found = idle_children(site)
    assert found.is_sound, found.row()


@pytest.mark.slow
@needs_postgres
def test_a_killed_database_is_told_and_outlived(site, made):
    if "web" not in site.running:
        site.start_web()
    with Crowd(site.port, made) as crowd:
        crowd.wait_for_more(5)
        site.database.kill()
        until(lambda: 503 in crowd.statuses(), "the site says so")
        site.database.again()
        crowd.wait_for_more(5)
    counts = counted(site, crowd)
    assert (counts.lost, counts.doubled, counts.half_stored) == (0, 0, 0)
    assert crowd.bare() == []
