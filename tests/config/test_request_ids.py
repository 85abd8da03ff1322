"""A request's id goes with the job that it queued, and into the pages and answers of failures."""

import logging
from types import SimpleNamespace

import pytest
from django.test import Client

from common import request_id
from config import celery, logs
from config.queues import place_of


def test_a_job_carries_the_id_of_its_request():
    headers = {}
    request_id.set_current("asked-at-a-page")
    try:
        celery.send_request_id(headers=headers)
    finally:
        request_id.set_current("")
    assert headers == {"nikash_request": "asked-at-a-page"}
    celery.take_request_id(task_id="1", task=SimpleNamespace(request=SimpleNamespace(**headers)))
    assert request_id.current() == "asked-at-a-page"
    celery.forget_request_id()
    assert request_id.current() == ""


def test_a_job_that_nobody_asked_for_has_an_id_of_its_own():
    celery.take_request_id(task_id="77", task=SimpleNamespace(request=SimpleNamespace()))
    assert request_id.current() == "job-77"
    celery.forget_request_id()
    celery.send_request_id(headers=(headers := {}))
    assert headers == {}


def test_a_line_for_people_ends_with_what_is_known(monkeypatch):
    entry = logging.makeLogRecord({"msg": "saved", "name": "x", "levelname": "INFO", "status": 200})
    request_id.set_current("one-request")
    try:
        logs.WithRequest().filter(entry)
    finally:
        request_id.set_current("")
    assert logs.Line().format(entry).endswith("INFO x: saved status=200 request=one-request")


def test_nobody_writes_a_line_of_the_log_with_an_address_of_their_own():
    path = "/x\n2026-01-01 INFO accounts: ada signed in\r\x1b[2J\u202e"
    entry = logging.makeLogRecord({"msg": "GET %s", "args": (path,), "name": "x"})
    line = logs.Line().format(entry)
    assert len(line.splitlines()) == 1
    assert "\\n2026-01-01" in line and "<U+001B>[2J" in line and "<U+202E>" in line


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/health/live/", "/api/v1/me"])
def test_what_nobody_foresaw_shows_the_id_and_no_trace(path, monkeypatch):
    def broken(*arguments, **named):
        raise RuntimeError("inner secret")

    monkeypatch.setattr("config.health.JsonResponse", broken)
    monkeypatch.setattr("django.contrib.sessions.backends.db.SessionStore.load", broken)
    client = Client(raise_request_exception=False)
    client.cookies["sessionid"] = "x" * 32
    answer = client.get(path, headers={"X-Request-ID": "find-me-again"})
    text = answer.content.decode()
    assert answer.status_code == 500 and answer["X-Request-ID"] == "find-me-again"
    assert "find-me-again" in text and "inner secret" not in text and "Traceback" not in text
    assert ("<html" in text) == (path == "/health/live/")


def test_a_task_nobody_placed_waits_in_the_default_queue():
    assert place_of("somebody.tasks.new") == ("default", 1)
