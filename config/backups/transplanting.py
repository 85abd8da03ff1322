"""Rows into tables that have others: new keys, and what points to them points to the new ones."""

import itertools
from collections.abc import Iterator
from typing import Any

from django.db import connections
from django.db.models import Max, Min, Model, QuerySet

from common.errors import BadInput
from common.problems import shown
from config.backups import loading
from config.backups.campaign_parts import Part
from config.backups.progress import Progress
from config.backups.tables import CHUNK, Digest, Row, Table

NO_RIGHTS = {"is_staff", "is_superuser"}


class Shift(dict[int, int]):
    """Keys that all move by the same number, in memory that does not grow with them."""

    def __init__(self, low: int, high: int, by: int) -> None:
        super().__init__()
        self.low, self.high, self.by = low, high, by

    def get(self, key: int, default: Any = None) -> Any:
        return key + self.by if self.low <= key <= self.high else default


class Transplant:
    """Copies parts from one database to the other, and knows where each row went."""

    def __init__(self, source: str, target: str, progress: Progress) -> None:
        self.source, self.target, self.progress = source, target, progress
        self.went: dict[type[Model], dict[int, int]] = {}
        self.n_stored = 0

    def part(self, part: Part, rows: QuerySet) -> str:
        """Store a part's rows; what happened, in words."""
        table = Table(part.model)
        values = self.progress.each(table.values(self.source, rows))
        if part.key:
            return self._shared(part, table, values)
        span = rows.using(self.source).aggregate(low=Min("pk"), high=Max("pk"))
        if span["low"] is None:
            self.went[part.model] = {}
            return "none"
        return self._own(table, values, span["low"], span["high"])

    def check(self) -> None:
        loading.check_references(self.target)

    def _own(self, table: Table, values: Iterator[Row], low: int, high: int) -> str:
        first = _reserve(self.target, table, high - low + 1)
        self.went[table.model] = Shift(low, high, first - low)
        sent = Digest(table)
        n = loading.load(self.target, table, self._tapped(table, values, sent))
        stored = table.model._base_manager.filter(pk__range=(first, first + high - low))
        if table.digest(table.values(self.target, stored)).as_pair() != sent.as_pair():
            raise BadInput("what arrived differs from what was sent", file=table.label)
        self.n_stored += n
        return f"{n:,} stored, {sent.sha256[:12]}: the same"

    def _tapped(self, table: Table, values: Iterator[Row], digest: Digest) -> Iterator[Row]:
        for row in values:
            moved = self._moved(table, row)
            digest.add(table.encoded(list(moved)))
            yield moved

    def _shared(self, part: Part, table: Table, values: Iterator[Row]) -> str:
        went = self.went.setdefault(part.model, {})
        own = table.names.index(part.model._meta.pk.attname)
        n_new = n_there = 0
        while chunk := list(itertools.islice(values, CHUNK)):
            old = [row[own] for row in chunk]
            moved = [self._moved(table, row) for row in chunk]
            there = self._there(part, table, moved)
            fresh = []
            for pk, row in zip(old, moved, strict=True):
                found = there.get(_key(part, table, row))
                if found is None:
                    fresh.append((pk, row))
                else:
                    _check_same(part, table, row, found)
                    went[pk] = found[own]
                    n_there += 1
            n_new += self._store(table, fresh, own)
        return f"{n_new:,} stored, {n_there:,} there already"

    def _store(self, table: Table, fresh: list[tuple[int, Row]], own: int) -> int:
        if not fresh:
            return 0
        first = _reserve(self.target, table, len(fresh))
        for new, (old, row) in enumerate(fresh, first):
            row[own] = self.went[table.model][old] = new
        self.n_stored += len(fresh)
        return loading.load(self.target, table, [row for _, row in fresh])

    def _there(self, part: Part, table: Table, rows: list[Row]) -> dict[tuple[Any, ...], Row]:
        near = {}
        for name in part.key:
            place = table.names.index(name)
            near[f"{name}__in"] = {row[place] for row in rows}
        queryset = part.model._base_manager.filter(**near)
        return {_key(part, table, row): row for row in table.values(self.target, queryset)}

    def _moved(self, table: Table, row: Row) -> Row:
        """A row that points to the new places of what it pointed to; its own key is new, too."""
        for place, field in enumerate(table.fields):
            if field.primary_key:
                row[place] = self.went.get(table.model, {}).get(row[place], row[place])
            elif field.remote_field and row[place] is not None:
                row[place] = self._place_of(table, field, row[place])
            elif field.name in NO_RIGHTS:
                row[place] = False
        return row

    def _place_of(self, table: Table, field: Any, key: int) -> int | None:
        new = self.went.get(field.related_model, {}).get(key)
        if new is None and not field.null:
            raise BadInput(f"its {field.name} {key} is not part of the move", file=table.label)
        return new


def _key(part: Part, table: Table, row: Row) -> tuple[Any, ...]:
    return tuple(row[table.names.index(name)] for name in part.key)


def _check_same(part: Part, table: Table, ours: Row, theirs: Row) -> None:
    for name in part.same:
        place = table.names.index(name)
        if ours[place] != theirs[place]:
            key = ", ".join(str(value) for value in _key(part, table, ours))
            raise BadInput(
                f"the database of --to has another {part.model._meta.verbose_name} {shown(key)}: "
                f"its {name} differs; give one of the two another name"
            )


def _reserve(alias: str, table: Table, n: int) -> int:
    """The first of n keys that nobody else will be given."""
    connection = connections[alias]
    quoted, key = connection.ops.quote_name(table.name), table.model._meta.pk.column
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT coalesce(max({connection.ops.quote_name(key)}), 0) FROM {quoted}")
        largest = int(cursor.fetchone()[0])
        if connection.vendor != "postgresql":
            return largest + 1
        cursor.execute("SELECT pg_get_serial_sequence(%s, %s)", [quoted, key])
        sequence = cursor.fetchone()[0]
        cursor.execute(
            f"SELECT setval(%s, greatest(%s, (SELECT last_value FROM {sequence})) + %s)",
            [sequence, largest, n],
        )
        return int(cursor.fetchone()[0]) - n + 1
