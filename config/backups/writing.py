"""A backup is written: tables as gzipped lines of JSON and files, in one .tar, the manifest last.

The rows are of one moment, whatever is written meanwhile; memory holds one piece at a time.
"""

import contextlib
import fcntl
import gzip
import hashlib
import io
import os
import tarfile
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from django.conf import settings
from django.db import connections

from common.errors import BadInput
from config.backups import manifest, state
from config.backups.databases import snapshot
from config.backups.files import data_files
from config.backups.manifest import Manifest, Piece, TableEntry
from config.backups.progress import Progress
from config.backups.tables import Digest, Table

PIECE_BYTES = 8 * 2**20
COPY_BYTES = 2**20
LEVEL = 3
# Whoever holds one of these rows is signed in: they stay behind unless they are asked for.
SIGNED_IN = {"sessions.session", "authtoken.token", "api.token", "api.apitoken"}


def write_backup(
    out: Path,
    *,
    alias: str = "default",
    with_models: bool = True,
    with_secret_key: bool = False,
    with_sessions: bool = False,
    shown: bool = False,
) -> Manifest:
    """Write the site's backup to `out`, which is there wholly or not at all.

    Raises BadInput where a file is there already or cannot be written.
    """
    if out.exists():
        raise BadInput("is there already; give another name", file=str(out))
    with _new_file(out) as file, tarfile.open(fileobj=file, mode="w") as tar:
        writer = _Writer(tar, shown=shown)
        with snapshot(alias) as source:
            writer.write_tables(source, with_sessions=with_sessions)
        for path in data_files(with_models=with_models, with_secret_key=with_secret_key):
            writer.write_file(path)
        if not with_models:
            writer.manifest.left_out.append("models")
        if not with_secret_key:
            writer.manifest.left_out.append("secret key")
        writer.add(manifest.NAME, writer.manifest.as_bytes())
    return writer.manifest


class _Writer:
    def __init__(self, tar: tarfile.TarFile, *, shown: bool) -> None:
        self.tar, self.shown = tar, shown
        self.manifest = Manifest(migrations=[])

    def write_tables(self, alias: str, *, with_sessions: bool) -> None:
        self.manifest.migrations = state.applied(alias)
        self.manifest.engine = connections[alias].vendor
        tables = [Table(model) for model in state.models_at(self.manifest.migrations)]
        if not with_sessions:
            self.manifest.left_out.append("sessions and tokens")
            tables = [table for table in tables if table.label not in SIGNED_IN]
        total = sum(table.count(alias) for table in tables)
        progress = Progress(total, "Backing up", shown=self.shown)
        for table in tables:
            self._write_table(table, alias, progress)
        progress.close()

    def _write_table(self, table: Table, alias: str, progress: Progress) -> None:
        entry = TableEntry(fields=table.names)
        digest = Digest(table)
        plain = bytearray()
        for row in progress.each(table.values(alias)):
            digest.add(table.encoded(row))
            plain += table.line(row)
            if len(plain) >= PIECE_BYTES:
                self._write_piece(table.label, entry, plain)
                plain.clear()
        if plain:
            self._write_piece(table.label, entry, plain)
        entry.n_rows, entry.sha256 = digest.as_pair()
        self.manifest.tables[table.label] = entry

    def _write_piece(self, label: str, entry: TableEntry, plain: bytearray) -> None:
        name = f"tables/{label}/{len(entry.pieces):06}.jsonl.gz"
        data = gzip.compress(plain, LEVEL, mtime=0)
        self.add(name, data)
        entry.pieces.append(Piece(name, len(data), len(plain), hashlib.sha256(data).hexdigest()))

    def write_file(self, path: Path) -> None:
        """A file of the data folder; one that is deleted meanwhile is not part of the backup."""
        name = f"files/{path.as_posix()}"
        try:
            file = (Path(settings.DATA_DIR) / path).open("rb")
        except FileNotFoundError:
            return
        except OSError as problem:
            told = f"cannot be read ({problem.strerror}); let this user read it, or move it away"
            raise BadInput(told, file=str(path)) from problem
        with file:
            info = tarfile.TarInfo(name)
            info.size, info.mode = os.fstat(file.fileno()).st_size, 0o600
            hashing = _Hashing(file)
            try:
                self.tar.addfile(info, hashing)  # type: ignore[arg-type]
            except OSError as problem:
                raise BadInput(f"cannot be read whole ({problem})", file=str(path)) from problem
        self.manifest.files.append(Piece(name, info.size, info.size, hashing.sha256.hexdigest()))

    def add(self, name: str, data: bytes) -> None:
        info = tarfile.TarInfo(name)
        info.size, info.mode = len(data), 0o600
        self.tar.addfile(info, io.BytesIO(data))


class _Hashing:
    """A file that hashes what is read from it."""

    def __init__(self, file: BinaryIO) -> None:
        self.file = file
        self.sha256 = hashlib.sha256()

    def read(self, n: int = COPY_BYTES) -> bytes:
        data = self.file.read(n)
        self.sha256.update(data)
        return data


@contextlib.contextmanager
def _new_file(out: Path) -> Iterator[BinaryIO]:
    """A file under a passing name, which gets its own once it is whole and on the disk."""
    part = out.with_name(f".{out.name}.{os.getpid()}.part")
    try:
        out.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        _sweep(out.parent)
        with os.fdopen(os.open(part, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600), "w+b") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield file
            file.flush()
            os.fsync(file.fileno())
        os.link(part, out)  # refuses where somebody else made one meanwhile
        _sync_folder(out.parent)
    except FileExistsError as problem:
        raise BadInput("is there already; give another name", file=str(out)) from problem
    except OSError as problem:
        raise BadInput(f"cannot be written ({problem.strerror})", file=str(out)) from problem
    finally:
        part.unlink(missing_ok=True)


def _sweep(folder: Path) -> None:
    """Remove what killed backups left: nobody holds the lock of theirs any more."""
    for left in folder.glob(".*.part"):
        with contextlib.suppress(OSError), left.open("rb") as file:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            left.unlink()


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
