"""An archive that is no good backup is refused in one sentence, and nothing of it is stored."""

import gzip
import os
import shutil
import tarfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from common.errors import BadInput
from config.backups.databases import opened
from config.backups.restoring import restore, verify
from config.backups.writing import write_backup
from models_app.models import Checkpoint, Dataset, Segment
from tests.backups.conftest import quiet
from tests.backups.forging import Forged, link, piece_of
from tests.servers import sqlite_tables

pytestmark = pytest.mark.django_db
SEGMENT, CHECKPOINT = "models_app.segment", "models_app.checkpoint"
Change = Callable[[Forged], Any]


@pytest.fixture(scope="module")
def good(tmp_path_factory, django_db_setup, django_db_blocker) -> Path:
    """A whole backup of a small site."""
    folder = tmp_path_factory.mktemp("good")
    shutil.copy(sqlite_tables(), folder / "site.sqlite3")
    with (
        django_db_blocker.unblock(),
        opened(f"sqlite:///{folder / 'site.sqlite3'}") as alias,
        pytest.MonkeyPatch.context() as patch,
    ):
        patch.setattr("config.backups.writing.data_files", lambda **_: [])
        dataset = Dataset.objects.using(alias).create(
            name="sent", source_lang="en", target_lang="mr"
        )
        Segment.objects.using(alias).create(dataset=dataset, key="a", position=0, source="Dog")
        Checkpoint.objects.using(alias).create(name="c", location="x", architecture="causal")
        write_backup(folder / "good.tar", alias=alias)
    return folder / "good.tar"


def refused(path: Path, url: str, data_folder: Path, what: str, *, by_both: bool) -> None:
    """Nothing is stored, no file is left, and the reason is one line."""
    with opened(url) as alias:
        ways: list[Callable[[], Any]] = [lambda: restore(path, alias=alias, say=quiet)]
        ways += [lambda: verify(path, say=quiet)] if by_both else []
        for way in ways:
            with pytest.raises(BadInput, match=what) as told:
                way()
            assert "\n" not in told.value.message and len(told.value.message) < 600
        assert not Dataset.objects.using(alias).exists()
    assert {entry.name for entry in data_folder.iterdir()} <= {"running.lock"}


def announce(name: str, **told: Any) -> Change:
    return lambda forged: forged.add_file(name, **told)


def manifest(**told: Any) -> Change:
    return lambda forged: forged.manifest.update(told)


def odd(kind: bytes, name: str = "files/uploads/link") -> Change:
    return lambda forged: forged.odd.append(link(kind, name))


def piece(**told: Any) -> Change:
    return lambda forged: forged.manifest["tables"][SEGMENT]["pieces"][0].update(told)


def entry(**told: Any) -> Change:
    return lambda forged: forged.manifest["tables"][SEGMENT].update(told)


def migrations(change: Callable[[list[Any]], list[Any]]) -> Change:
    return lambda forged: forged.manifest.update(migrations=change(forged.manifest["migrations"]))


def another_tables_rows(forged: Forged) -> None:
    ours, theirs = (forged.manifest["tables"][label] for label in (SEGMENT, CHECKPOINT))
    ours["pieces"] = theirs["pieces"]


def both_a_file_and_a_folder(forged: Forged) -> None:
    forged.add_file("files/uploads/a")
    forged.add_file("files/uploads/a/b")


def lone_surrogate(forged: Forged) -> None:
    forged.manifest["files"].append(piece_of("files/uploads/\ud800", b"", 0))


def changed_table(forged: Forged) -> None:
    name = f"tables/{SEGMENT}/000000.jsonl.gz"
    forged.members[name] = forged.members[name][:-9] + bytes(9)


def bomb(forged: Forged) -> None:
    forged.set_table(SEGMENT, b"[" + b" " * (80 * 2**20) + b"]\n")


NO_BACKUP_DOES, UNREADABLE = "which no backup of ours does", "cannot be read"
WHOLE = {
    "climbs out": (announce("files/../../evil"), NO_BACKUP_DOES),
    "climbs out later": (announce("files/uploads/../../evil"), NO_BACKUP_DOES),
    "is absolute": (announce("files//etc/cron.d/evil"), NO_BACKUP_DOES),
    "is not below files": (announce("uploads/evil"), NO_BACKUP_DOES),
    "is a database": (announce("files/nikash.sqlite3"), NO_BACKUP_DOES),
    "is the lock": (announce("files/running.lock"), NO_BACKUP_DOES),
    "is a pickle of the cache": (announce("files/cache/a.djcache"), NO_BACKUP_DOES),
    "is hidden": (announce("files/.config/evil"), NO_BACKUP_DOES),
    "is longer than a file system takes": (announce(f"files/{'a' * 300}"), NO_BACKUP_DOES),
    "has a backslash": (announce("files/uploads/a\\b"), NO_BACKUP_DOES),
    "is a file and a folder": (both_a_file_and_a_folder, "file and a folder"),
    "symbolic link": (odd(tarfile.SYMTYPE), NO_BACKUP_DOES),
    "hard link": (odd(tarfile.LNKTYPE), NO_BACKUP_DOES),
    "device": (odd(tarfile.CHRTYPE), NO_BACKUP_DOES),
    "folder": (odd(tarfile.DIRTYPE), NO_BACKUP_DOES),
    "twice": (odd(tarfile.REGTYPE, "manifest.json"), NO_BACKUP_DOES),
    "unannounced": (odd(tarfile.REGTYPE, "files/uploads/x"), "does not hold what its manifest"),
    "missing": (lambda forged: forged.members.popitem(), "lacks"),
    "changed": (changed_table, "is not as it was written"),
    "wrong hash": (piece(sha256="0" * 64), "is not as it was written"),
    "half a character in a name": (lone_surrogate, "lacks"),
    "wrong size": (piece(n_bytes=1), "is not as it was written"),
    "gigantic": (piece(n_plain=10**18), "make room|far too much"),
    "gigantic file": (announce("files/uploads/x", n_plain=10**18), "is not as it was written"),
    "bomb": (bomb, "far too much"),
    "rows of another table": (another_tables_rows, "under another name"),
    "later format": (manifest(format=2), "came later; update Nikash"),
    "no format": (manifest(format=0), UNREADABLE),
    "no number": (manifest(format="1"), UNREADABLE),
    "true": (manifest(format=True), UNREADABLE),
    "no tables": (manifest(tables={}), "does not hold what its manifest"),
    "negative": (entry(n_rows=-1), UNREADABLE),
    "no count": (entry(n_rows="many"), UNREADABLE),
    "other fields": (entry(fields=["id"]), "has other fields"),
    "newer": (migrations(lambda all_: [*all_, ["annotation", "9999_x"]]), "a newer release"),
    "a gap": (
        migrations(lambda all_: [m for m in all_ if m[1] != "0001_initial"]),
        "on which others stand",
    ),
    "no release": (migrations(lambda _: []), "names no migration"),
    "no JSON": (lambda forged: setattr(forged, "manifest", b"{"), UNREADABLE),
    "deep JSON": (lambda forged: setattr(forged, "manifest", b"[" * 10**6), UNREADABLE),
    "a list": (lambda forged: setattr(forged, "manifest", [1]), UNREADABLE),
}


@pytest.mark.parametrize("case", WHOLE)
def test_what_is_not_as_we_write_it_is_refused(case, good, empty_url, data_folder, tmp_path):
    change, what = WHOLE[case]
    forged = Forged(good)
    change(forged)
    path = forged.write(tmp_path / "bad.tar")
    refused(path, empty_url, data_folder, what, by_both=True)


def value(field: str, told: Any, label: str = SEGMENT) -> Change:
    return lambda forged: forged.set_value(label, field, told)


def rows(change: Callable[[list[Any]], list[Any]]) -> Change:
    return lambda forged: forged.set_rows(SEGMENT, change(forged.rows(SEGMENT)))


def unpacks_to(n: int) -> Change:
    """So many bytes more than it says."""

    def change(forged: Forged) -> None:
        forged.set_rows(SEGMENT, forged.rows(SEGMENT))
        forged.manifest["tables"][SEGMENT]["pieces"][0]["n_plain"] -= n

    return change


ROWS = {
    "gigantic count": (entry(n_rows=10**15), "differs from what was sent"),
    "wrong hash of the rows": (entry(sha256="0" * 64), "differs from what was sent"),
    "changed value": (value("source", "Cat"), "differs from what was sent"),
    "too short": (rows(lambda all_: [all_[0][:-1]]), "a row of .* cannot be read"),
    "no row": (rows(lambda _: [{"id": 1}]), "a row of .* cannot be read"),
    "no JSON": (lambda forged: forged.set_table(SEGMENT, b"[1,\n"), "a row of .* cannot be read"),
    "unpacks to more": (unpacks_to(9), "unpacks to more than it says"),
    "unpacks to less": (unpacks_to(-9), "unpacks to less than it says"),
    "a word for a number": (value("position", "first"), "cannot hold a row"),
    "a list for a word": (value("key", ["a"]), "differs from what was sent"),
    "a number for a place": (value("location", 7, CHECKPOINT), "a row of .* cannot be read"),
    "no moment": (value("created_at", 7, CHECKPOINT), "a row of .* cannot be read"),
    "a moment nowhere": (
        value("created_at", "2026-01-01", CHECKPOINT), "a row of .* cannot be read",
    ),
    "half a character": (value("source", "\ud800"), "cannot hold a row"),
    "the same key": (rows(lambda all_: all_ * 2), "cannot hold a row"),
    "points nowhere": (value("dataset_id", 77), "points to one that is not there"),
}  # fmt: skip


@pytest.mark.parametrize("case", ROWS)
def test_rows_that_no_table_of_ours_holds_are_refused(case, good, empty_url, data_folder, tmp_path):
    change, what = ROWS[case]
    forged = Forged(good)
    change(forged)
    path = forged.write(tmp_path / "bad.tar")
    refused(path, empty_url, data_folder, what, by_both=False)


def test_what_is_no_archive_or_cut_off_is_refused(good, empty_url, data_folder, tmp_path):
    whole = good.read_bytes()
    path = tmp_path / "bad.tar"
    for data in (b"", b"key,source\na,Dog\n", gzip.compress(whole), b"\0" * 10240, whole[:700]):
        path.write_bytes(data)
        refused(path, empty_url, data_folder, "no backup of Nikash|cut off|another", by_both=True)
    path.write_bytes(whole[: len(whole) // 2])
    refused(path, empty_url, data_folder, "cut off|another", by_both=True)
    refused(tmp_path, empty_url, data_folder, "is no file", by_both=True)
    os.mkfifo(tmp_path / "pipe")
    refused(tmp_path / "pipe", empty_url, data_folder, "is no file", by_both=True)


def test_headers_that_tell_of_terabytes_are_not_read(good, empty_url, data_folder, tmp_path):
    for kind in (tarfile.GNUTYPE_LONGNAME, tarfile.XHDTYPE, tarfile.XGLTYPE):
        info = tarfile.TarInfo("././@LongLink")
        info.type, info.size = kind, 2**40
        path = tmp_path / "bad.tar"
        with path.open("wb") as file:
            file.write(info.tobuf(tarfile.GNU_FORMAT))
            file.truncate(2**40 + 10240)
        refused(path, empty_url, data_folder, "cannot be read|no backup", by_both=True)
    path.unlink()
    behind = tarfile.TarInfo("files/uploads/x")
    behind.pax_headers = {"size": "-1024"}
    forged = Forged(good)
    forged.odd.append(behind)
    path = forged.write(tmp_path / "behind.tar")
    refused(path, empty_url, data_folder, "cannot be read|holds|does not hold", by_both=True)


def test_the_commands_end_with_a_sentence(good, tmp_path):
    forged = Forged(good)
    forged.add_file("files/../../evil")
    path = forged.write(tmp_path / "bad.tar")
    for command in ("verify_backup", "restore"):
        with pytest.raises(CommandError, match=NO_BACKUP_DOES):
            call_command(command, str(path))
    assert not (tmp_path.parent / "evil").exists()
