"""Capsules of every protocol and backups, made whole again after something in them was changed.

Checksums would stop nearly every mutation at the door: they are written anew for seven files in
eight, so that what lies behind the door meets them too.
"""

import contextlib
import gzip
import hashlib
import io
import json
import shutil
import sqlite3
import tarfile
import tempfile
import zipfile
import zlib
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from django.core.management import call_command
from django.db import connection
from django.test.utils import override_settings

from annotation.models import Campaign
from benchmarks.fuzzing.trial import Loader
from common.errors import NikashError
from config.backups import manifest as backups
from config.backups.databases import opened
from config.backups.restoring import restore
from config.backups.state import applied, is_empty, models_at
from config.backups.writing import LEVEL, write_backup
from metrics.analyses.settings import Settings
from metrics.capsules.opening import BROKEN, NEEDED, open_capsule
from metrics.capsules.replaying import replay
from metrics.capsules.writing import MANIFEST, SCHEMA, write_capsule
from metrics.models import ReportRun
from metrics.reports.payload import build_payload, silent
from metrics.reports.version import data_version
from metrics.scoring import create_run, score_run
from models_app.models import Job

QUICK = Settings(resamples=10, permutations=10, metric_permutations=10, calibration_pairs=1000)
LEFT_AS_IT_IS = 8  # one file in so many keeps the checksums it had
UNREADABLE = (*BROKEN, ValueError, KeyError, TypeError, AttributeError, tarfile.TarError)


def empty_site() -> Path:
    """A file with our tables and nothing in them, out of a database in which nothing is yet."""
    path = Path(tempfile.mkdtemp(prefix="nikash-fuzz-backup-")) / "empty.sqlite3"
    if connection.vendor == "sqlite":
        connection.ensure_connection()
        with contextlib.closing(sqlite3.connect(path)) as copy:
            copy.executescript("\n".join(connection.connection.iterdump()))
        return path
    with opened(f"sqlite:///{path}") as alias:
        call_command("migrate", database=alias, verbosity=0, interactive=False)
    return path


def loaders(campaigns: Mapping[str, Campaign], empty: Path) -> list[Loader]:
    """campaigns : closed ones with ratings, by protocol;  empty : what `empty_site` gave"""
    capsules = {f"{name}.zip": _capsule(campaign) for name, campaign in campaigns.items()}
    return [Loader("capsule-replay", capsules, _replayed), _Backups(empty).loader()]


def _capsule(campaign: Campaign) -> bytes:
    scores = create_run(dataset=campaign.dataset, campaign=campaign, metrics=["chrf"])
    score_run(scores, silent)
    scores.state = Job.State.DONE
    scores.save()
    run = ReportRun(
        campaign=campaign,
        payload=build_payload(campaign, settings=QUICK),
        data_version=data_version(campaign),
    )
    file = io.BytesIO()
    write_capsule(campaign, run, file)
    with zipfile.ZipFile(file) as packed:
        return _capsule_of({name: packed.read(name) for name in NEEDED})


def _replayed(path: Path) -> object:
    path.write_bytes(_sealed_capsule(path.read_bytes()))
    with open_capsule(path) as capsule:
        return replay(capsule, keep_as="replayed")


def _sealed_capsule(data: bytes) -> bytes:
    """The same files under a manifest that is right; as it is where it cannot be read."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as packed:
            files = {name: packed.read(name) for name in packed.namelist() if name != MANIFEST}
    except UNREADABLE:
        return data
    if zlib.crc32(data) % LEFT_AS_IT_IS == 0:
        return data
    return _capsule_of(files)


def _capsule_of(files: Mapping[str, bytes]) -> bytes:
    listed = [
        {"name": name, "bytes": len(content), "sha256": _sha256(content)}
        for name, content in files.items()
    ]
    manifest = {"schema": SCHEMA, "campaign": "x", "files": listed}
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as out:
        for name, content in {**files, MANIFEST: json.dumps(manifest).encode()}.items():
            out.writestr(name or "x", content)
    return buffer.getvalue()


def _sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


class _Backups:
    """Backups of a small site; each file is restored into an empty database of its own.

    A backup is given as a .zip of its members with their tables unpacked, which mutates well; it
    is packed as a backup before it is restored.
    """

    def __init__(self, empty: Path) -> None:
        self.empty, self.folder = empty, empty.parent
        self.data = self.folder / "data"
        (self.data / "packages").mkdir(parents=True)
        (self.data / "packages" / "1.txt").write_bytes(b"a package")

    def loader(self) -> Loader:
        with override_settings(DATA_DIR=self.data):
            write_backup(self.folder / "seed.tar")
        with tarfile.open(self.folder / "seed.tar") as tar:
            members = {one.name: tar.extractfile(one).read() for one in tar}  # type: ignore[union-attr]
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as packed:
            for name, data in members.items():
                is_table = name.endswith(".jsonl.gz")
                packed.writestr(
                    name.removesuffix(".gz") if is_table else name,
                    gzip.decompress(data) if is_table else data,
                )
        return Loader(
            "backup", {"backup.zip": buffer.getvalue()}, self.restored, writes=False, slow=6
        )

    def restored(self, path: Path) -> object:
        archive, place = self.folder / "backup.tar", self.folder / "restored.sqlite3"
        archive.write_bytes(_sealed_backup(path.read_bytes()))
        shutil.copy(self.empty, place)
        with override_settings(DATA_DIR=self.data), opened(f"sqlite:///{place}") as alias:
            try:
                return restore(archive, alias=alias, say=lambda _: None)
            except NikashError:
                if not is_empty(alias, models_at(applied(alias))):
                    raise AssertionError("refused, but rows were stored") from None
                raise


def _sealed_backup(data: bytes) -> bytes:
    """The .zip of members as the .tar that a backup is, with hashes that are right."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as packed:
            members = {name: packed.read(name) for name in packed.namelist()}
    except UNREADABLE:
        return data
    named = {
        f"{name}.gz" if name.endswith(".jsonl") else name: (
            gzip.compress(content, LEVEL, mtime=0) if name.endswith(".jsonl") else content
        )
        for name, content in members.items()
    }
    if zlib.crc32(data) % LEFT_AS_IT_IS:
        named[backups.NAME] = _announcing(members, named)
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as tar:
        for name, content in named.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            tar.addfile(info, io.BytesIO(content))
    return buffer.getvalue()


def _announcing(members: Mapping[str, bytes], named: Mapping[str, bytes]) -> bytes:
    """The manifest with right hashes and sizes of every piece; as it is where it is no manifest."""
    told = members.get(backups.NAME, b"")
    try:
        manifest = json.loads(told)
        for entry in manifest["tables"].values():
            entry["pieces"] = [_piece(one["name"], members, named) for one in entry["pieces"]]
            entry["n_rows"] = sum(
                members[one["name"].removesuffix(".gz")].count(b"\n") for one in entry["pieces"]
            )
        manifest["files"] = [_piece(one["name"], members, named) for one in manifest["files"]]
    except (*UNREADABLE, RecursionError):
        return told
    return json.dumps(manifest).encode()


def _piece(name: str, members: Mapping[str, bytes], named: Mapping[str, bytes]) -> dict[str, Any]:
    plain = members[name.removesuffix(".gz")]
    return asdict(backups.Piece(name, len(named[name]), len(plain), _sha256(named[name])))
