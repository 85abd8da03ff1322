"""What is read from the surroundings, and what is made where nothing is there."""

import stat
import threading

import pytest
from django.core.exceptions import ImproperlyConfigured

from config import environment


def test_all_that_start_at_once_take_one_key(tmp_path, monkeypatch):
    monkeypatch.delenv("NIKASH_SECRET_KEY", raising=False)
    gate = threading.Barrier(8)
    found = []

    def start() -> None:
        gate.wait()
        found.append(environment.secret_key(tmp_path))

    threads = [threading.Thread(target=start) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 8 and len(set(found)) == 1 and len(found[0]) > 40
    assert [path.name for path in tmp_path.iterdir()] == ["secret-key"]
    assert stat.S_IMODE((tmp_path / "secret-key").stat().st_mode) == 0o600


def test_an_empty_key_is_told(tmp_path, monkeypatch):
    monkeypatch.delenv("NIKASH_SECRET_KEY", raising=False)
    (tmp_path / "secret-key").touch()
    with pytest.raises(ImproperlyConfigured, match="is empty"):
        environment.secret_key(tmp_path)


def test_only_its_owner_reads_a_new_database(tmp_path, monkeypatch):
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{tmp_path / 'new' / 'site.sqlite3'}")
    environment.database(tmp_path)
    assert stat.S_IMODE((tmp_path / "new" / "site.sqlite3").stat().st_mode) == 0o600


def test_another_engine_is_refused(tmp_path, monkeypatch):
    monkeypatch.setenv("DATABASE_URL", "mysql://user@host/name")
    with pytest.raises(ImproperlyConfigured, match="names an engine that Nikash does not use"):
        environment.database(tmp_path)


def test_threads_of_the_web_server_keep_few_pages_of_sqlite(tmp_path, monkeypatch):
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{tmp_path / 'site.sqlite3'}")
    command = environment.database(tmp_path)["OPTIONS"]["init_command"]
    monkeypatch.setenv("WEB_SLOT", "0")
    own = environment.database(tmp_path)
    assert own["OPTIONS"]["init_command"] == f"{command}PRAGMA cache_size=-512;"
    assert own["CONN_MAX_AGE"] is None
