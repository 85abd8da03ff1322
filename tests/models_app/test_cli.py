"""What every command does with a new or outdated database."""

import errno
import os
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import InterfaceError, OperationalError

ROOT = Path(__file__).resolve().parents[2]


def score(database: Path) -> subprocess.CompletedProcess[str]:
    environment = os.environ | {
        "NIKASH_DATA_DIR": str(database.parent),
        "DATABASE_URL": f"sqlite:///{database}",
    }
    command = [sys.executable, "manage.py", "score", "--dataset", "any", "--metrics", "bleu"]
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True)


def test_a_new_database_gets_its_tables(tmp_path: Path):
    done = score(tmp_path / "new.sqlite3")
    assert done.returncode != 0
    assert done.stderr.splitlines() == [
        "CommandError: there is no dataset called 'any'; known: none yet"
    ]


def test_a_database_that_lacks_migrations_is_a_sentence(tmp_path: Path):
    database = tmp_path / "old.sqlite3"
    with sqlite3.connect(database) as connection:
        connection.execute("CREATE TABLE something (id INTEGER)")
    done = score(database)
    assert done.returncode != 0
    assert done.stderr.splitlines() == [
        "CommandError: the database is out of date; run manage.py migrate first"
    ]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("problem", "sentence"),
    [
        (OperationalError("server closed the connection unexpectedly"), "start it, then repeat"),
        (InterfaceError("connection already closed"), "does not answer any more"),
        (OperationalError("database is locked"), "the database is busy"),
        (OSError(errno.ENOSPC, "No space left on device"), "the disk is full; make room"),
    ],
)
def test_what_goes_away_in_the_middle_is_a_sentence(monkeypatch, problem, sentence):
    def away(*_: object, **__: object) -> None:
        raise problem

    monkeypatch.setattr("models_app.management.commands.load_outputs.Command.handle", away)
    with pytest.raises(CommandError, match=sentence):
        call_command("load_outputs", "file.csv", dataset="d")
