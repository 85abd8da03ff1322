"""A backup is the site at one moment; restoring gives it back, or leaves things as they were."""

import fcntl
import json
import os
import sqlite3
import stat
import threading

import pytest
from django.contrib.sessions.models import Session
from django.core.management import CommandError, call_command
from django.db import connections
from django.utils import timezone

from annotation.models import Campaign, Rating, RatingEvent
from common.errors import BadInput
from config.backups import loading, rotation, running, state
from config.backups.archive import opened_archive
from config.backups.databases import opened
from config.backups.files import data_files
from config.backups.restoring import restore, verify
from config.backups.tables import Table
from config.backups.writing import write_backup
from models_app.models import Checkpoint
from tests.backups.conftest import quiet


def test_a_restored_site_is_that_of_the_backup(campaign, empty, data_folder, tmp_path):
    (data_folder / "uploads").mkdir()
    (data_folder / "uploads" / "given.csv").write_text("key,source\n", encoding="utf-8")
    (data_folder / "secret-key").write_text("never", encoding="ascii")
    location = str(data_folder / "training" / "1")
    Checkpoint.objects.create(name="tuned", location=location, architecture="causal")
    Session.objects.create(session_key="k", session_data="d", expire_date=timezone.now())
    out = tmp_path / "site.tar"
    made = write_backup(out)
    assert stat.S_IMODE(out.stat().st_mode) == 0o600
    assert [piece.name for piece in made.files] == ["files/uploads/given.csv"]
    assert "sessions.session" not in made.tables and made.tables["annotation.rating"].n_rows == 3

    (data_folder / "uploads" / "given.csv").write_text("changed", encoding="utf-8")
    said = []
    found = restore(out, alias=empty, say=said.append)
    assert all(compared.same for compared in found)
    assert "annotation.rating: 3 rows" in "\n".join(said)
    assert (data_folder / "uploads" / "given.csv").read_text("utf-8") == "key,source\n"
    assert Checkpoint.objects.using(empty).get(name="tuned").location == location
    assert Rating.objects.using(empty).count() == 3
    again = write_backup(tmp_path / "again.tar", alias=empty)
    hashes = {label: entry.sha256 for label, entry in made.tables.items()}
    assert {label: entry.sha256 for label, entry in again.tables.items()} == hashes


def test_paths_follow_the_data_folder(campaign, empty, data_folder, settings, tmp_path):
    location = str(data_folder / "training" / "1")
    Checkpoint.objects.create(name="tuned", location=location, architecture="causal")
    write_backup(tmp_path / "site.tar")
    settings.DATA_DIR = tmp_path / "elsewhere"
    settings.DATA_DIR.mkdir()
    restore(tmp_path / "site.tar", alias=empty, say=quiet)
    new = str(tmp_path / "elsewhere" / "training" / "1")
    assert Checkpoint.objects.using(empty).get(name="tuned").location == new


def test_nothing_is_written_over(campaign, tmp_path):
    out = tmp_path / "site.tar"
    out.write_text("mine", encoding="utf-8")
    with pytest.raises(BadInput, match="is there already"):
        write_backup(out)
    assert out.read_text("utf-8") == "mine" and list(tmp_path.glob(".*")) == []


def test_a_site_with_data_is_replaced_only_when_asked(campaign, empty, data_folder, tmp_path):
    out = tmp_path / "site.tar"
    write_backup(out)
    restore(out, alias=empty, say=quiet)
    Campaign.objects.using(empty).update(seed=7)
    with pytest.raises(BadInput, match="the site has data"):
        restore(out, alias=empty, say=quiet)
    restore(out, replace=True, alias=empty, say=quiet)
    assert Campaign.objects.using(empty).get().seed == 1
    (kept,) = (data_folder / "backups").glob("replaced-*.tar")
    with opened_archive(kept) as archive:
        archive.check()


def test_a_restore_that_breaks_off_leaves_nothing(campaign, empty, tmp_path, monkeypatch):
    out = tmp_path / "site.tar"
    write_backup(out)
    load = loading.load

    def breaks(alias, table, rows):
        if table.label == "models_app.output":
            raise KeyboardInterrupt
        return load(alias, table, rows)

    monkeypatch.setattr(loading, "load", breaks)
    with pytest.raises(KeyboardInterrupt):
        restore(out, alias=empty, say=quiet)
    assert not Campaign.objects.using(empty).exists()
    monkeypatch.undo()
    restore(out, alias=empty, say=quiet)
    assert Campaign.objects.using(empty).exists()


def test_a_backup_is_of_one_moment_while_people_rate(campaign, empty_url, tmp_path):
    write_backup(tmp_path / "first.tar")
    with opened(empty_url) as alias:
        restore(tmp_path / "first.tar", alias=alias, say=quiet)
    path, begun, done = empty_url.removeprefix("sqlite:///"), threading.Event(), threading.Event()
    thread = threading.Thread(target=raise_seeds, args=(path, begun, done))
    thread.start()
    assert begun.wait(60)
    try:
        with opened(empty_url) as alias:
            for number in range(3):
                out = tmp_path / f"busy-{number}.tar"
                write_backup(out, alias=alias)
                campaigns, data = (
                    rows_of(out, "annotation.campaign"),
                    rows_of(out, "accounts.auditentry"),
                )
                assert campaigns[0] == data[0]
    finally:
        done.set()
        thread.join()


def raise_seeds(path, begun, done):
    """Write the same number into two tables, again and again, each time in one transaction."""
    connection = sqlite3.connect(path, timeout=20, isolation_level=None)
    columns = "at, actor_name, action, subject_kind, subject_id, subject_name, details, request_id"
    connection.execute(
        f"INSERT INTO accounts_auditentry ({columns}) VALUES "
        "('2026-01-01', '', 'x', '', '1', '', '{}', '')"
    )
    number = 1
    while not done.is_set():
        number += 1
        connection.execute("BEGIN IMMEDIATE")
        connection.execute("UPDATE accounts_auditentry SET subject_id = ?", [str(number)])
        connection.execute("UPDATE annotation_campaign SET seed = ?", [number])
        connection.execute("COMMIT")
        begun.set()
    connection.close()


def rows_of(path, label):
    """The counter that `raise_seeds` wrote into a table."""
    column = {"annotation.campaign": "seed", "accounts.auditentry": "subject_id"}[label]
    with opened_archive(path) as archive:
        models = state.models_at(archive.manifest.migrations)
        (table,) = [Table(model) for model in models if model._meta.label_lower == label]
        return [int(row[table.names.index(column)]) for row in archive.rows(table)]


def test_verifying_restores_aside(campaign, tmp_path):
    write_backup(tmp_path / "site.tar")
    before = RatingEvent.objects.count()
    assert all(compared.same for compared in verify(tmp_path / "site.tar", say=quiet))
    assert RatingEvent.objects.count() == before


def test_the_site_must_be_stopped(campaign, empty, tmp_path, monkeypatch):
    write_backup(tmp_path / "site.tar")
    monkeypatch.setattr(running, "_held", [])
    running.say_so()
    with pytest.raises(BadInput, match="the site is running"):
        restore(tmp_path / "site.tar", alias=empty, say=quiet)
    os.close(running._held.pop())
    restore(tmp_path / "site.tar", alias=empty, say=quiet)


def test_the_newest_are_kept(tmp_path):
    for day in (1, 2, 3):
        (tmp_path / f"nikash-2026110{day}-030000.tar").touch()
    (tmp_path / "mine.tar").touch()
    assert [path.name for path in rotation.keep_newest(tmp_path, 2)] == [
        "nikash-20261101-030000.tar"
    ]
    assert (tmp_path / "mine.tar").exists()


def test_the_commands_say_what_they_did(campaign, data_folder, capsys):
    call_command("backup", "--keep", "1")
    (made,) = (data_folder / "backups").glob("nikash-*.tar")
    assert "without sessions and tokens, secret key" in capsys.readouterr().err
    with pytest.raises(CommandError, match="the site has data"):
        call_command("restore", str(made))
    with pytest.raises(CommandError, match="cannot be opened"):
        call_command("verify_backup", str(data_folder / "none.tar"))


def test_json_is_hashed_as_every_engine_gives_it_back(campaign):
    table = Table(Campaign)
    place = table.names.index("options")
    rows = [[None] * len(table.names) for _ in range(2)]
    rows[0][place] = json.loads('{"b": 1e16, "a": -0.0, "c": 1e22}')
    rows[1][place] = json.loads('{"a": 0.0, "c": 10000000000000000000000, "b": 10000000000000000}')
    assert table.canonical(rows[0]) == table.canonical(rows[1])
    assert connections["default"].vendor in {"sqlite", "postgresql"}


def test_what_a_killed_backup_left_is_swept_and_a_running_one_is_not(campaign, tmp_path):
    dead, alive = tmp_path / ".a.tar.1.part", tmp_path / ".b.tar.2.part"
    dead.write_bytes(b"half")
    with alive.open("wb") as running:
        fcntl.flock(running, fcntl.LOCK_EX)
        write_backup(tmp_path / "c.tar")
    assert sorted(path.name for path in tmp_path.glob("*.*")) == [".b.tar.2.part", "c.tar"]


def test_the_database_itself_is_no_file_of_the_backup(data_folder, settings, monkeypatch):
    monkeypatch.setitem(settings.DATABASES["default"], "NAME", data_folder / "site.db")
    for name in ("site.db", "site.db-wal", "site.db-turn", "b.sqlite3-turn", "given.db"):
        (data_folder / name).touch()
    found = data_files(with_models=True, with_secret_key=False)
    assert [path.name for path in found] == ["given.db"]


def test_files_go_back_where_the_rows_cannot_be_stored(
    campaign, empty, data_folder, tmp_path, monkeypatch
):
    kept = data_folder / "uploads" / "given.csv"
    kept.parent.mkdir()
    kept.write_text("of the backup", encoding="utf-8")
    write_backup(tmp_path / "site.tar")
    kept.write_text("of the site", encoding="utf-8")

    def full(*_, before_commit, **__):
        before_commit()
        assert kept.read_text("utf-8") == "of the backup"
        raise OSError("the disk is full")

    monkeypatch.setattr("config.backups.restoring.replace_all", full)
    with pytest.raises(OSError, match="the disk is full"):
        restore(tmp_path / "site.tar", alias=empty, say=quiet)
    assert kept.read_text("utf-8") == "of the site"
    assert list(data_folder.glob(".restoring-*")) == []


def test_what_a_killed_restore_unpacked_is_swept(campaign, empty, data_folder, tmp_path):
    write_backup(tmp_path / "site.tar")
    (data_folder / ".restoring-killed" / "uploads").mkdir(parents=True)
    restore(tmp_path / "site.tar", alias=empty, say=quiet)
    assert list(data_folder.glob(".restoring-*")) == []


def test_a_database_of_another_kind_is_refused(campaign):
    with pytest.raises(CommandError, match="names an engine that Nikash does not use"):
        call_command("move", to="mysql://user@host/name")
