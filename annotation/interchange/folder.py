"""A folder of files, on disk or in a .zip, read without unpacking it anywhere."""

import contextlib
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager
from functools import partial
from itertools import count
from pathlib import Path, PurePosixPath
from typing import Any, BinaryIO

from annotation.interchange.reading import each_element
from common.archives import members
from common.errors import BadInput
from common.problems import Problems

MAX_FILES = 20_000
MAX_BYTES = 1024**3  # all files together
PIECE = 1024**2
UNREADABLE = (
    zipfile.BadZipFile,
    zlib.error,
    EOFError,
    OSError,
    RuntimeError,  # packed with a password
    NotImplementedError,
)


class Folder:
    """Files by their paths in the folder, in which `columns` may name other fields."""

    def __init__(
        self, name: str, files: Mapping[str, Any], columns: Mapping[str, str] | None = None
    ) -> None:
        self.name = name
        self.columns = dict(columns or {})
        self._files = _without_top(files)
        self._n_bytes = 0

    @classmethod
    def on_disk(cls, path: Path, columns: Mapping[str, str] | None = None) -> "Folder":
        found = {}
        for file in sorted(path.rglob("*")):
            if file.is_file():
                found[file.relative_to(path).as_posix()] = file
                _check_number(len(found), path.name)
        return cls(path.name, found, columns)

    @classmethod
    def in_zip(
        cls, stream: BinaryIO, name: str, columns: Mapping[str, str] | None = None
    ) -> "Folder":
        try:
            packed = zipfile.ZipFile(stream)
        except (*UNREADABLE, ValueError) as problem:
            raise BadInput("this is no .zip file, or it is cut off", file=name) from problem
        found = members(packed, name, most_files=MAX_FILES, most_bytes=MAX_BYTES)
        files = {path: Member(packed, info) for path, info in found.items()}
        return cls(name, files, columns)

    def names(self, pattern: str = "*") -> list[str]:
        """Paths that match a pattern such as human-scores/*.score, sorted."""
        return sorted(n for n in self._files if PurePosixPath(n).match(pattern))

    def __contains__(self, name: str) -> bool:
        return name in self._files

    def data(self, name: str) -> bytes:
        """A file's bytes. Raises BadInput where it is not there or cannot be read."""
        with self.open(name) as file, self._readable(name):
            return b"".join(map(self._counted, iter(partial(file.read, PIECE), b"")))

    def open(self, name: str) -> AbstractContextManager[BinaryIO]:
        if name not in self._files:
            raise BadInput(f"there is no file {name} in it", file=self.name)
        with self._readable(name):
            opened: AbstractContextManager[BinaryIO] = self._files[name].open("rb")
            return opened

    def elements(self, name: str, kind: str) -> Iterator[Any]:
        """The elements of a file that is a list in JSON."""
        with self._readable(name):
            yield from each_element(lambda: self.open(name), self.path(name), kind)

    def lines(self, name: str) -> Iterator[str]:
        """A text file's lines without their ends. Raises BadInput for another encoding."""
        with self.open(name) as file, self._readable(name):
            for row in count(1):
                data = self._counted(file.readline(MAX_BYTES + 1 - self._n_bytes))
                if not data:
                    return
                try:
                    text = data.decode()
                except UnicodeDecodeError as problem:
                    raise BadInput("not UTF-8 text", file=self.path(name), row=row) from problem
                if "\0" in text:
                    raise BadInput("has a NUL byte; remove it", file=self.path(name))
                yield text.removesuffix("\n").removesuffix("\r")

    @contextlib.contextmanager
    def _readable(self, name: str) -> Iterator[None]:
        try:
            yield
        except UNREADABLE as problem:
            raise BadInput("cannot be read; send it again", file=self.path(name)) from problem

    def _counted(self, data: bytes) -> bytes:
        self._n_bytes += len(data)
        if self._n_bytes > MAX_BYTES:
            raise BadInput(f"holds more than {MAX_BYTES:,} bytes; split it", file=self.name)
        return data

    def path(self, name: str) -> str:
        return f"{self.name}/{name}" if name else self.name


class Member:
    """A file that is packed still."""

    def __init__(self, packed: zipfile.ZipFile, info: zipfile.ZipInfo) -> None:
        self._packed, self._info = packed, info

    def open(self, mode: str) -> Any:
        return self._packed.open(self._info)


class Sent:
    """A file of a folder that is open already, to be read once."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream

    def open(self, mode: str) -> AbstractContextManager[BinaryIO]:
        return contextlib.nullcontext(self._stream)


@contextlib.contextmanager
def reading(problems: Problems, path: str) -> Iterator[None]:
    """Problems found meanwhile are told of the file at `path`."""
    before, problems.file = problems.file, path
    try:
        yield
    finally:
        problems.file = before


def _check_number(n: int, name: str) -> None:
    if n > MAX_FILES:
        raise BadInput(f"holds more than {MAX_FILES:,} files; send only what is needed", file=name)


def _without_top(files: Mapping[str, Any]) -> dict[str, Any]:
    """Files below a single folder as if they lay at the top; what systems add is left out."""
    kept = {
        name: file
        for name, file in files.items()
        if not any(part.startswith((".", "__MACOSX")) for part in PurePosixPath(name).parts)
    }
    tops = {name.split("/", 1)[0] for name in kept}
    if len(tops) == 1 and all("/" in name for name in kept):
        return _without_top({name.split("/", 1)[1]: file for name, file in kept.items()})
    return kept
