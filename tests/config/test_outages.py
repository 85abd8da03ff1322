"""No database, no space, too busy: a sentence and when to try again, for people and programs."""

import errno

import pytest
from django.db import InterfaceError, InternalError, OperationalError, ProgrammingError
from django.test import Client
from django.urls import reverse

from accounts.outages import outage_in
from models_app import jobs
from models_app.models import GenerationRun, Job
from tests.people import small_dataset, small_system

pytestmark = pytest.mark.django_db


class Told(Exception):
    """As psycopg tells: with PostgreSQL's five characters."""

    def __init__(self, sqlstate: str | None) -> None:
        self.sqlstate = sqlstate


def caused(problem: Exception, by: Exception) -> Exception:
    problem.__cause__ = by
    return problem


FULL = OperationalError("database or disk is full")
AWAY = OperationalError("connection failed: Connection refused")


@pytest.mark.parametrize(
    ("problem", "status"),
    [
        (FULL, 507),
        (OSError(errno.ENOSPC, "No space left on device"), 507),
        (caused(ValueError("wrapped"), OSError(errno.EDQUOT, "quota")), 507),
        (caused(OperationalError("could not write"), Told("53100")), 507),
        (OperationalError("database is locked"), 503),
        (caused(OperationalError("sorry"), Told("53300")), 503),
        (AWAY, 503),
        (InterfaceError("the connection is closed"), 503),
        (caused(OperationalError("terminating"), Told("57P01")), 503),
        (caused(OperationalError("server closed the connection"), Told(None)), 503),
        (OSError(errno.EROFS, "Read-only file system"), 503),
        (OperationalError("attempt to write a readonly database"), 503),
        (InternalError("cannot execute INSERT in a read-only transaction"), 503),
        (OperationalError("no such table: x"), None),
        (ProgrammingError("no such column"), None),
        (OSError(errno.ENOENT, "no such file"), None),
        (None, None),
    ],
)
def test_an_outage_is_told_from_a_mistake(problem, status):
    found = outage_in(problem)
    assert (found.status if found else None) == status


@pytest.mark.parametrize(("problem", "status"), [(FULL, 507), (AWAY, 503)])
def test_pages_and_programs_get_a_sentence(monkeypatch, caplog, problem, status):
    def gone(*_, **__):
        raise problem

    monkeypatch.setattr("accounts.session_store._SESSION.first", gone)
    client = Client(raise_request_exception=False)
    client.cookies["sessionid"] = "a" * 32
    page = client.get(reverse("home"))
    assert page.status_code == status
    assert int(page.headers["Retry-After"]) > 0
    assert "Nothing of this was stored" in page.content.decode()
    told = client.get(reverse("home"), headers={"Accept": "application/json"}).json()["error"]
    assert told["code"] in {"disk_full", "not_ready"} and told["request_id"]
    assert client.get("/api/v1/campaigns/").json()["error"]["message"] == told["message"]
    assert "Traceback" not in caplog.text


def test_other_errors_stay_what_they_are(monkeypatch):
    def wrong(*_, **__):
        raise ValueError("a mistake")

    monkeypatch.setattr("accounts.session_store._SESSION.first", wrong)
    client = Client(raise_request_exception=False)
    client.cookies["sessionid"] = "a" * 32
    assert client.get(reverse("home")).status_code == 500


def job(monkeypatch: pytest.MonkeyPatch, problem: Exception) -> GenerationRun:
    dataset = small_dataset("faults")
    made = GenerationRun.objects.create(system=small_system("s", dataset), dataset=dataset)

    def work(*_):
        raise problem

    monkeypatch.setitem(jobs._works, GenerationRun, work)
    return jobs.run_inline(made)


def test_a_job_on_a_full_disk_says_so(monkeypatch):
    ended = job(monkeypatch, OSError(errno.ENOSPC, "No space left on device"))
    assert ended.state == Job.State.FAILED
    assert ended.error == "The site's disk is full; free some space, then resume."


def test_a_file_of_another_user_in_the_data_folder_is_told(settings, tmp_path):
    settings.DATA_DIR = tmp_path
    ours = PermissionError(errno.EACCES, "Permission denied", str(tmp_path / "uploads" / "x"))
    elsewhere = PermissionError(errno.EACCES, "Permission denied", "/etc/shadow")
    assert outage_in(ours).code == "read_only"
    assert outage_in(elsewhere) is None


def test_a_job_on_a_broken_disk_says_so(monkeypatch):
    ended = job(monkeypatch, OSError(errno.EROFS, "Read-only file system"))
    assert ended.state == Job.State.FAILED
    assert ended.error == "The data folder cannot be written to; mend it, then resume."


def test_a_job_whose_database_went_away_goes_on_later(monkeypatch):
    ended = job(monkeypatch, AWAY)
    assert (ended.state, ended.error) == (Job.State.RUNNING, "")
    GenerationRun.objects.update(lease_until=jobs.from_now(-1))
    assert jobs.requeue_lost() == 1
