"""What machines ask of the site: is it alive, can it serve, how much does it do."""

import json
import logging
from pathlib import Path

import pytest
from django.core.exceptions import RequestDataTooBig
from django.db import DatabaseError
from django.test import Client, RequestFactory

from accounts.audit import record
from common import request_id
from config import errors, health, logs, measures
from config.request_log import request_log

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def nothing_known(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health, "_known", {})
    monkeypatch.setattr(health, "_migrated", False)


def test_a_healthy_site_is_ready(client: Client):
    assert client.get("/health/live/").json() == {"alive": True}
    answer = client.get("/health/ready/")
    assert answer.status_code == 200
    assert set(answer.json()["checks"].values()) == {"ok"}


def test_every_part_that_fails_says_so_in_a_sentence(client, monkeypatch, settings):
    def gone(self):
        raise DatabaseError("password=hunter22 refused")

    settings.MIN_FREE_MB = 10**9
    settings.DATA_DIR = Path("/proc/nowhere")
    monkeypatch.setattr(health.shutil, "disk_usage", lambda path: type("Disk", (), {"free": 0}))
    monkeypatch.setattr(type(health.connection), "cursor", gone, raising=False)
    monkeypatch.setattr(health.connection, "cursor", lambda: gone(None), raising=False)
    answer = client.get("/health/ready/?except=broker")
    assert answer.status_code == 503
    checks = answer.json()["checks"]
    assert "DATABASE_URL" in checks["database"] and "hunter22" not in answer.content.decode()
    assert checks["disk"].startswith("Only 0 MB are free")
    assert "NIKASH_DATA_DIR" in checks["data_folder"]
    assert "broker" not in checks


def test_a_broker_that_is_away_is_told(client, monkeypatch):
    lost = health.app.connection_for_write("redis://127.0.0.1:1/0", transport_options={})
    monkeypatch.setattr(health.app, "connection_for_write", lambda **options: lost)
    answer = client.get("/health/ready/")
    assert answer.status_code == 503
    assert answer.json()["checks"]["broker"].startswith("The broker does not answer")


def test_an_answer_is_given_again_for_a_moment(client, monkeypatch):
    asked = []
    monkeypatch.setattr(health, "KEPT_SECONDS", 600.0)
    monkeypatch.setitem(health.CHECKS, "disk", lambda: asked.append(1) or "")
    client.get("/health/ready/")
    client.get("/health/ready/")
    assert asked == [1]


def test_numbers_are_for_this_machine_or_the_token(client, settings):
    assert client.get("/metrics").status_code == 200
    assert client.get("/metrics", REMOTE_ADDR="203.0.113.5").status_code == 404
    assert client.get("/metrics", headers={"X-Forwarded-For": "203.0.113.5"}).status_code == 404
    settings.METRICS_TOKEN = "a long token"
    assert client.get("/metrics").status_code == 404
    right = {"Authorization": "Bearer a long token", "X-Forwarded-For": "203.0.113.5"}
    assert client.get("/metrics", headers=right).status_code == 200


def test_numbers_are_of_views_and_kinds_and_never_of_addresses(client):
    for number in range(5):
        client.get(f"/nowhere/{number}/")
    client.get("/login/")
    text = client.get("/metrics").content.decode()
    assert 'nikash_request_seconds_count{method="GET",status="404",view="none"} ' in text
    assert 'view="login"' in text and "nowhere" not in text
    assert 'nikash_jobs{kind="generationrun",state="queued"} 0.0' in text
    for name in ("ratings_saved_total", "job_oldest_waiting_seconds", "database_bytes",
                 "queue_messages", "broker_up 1.0", "assignments_open"):  # fmt: skip
        assert f"nikash_{name}" in text


def test_a_sane_id_is_taken_and_another_is_made(client):
    assert client.get("/login/", headers={"X-Request-ID": "abc-12345"})["X-Request-ID"] == (
        "abc-12345"
    )
    for bad in ("short", "x" * 65, "two words here", "line\nbreak12"):
        assert request_id.new_or(bad) != bad
    assert len(client.get("/login/")["X-Request-ID"]) == 24
    assert request_id.current() == ""


def test_a_request_s_line_names_its_view_and_nobody(client, django_user_model, caplog):
    ann = django_user_model.objects.create_user("ann", password="x")
    client.force_login(ann)
    log = logging.getLogger("nikash.access")
    log.setLevel(logging.INFO)
    log.addHandler(caplog.handler)
    try:
        client.get("/profile/?secret=1", headers={"X-Request-ID": "one-request"})
    finally:
        log.removeHandler(caplog.handler)
        log.setLevel(logging.WARNING)
    (entry,) = [entry for entry in caplog.records if entry.name == "nikash.access"]
    logs.WithRequest().filter(entry)
    entry.request = "one-request"
    said = json.loads(logs.Json().format(entry))
    assert said["person"] == f"person-{ann.pk}" and said["request"] == "one-request"
    assert said["message"].startswith("GET /") and "secret" not in said["message"]
    assert "ann" not in said["message"] and said["status"] and said["ms"] >= 0


def test_the_audit_log_has_the_request_s_id():
    request_id.set_current("some-request")
    try:
        assert record(None, "test.done").request_id == "some-request"
        assert record(None, "test.done", request_id="told").request_id == "told"
    finally:
        request_id.set_current("")


@pytest.mark.parametrize("path", ["/nowhere/", "/api/v1/nowhere/"])
def test_error_pages_say_the_id(client, path):
    answer = client.get(path, headers={"X-Request-ID": "find-me-again"})
    assert answer.status_code == 404
    assert "find-me-again" in answer.content.decode()


def test_the_last_error_page_needs_no_database(django_assert_num_queries):
    request = RequestFactory().get("/")
    request.request_id = "find-me-again"
    with django_assert_num_queries(0):
        answer = errors.server_error(request)
        large = errors.bad_request(request, RequestDataTooBig())
    assert answer.status_code == 500 and "find-me-again" in answer.content.decode()
    assert large.status_code == 413 and "more than the site takes" in large.content.decode()


def test_a_page_that_fails_shows_no_trace(settings):
    def broken(request):
        raise ValueError("inner secret")

    with pytest.raises(ValueError, match="inner secret"):
        request_log(broken)(RequestFactory().get("/"))
    assert request_id.current() == ""


def test_methods_that_nobody_knows_are_one(client):
    measures.count_request("none", "BREW", 405, 0.1)
    assert 'method="other"' in measures.exposition().decode()
