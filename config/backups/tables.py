"""A table's rows as lines of JSON that do not tell which engine they came from."""

import base64
import datetime
import hashlib
import json
import re
import uuid
from collections.abc import Callable, Iterable, Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connections
from django.db.models import Field, Model, QuerySet
from django.db.models.functions import Collate

Row = list[Any]

CHUNK = 500
SMALL_TABLE, SMALL_CHUNK = 10_000, 10  # rows with whole reports in them, a few at a time
PLACES = {"location", "folder", "file"}  # fields that may name a folder of this installation
UTC = datetime.UTC
# Engines write such numbers within JSON differently: 1e16, -0.0, 10000000000000000.
ODD_NUMBER = re.compile(rb"\de\+|-0\.0|\d{17}")


def _moment(value: datetime.datetime) -> str:
    return value.astimezone(UTC).isoformat() if value.tzinfo else value.isoformat()


def _from_moment(text: str) -> datetime.datetime:
    found = datetime.datetime.fromisoformat(text)
    if found.tzinfo is None:
        raise ValueError("a moment without its place")
    return found


def _binary(value: Any) -> str:
    return base64.b64encode(bytes(value)).decode("ascii")


def _duration(value: datetime.timedelta) -> int:
    return value // datetime.timedelta(microseconds=1)


def _from_duration(value: int) -> datetime.timedelta:
    return datetime.timedelta(microseconds=value)


TO_JSON: dict[str, Callable[[Any], Any]] = {
    "DateTimeField": _moment,
    "DateField": datetime.date.isoformat,
    "TimeField": datetime.time.isoformat,
    "DurationField": _duration,
    "UUIDField": str,
    "DecimalField": str,
    "BinaryField": _binary,
}
FROM_JSON: dict[str, Callable[[Any], Any]] = {
    "DateTimeField": _from_moment,
    "DateField": datetime.date.fromisoformat,
    "TimeField": datetime.time.fromisoformat,
    "DurationField": _from_duration,
    "UUIDField": uuid.UUID,
    "DecimalField": Decimal,
    "BinaryField": base64.b64decode,
}


class Table:
    """The rows of one model's table: read in order of the primary key, encoded, decoded."""

    def __init__(self, model: type[Model]) -> None:
        self.model = model
        self.label = model._meta.label_lower
        self.name = model._meta.db_table
        self.fields: list[Field] = [
            field for field in model._meta.local_concrete_fields if not field.generated
        ]
        self.names = [field.attname for field in self.fields]
        kinds = [_stored_as(field) for field in self.fields]
        self._out = _steps(kinds, self.names, TO_JSON, _leave)
        self._in = _steps(kinds, self.names, FROM_JSON, _arrive)
        self._json = [i for i, kind in enumerate(kinds) if kind == "JSONField"]
        self._heavy = bool(self._json) or "BinaryField" in kinds

    def count(self, alias: str) -> int:
        return self.model._base_manager.using(alias).count()

    def values(self, alias: str, queryset: QuerySet | None = None) -> Iterator[Row]:
        """Python values of every row, a chunk in memory at a time."""
        rows = self.model._base_manager.all() if queryset is None else queryset
        rows = rows.using(alias)
        small = self._heavy and rows.count() <= SMALL_TABLE
        ordered = rows.order_by(_by_key(self.model, alias)).values_list(*self.names)
        yield from map(list, ordered.iterator(chunk_size=SMALL_CHUNK if small else CHUNK))

    def encoded(self, row: Row) -> Row:
        for i, step in self._out:
            if row[i] is not None:
                row[i] = step(row[i])
        return row

    def decoded(self, row: Row) -> Row:
        """Raises ValueError or TypeError where a value is not of its field's kind."""
        for i, step in self._in:
            if row[i] is not None:
                row[i] = step(row[i])
        return row

    def canonical(self, row: Row) -> bytes:
        """An encoded row as the bytes that are hashed: the same from every engine."""
        line = _line(row, sort_keys=True)
        if not ODD_NUMBER.search(line) or not self._json:
            return line
        plain = [_plain(cell) if i in self._json else cell for i, cell in enumerate(row)]
        return _line(plain, sort_keys=True)

    def line(self, row: Row) -> bytes:
        return _line(row, sort_keys=False)

    def digest(self, rows: Iterable[Row]) -> "Digest":
        digest = Digest(self)
        for row in rows:
            digest.add(self.encoded(row))
        return digest


class Digest:
    """Counts and hashes a table's encoded rows as they go by."""

    def __init__(self, table: Table) -> None:
        self.table = table
        self.n = 0
        self._hash = hashlib.sha256()

    def add(self, row: Row) -> None:
        self.n += 1
        self._hash.update(self.table.canonical(row))

    @property
    def sha256(self) -> str:
        return self._hash.hexdigest()

    def as_pair(self) -> tuple[int, str]:
        return self.n, self.sha256


def _stored_as(field: Field) -> str:
    target: Any = field
    while target.remote_field:
        target = target.target_field
    return str(target.get_internal_type())


def _steps(
    kinds: list[str],
    names: list[str],
    by_kind: dict[str, Callable[[Any], Any]],
    place: Callable[[str], str],
) -> list[tuple[int, Callable[[Any], Any]]]:
    found: list[tuple[int, Callable[[Any], Any]]] = []
    for i, (kind, name) in enumerate(zip(kinds, names, strict=True)):
        if kind in by_kind:
            found.append((i, by_kind[kind]))
        elif name in PLACES and kind in {"CharField", "TextField"}:
            found.append((i, place))
    return found


def _by_key(model: type[Model], alias: str) -> Any:
    key = model._meta.pk
    if connections[alias].vendor == "postgresql" and _stored_as(key) in {"CharField", "TextField"}:
        return Collate("pk", "C")  # as SQLite sorts
    return "pk"


def _roots() -> list[tuple[str, str]]:
    folders = {"\0data/": settings.DATA_DIR, "\0code/": settings.BASE_DIR}
    return [(mark, f"{Path(folder)}/") for mark, folder in folders.items()]


def _leave(place: str) -> str:
    """A path in this installation's folders without where they are."""
    for mark, root in _roots():
        if place.startswith(root):
            return mark + place.removeprefix(root)
    return place


def _arrive(place: str) -> str:
    for mark, root in _roots():
        if place.startswith(mark):
            return root + place.removeprefix(mark)
    return place


def _line(row: Row, *, sort_keys: bool) -> bytes:
    text = json.dumps(row, sort_keys=sort_keys, separators=(",", ":"))
    return text.encode("ascii") + b"\n"


def _plain(value: Any) -> Any:
    """Numbers within JSON in the one way that every engine gives back."""
    if isinstance(value, dict):
        return {key: _plain(part) for key, part in value.items()}
    if isinstance(value, list):
        return [_plain(part) for part in value]
    if isinstance(value, bool) or not isinstance(value, int | float):
        return value
    if value == 0:
        return 0.0 if isinstance(value, float) else 0
    if isinstance(value, int) and abs(value) >= 10**16:
        return float(value) if abs(value) < 10**300 else str(value)
    return value
