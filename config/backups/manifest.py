"""What a backup holds: counts and hashes of every table and file, written last, checked first."""

import json
import platform
from dataclasses import asdict, dataclass, field
from typing import Any

import django
from django.utils import timezone

from common.errors import BadInput

NAME = "manifest.json"
FORMAT = 1


@dataclass(frozen=True)
class Piece:
    """A member of the archive; `sha256` is of its bytes, `n_plain` their number when unpacked."""

    name: str
    n_bytes: int
    n_plain: int
    sha256: str


@dataclass
class TableEntry:
    """A table: `sha256` is of its rows in their canonical form, the same on every engine."""

    fields: list[str]
    n_rows: int = 0
    sha256: str = ""
    pieces: list[Piece] = field(default_factory=list)


@dataclass
class Manifest:
    migrations: list[tuple[str, str]]
    tables: dict[str, TableEntry] = field(default_factory=dict)
    files: list[Piece] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)
    format: int = FORMAT
    made_at: str = field(default_factory=lambda: timezone.now().isoformat())
    engine: str = ""
    versions: dict[str, str] = field(
        default_factory=lambda: {"python": platform.python_version(), "django": django.__version__}
    )

    def as_bytes(self) -> bytes:
        return json.dumps(asdict(self), indent=1).encode("ascii") + b"\n"

    @property
    def n_rows(self) -> int:
        return sum(table.n_rows for table in self.tables.values())

    @property
    def n_plain(self) -> int:
        """Bytes of all pieces when they are unpacked."""
        pieces = [piece for table in self.tables.values() for piece in table.pieces]
        return sum(piece.n_plain for piece in [*pieces, *self.files])


def read_manifest(data: bytes) -> Manifest:
    """Raises BadInput where it is not one of ours, or of a format that came later."""
    try:
        found = json.loads(data)
        if _number(found["format"]) > FORMAT:
            raise BadInput(f"is of format {found['format']}, which came later; update Nikash")
        if not found["format"]:
            raise ValueError("no format")
        return Manifest(
            migrations=[(_word(app), _word(name)) for app, name in found["migrations"]],
            tables={_word(label): _table(entry) for label, entry in found["tables"].items()},
            files=[_piece(entry) for entry in found["files"]],
            left_out=[_word(word) for word in found["left_out"]],
            made_at=_word(found["made_at"]),
            engine=_word(found["engine"]),
            versions={_word(key): _word(value) for key, value in found["versions"].items()},
        )
    except (KeyError, TypeError, ValueError, AttributeError, RecursionError) as problem:
        raise BadInput(f"its {NAME} cannot be read; it is no backup of Nikash") from problem


def _table(entry: Any) -> TableEntry:
    return TableEntry(
        fields=[_word(name) for name in entry["fields"]],
        n_rows=_number(entry["n_rows"]),
        sha256=_word(entry["sha256"]),
        pieces=[_piece(piece) for piece in entry["pieces"]],
    )


def _piece(entry: Any) -> Piece:
    return Piece(
        name=_word(entry["name"]),
        n_bytes=_number(entry["n_bytes"]),
        n_plain=_number(entry["n_plain"]),
        sha256=_word(entry["sha256"]),
    )


def _word(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError("not a text")
    return value


def _number(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise TypeError("not a number")
    return value
