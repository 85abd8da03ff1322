"""What stops the start, and the sentence that says what to write."""

import os
import subprocess
import sys

import pytest
from django.core.exceptions import ImproperlyConfigured

from config import checks, environment, logs


def said(found):
    return [(one.id, one.msg, one.hint) for one in found]


def test_a_variable_nobody_knows_is_told_with_the_nearest(monkeypatch):
    monkeypatch.setenv("_".join(["NIKASH", "MAX", "UPLOAD"]), "5")
    (one,) = checks.variables()
    assert one.id == "nikash.W001" and one.hint == "Write NIKASH_MAX_UPLOAD_MB."


def test_a_weak_key_is_refused(settings):
    assert checks.secret_key() == []
    settings.SECRET_KEY = "a" * 60
    assert said(checks.secret_key())[0][0] == "nikash.E003"


def test_settings_that_exclude_each_other(settings):
    assert checks.hosts() == []
    settings.HTTPS, settings.DEBUG = True, True
    settings.ALLOWED_HOSTS = ["localhost"]
    assert [one.id for one in checks.hosts()] == ["nikash.E004", "nikash.E005"]
    settings.DEBUG, settings.ALLOWED_HOSTS = False, ["*"]
    assert [one.id for one in checks.hosts()] == ["nikash.W006"]


def test_a_folder_that_cannot_be_written_to(settings, monkeypatch):
    assert checks.folders() == []
    monkeypatch.setattr(checks.os, "access", lambda path, mode: False)
    assert {one.id for one in checks.folders()} == {"nikash.E002"}


def test_a_lease_of_no_length(settings):
    settings.JOB_LEASE_SECONDS = 0.0
    assert checks.lease()[0].hint == "Write seconds from 1 to 600, say 15."


def test_a_broker_nobody_can_use():
    with pytest.raises(ImproperlyConfigured, match="write redis://host:6379/0"):
        environment.check_broker("kafka://host")


def test_a_missing_driver_is_named(monkeypatch, tmp_path):
    monkeypatch.setattr(environment, "find_spec", lambda name: None)
    monkeypatch.setenv("DATABASE_URL", "postgres://a:b@host/name")
    with pytest.raises(ImproperlyConfigured, match="psycopg is missing; run make install"):
        environment.database(tmp_path)
    with pytest.raises(ImproperlyConfigured, match="needs the package redis"):
        environment.check_broker("redis://host")


def test_a_log_format_nobody_writes(monkeypatch):
    monkeypatch.setenv("NIKASH_LOG_FORMAT", "xml")
    with pytest.raises(ImproperlyConfigured, match="write one of line, json"):
        logs.settings_of(debug=False)


@pytest.mark.slow
def test_a_worker_says_what_to_write_where_the_database_is_away(tmp_path):
    surroundings = os.environ | {
        "DATABASE_URL": "postgres://nikash:hunter22@127.0.0.1:1/nikash",
        "NIKASH_DATA_DIR": str(tmp_path),
    }
    done = subprocess.run(
        [sys.executable, "manage.py", "worker", "--queues", "training"],
        env=surroundings, capture_output=True, text=True, check=False, cwd=checks.settings.BASE_DIR,
    )  # fmt: skip
    assert done.returncode != 0
    assert "the database does not answer" in done.stderr and "hunter22" not in done.stderr
    assert "Traceback" not in done.stderr
