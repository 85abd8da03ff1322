"""A backup is read: an archive that may be cut off, changed, or made to do harm."""

import contextlib
import gzip
import hashlib
import json
import tarfile
import zlib
from collections.abc import Iterable, Iterator
from pathlib import Path, PurePosixPath
from typing import IO, Any, BinaryIO

from common.archives import is_bomb
from common.errors import BadInput
from common.problems import shown
from config.backups import manifest
from config.backups.files import checked_path
from config.backups.manifest import Piece, TableEntry, read_manifest
from config.backups.tables import Row, Table

MAX_MEMBERS = 1_000_000
MAX_MANIFEST = 512 * 2**20
MAX_LINE = 512 * 2**20
COPY_BYTES = 2**20
MAX_HEADER = 64 * 2**10  # a name, or what else a header says of the file after it
HEADERS = (
    tarfile.XHDTYPE, tarfile.XGLTYPE, tarfile.SOLARIS_XHDTYPE,
    tarfile.GNUTYPE_LONGNAME, tarfile.GNUTYPE_LONGLINK,
)  # fmt: skip
ODD_VALUE = (ValueError, TypeError, AttributeError, ArithmeticError, RecursionError)
UNREADABLE = (tarfile.TarError, OSError, EOFError, zlib.error, ValueError, OverflowError)


class Archive:
    """A backup's members by name. Every method raises BadInput where it is not as we write it."""

    def __init__(self, tar: tarfile.TarFile, name: str) -> None:
        self.tar, self.name = tar, name
        self.members = self._listed()
        data = self._member(manifest.NAME, MAX_MANIFEST)
        try:
            self.manifest = read_manifest(data)
        except BadInput as problem:
            raise self.bad(problem.reason) from problem

    def bad(self, reason: str) -> BadInput:
        return BadInput(reason, file=self.name)

    def check(self) -> None:
        """Every member is announced, whole, and has the hash that it should have."""
        announced: set[str] = {manifest.NAME}
        for label, entry in self.manifest.tables.items():
            for number, piece in enumerate(entry.pieces):
                if piece.name != f"tables/{label}/{number:06}.jsonl.gz":
                    raise self.bad(f"holds a piece of {shown(label)} under another name")
                self._check_piece(piece, announced)
                self._check_size(piece)
        for piece in self.manifest.files:
            self._check_piece(piece, announced)
            if piece.n_plain != piece.n_bytes:
                raise self.bad(f"{shown(piece.name)} is not as it was written; use another backup")
        self._check_paths()
        if self.members.keys() != announced:
            odd = sorted(self.members.keys() ^ announced)[0]
            raise self.bad(f"does not hold what its manifest says; look at {shown(odd)}")

    def path_of(self, piece: Piece) -> str:
        """Where in the data folder a file belongs."""
        try:
            return checked_path(piece.name).as_posix()
        except BadInput as problem:
            raise self.bad(problem.reason) from problem

    def check_fields(self, tables: Iterable[Table]) -> None:
        for table in tables:
            if self.manifest.tables[table.label].fields != table.names:
                raise self.bad(f"the table {shown(table.label)} has other fields than ours")

    def rows(self, table: Table) -> Iterator[Row]:
        """A table's rows as Python values, one at a time; `check_fields` comes first."""
        entry = self.manifest.tables[table.label]
        for piece in entry.pieces:
            for line in self._lines(piece):
                yield self._row(table, entry, line)

    def unpack(self, piece: Piece, place: Path) -> None:
        try:
            place.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            with self._open(piece.name) as packed, place.open("xb") as file:
                place.chmod(0o600)
                while data := packed.read(COPY_BYTES):
                    file.write(data)
        except OSError as problem:
            told = f"{shown(piece.name)} cannot be unpacked ({problem.strerror})"
            raise self.bad(told) from problem

    def _row(self, table: Table, entry: TableEntry, line: bytes) -> Row:
        try:
            row: Any = json.loads(line)
            if not isinstance(row, list) or len(row) != len(entry.fields):
                raise ValueError("not a row")
            return table.decoded(row)
        except ODD_VALUE as problem:
            raise self.bad(f"a row of {shown(table.label)} cannot be read") from problem

    def _lines(self, piece: Piece) -> Iterator[bytes]:
        n = 0
        with (
            self._open(piece.name) as packed,
            self._reading(shown(piece.name)),
            gzip.GzipFile(fileobj=packed, mode="rb") as plain,
        ):
            while line := plain.readline(min(MAX_LINE, piece.n_plain - n) + 1):
                n += len(line)
                if n > piece.n_plain or not line.endswith(b"\n"):
                    raise self.bad(f"{piece.name} unpacks to more than it says")
                yield line
        if n != piece.n_plain:
            raise self.bad(f"{piece.name} unpacks to less than it says")

    def _listed(self) -> dict[str, tarfile.TarInfo]:
        found: dict[str, tarfile.TarInfo] = {}
        with self._reading("the list of its files"):
            for member in self.tar:
                if not member.isreg() or member.issparse() or member.name in found:
                    raise self.bad(f"holds {shown(member.name)}, which no backup of ours does")
                found[member.name] = member
                if len(found) > MAX_MEMBERS:
                    raise self.bad(f"holds more than {MAX_MEMBERS:,} files")
        return found

    def _check_size(self, piece: Piece) -> None:
        if is_bomb(piece.n_plain, piece.n_bytes):
            raise self.bad(f"{piece.name} unpacks to far too much")

    def _check_paths(self) -> None:
        """Every file has a place of its own in the data folder."""
        places = {PurePosixPath(self.path_of(piece)) for piece in self.manifest.files}
        for place in places:
            if any(folder in places for folder in place.parents):
                raise self.bad(f"{shown(place.parent.as_posix())} is both a file and a folder")

    def _check_piece(self, piece: Piece, announced: set[str]) -> None:
        if piece.name in announced or piece.name not in self.members:
            raise self.bad(f"lacks {shown(piece.name)}; it is cut off or was changed")
        announced.add(piece.name)
        digest, n = hashlib.sha256(), 0
        with self._open(piece.name) as packed, self._reading(shown(piece.name)):
            while data := packed.read(COPY_BYTES):
                digest.update(data)
                n += len(data)
        if (n, digest.hexdigest()) != (piece.n_bytes, piece.sha256):
            raise self.bad(f"{shown(piece.name)} is not as it was written; use another backup")

    def _member(self, name: str, most: int) -> bytes:
        if name not in self.members:
            raise self.bad(f"has no {name}: it is cut off, or no backup of Nikash")
        with self._open(name) as packed, self._reading(shown(name)):
            data = packed.read(most + 1)
        if len(data) > most:
            raise self.bad(f"its {name} is too large")
        return data

    def _open(self, name: str) -> IO[bytes]:
        with self._reading(shown(name)):
            packed = self.tar.extractfile(self.members[name])
        if packed is None:
            raise self.bad(f"{shown(name)} cannot be read")
        return packed

    @contextlib.contextmanager
    def _reading(self, what: str) -> Iterator[None]:
        try:
            yield
        except UNREADABLE as problem:
            raise self.bad(f"{what} cannot be read; use another backup") from problem


class _Header(tarfile.TarInfo):
    """One that is read before anything is known of it: tarfile would believe whatever it says."""

    @classmethod
    def frombuf(cls, buf: bytes | bytearray, encoding: str, errors: str) -> "_Header":
        found = super().frombuf(buf, encoding, errors)
        if found.size < 0 or (found.type in HEADERS and found.size > MAX_HEADER):
            raise ValueError(f"a header of {found.size} bytes")
        return found


@contextlib.contextmanager
def opened_archive(path: Path) -> Iterator[Archive]:
    """Raises BadInput where there is no file, or one that is no backup of ours."""
    if path.exists() and not path.is_file():
        raise BadInput("is no file", file=str(path))
    try:
        file = path.open("rb")
    except OSError as problem:
        raise BadInput(f"cannot be opened ({problem.strerror})", file=str(path)) from problem
    with file, _tar_of(file, path) as tar:
        yield Archive(tar, str(path))


def _tar_of(file: BinaryIO, path: Path) -> tarfile.TarFile:
    try:
        return tarfile.TarFile(fileobj=file, mode="r", tarinfo=_Header)
    except UNREADABLE as problem:
        raise BadInput("is no backup of Nikash, or it is cut off", file=str(path)) from problem
