"""A capsule is opened with care: nothing is unpacked to disk, and nothing larger than announced."""

import contextlib
import hashlib
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO

from common.archives import members
from common.errors import BadInput
from common.problems import shown
from common.records import checked_json
from metrics.capsules.writing import CAMPAIGN, MANIFEST, METRICS, MODELS, REPORT, SCHEMA

MOST_FILES = 1000
MOST_BYTES = 2 * 1024**3  # unpacked, all together
MOST_BYTES_READ_WHOLE = 64 * 1024**2
NEEDED = (CAMPAIGN, METRICS, MODELS, REPORT)
BLOCK = 1 << 20
BROKEN = (zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError, RuntimeError)


class Capsule:
    """An open capsule whose files are those of its manifest; `check` before anything is read."""

    def __init__(self, packed: zipfile.ZipFile, name: str) -> None:
        self.name = name
        self._packed = packed
        self._sizes = self._announced()
        self.manifest = self._manifest()

    def check(self) -> int:
        """Compare every file with the manifest; how many there are. Raises BadInput."""
        listed = {entry["name"]: entry for entry in self.manifest["files"]}
        there = set(self._sizes) - {MANIFEST}
        for problem, names in (
            ("is in the manifest and not in the capsule", set(listed) - there),
            ("is in the capsule and not in the manifest", there - set(listed)),
            ("is missing; this is no whole capsule", set(NEEDED) - there),
        ):
            if names:
                raise self._bad(f"{shown(min(names))} {problem}")
        for name, entry in listed.items():
            if self._digest(name) != entry.get("sha256"):
                raise self._bad(f"{shown(name)} is not what the manifest says: its SHA-256 differs")
        return len(listed)

    @contextlib.contextmanager
    def open(self, name: str) -> Iterator[BinaryIO]:
        """A file of the capsule as a stream."""
        try:
            with self._packed.open(name) as stream:
                yield stream
        except BROKEN as problem:
            raise self._bad(f"{shown(name)} cannot be unpacked ({problem})") from problem

    def json(self, name: str) -> Any:
        """A file of JSON, read whole."""
        if self._sizes[name] > MOST_BYTES_READ_WHOLE:
            raise self._bad(f"{shown(name)} has more than {MOST_BYTES_READ_WHOLE:,} bytes")
        with self.open(name) as stream:
            data = stream.read(MOST_BYTES_READ_WHOLE)
        try:
            return checked_json(data.decode("utf-8"))
        except UnicodeDecodeError as problem:
            raise self._bad(f"{shown(name)} is not UTF-8") from problem
        except BadInput as problem:
            raise self._bad(f"{shown(name)}: {problem}") from problem

    def _announced(self) -> dict[str, int]:
        """Names to unpacked sizes."""
        found = members(self._packed, self.name, most_files=MOST_FILES, most_bytes=MOST_BYTES)
        return {name: info.file_size for name, info in found.items()}

    def _manifest(self) -> dict[str, Any]:
        if MANIFEST not in self._sizes:
            raise self._bad(f"has no {MANIFEST}; write one with manage.py capsule")
        found = self.json(MANIFEST)
        files = found.get("files") if isinstance(found, dict) else None
        if not isinstance(files, list) or found.get("schema") != SCHEMA:
            raise self._bad(f"{MANIFEST} is none of the schema {SCHEMA}")
        if not all(isinstance(one, dict) and isinstance(one.get("name"), str) for one in files):
            raise self._bad(f"{MANIFEST} lists something that is no file")
        return found

    def _digest(self, name: str) -> str:
        digest = hashlib.sha256()
        with self.open(name) as stream:
            while block := stream.read(BLOCK):
                digest.update(block)
        return digest.hexdigest()

    def _bad(self, reason: str) -> BadInput:
        return BadInput(reason, file=self.name)


@contextlib.contextmanager
def open_capsule(location: str | Path) -> Iterator[Capsule]:
    """The capsule in a file, not checked yet. Raises BadInput for what is no capsule."""
    path = Path(location)
    try:
        packed = zipfile.ZipFile(path)
    except (zipfile.BadZipFile, NotImplementedError) as problem:
        raise BadInput("is no .zip file, or is cut off", file=path.name) from problem
    except OSError as problem:
        raise BadInput(f"cannot be opened ({problem.strerror})", file=str(path)) from problem
    except ValueError as problem:
        raise BadInput("cannot be opened (no file has such a name)") from problem
    with packed:
        yield Capsule(packed, path.name)
