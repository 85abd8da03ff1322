"""Rows go from one place to another, and what arrived is compared with what was sent."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from django.db import transaction

from common.errors import BadInput
from config.backups import loading
from config.backups.progress import Progress, Say
from config.backups.tables import Digest, Row, Table
from models_app.loading.common import count_anew

Source = Callable[[Table], Iterator[Row]]


@dataclass(frozen=True)
class Compared:
    """One table on both sides: number of rows and hash."""

    label: str
    sent: tuple[int, str]
    arrived: tuple[int, str]

    @property
    def same(self) -> bool:
        return self.sent == self.arrived

    def __str__(self) -> str:
        n, sha256 = self.sent
        if self.same:
            return f"{self.label}: {n:,} rows, {sha256[:12]}: the same"
        return f"{self.label}: {n:,} rows sent, {self.arrived[0]:,} arrived: DIFFERENT"


def fill(
    alias: str,
    tables: Sequence[Table],
    source: Source,
    *,
    every_table: Sequence[Table],
    progress: Progress,
) -> dict[str, tuple[int, str]]:
    """Replace all rows by those of `source`; (number, hash) of what was sent, by label.

    Call it within a transaction. `every_table` are those whose rows go.
    """
    loading.wipe(alias, every_table)
    sent = {}
    for table in tables:
        digest = Digest(table)
        loading.load(alias, table, _tapped(progress.each(source(table)), table, digest))
        sent[table.label] = digest.as_pair()
    loading.reset_sequences(alias, tables)
    loading.check_references(alias)
    count_anew(alias)
    return sent


def compare(
    alias: str, tables: Sequence[Table], sent: dict[str, tuple[int, str]], say: Say
) -> list[Compared]:
    """Read every table back, say how it compares; raises BadInput where one differs."""
    found = []
    for table in tables:
        arrived = table.digest(table.values(alias)).as_pair()
        found.append(Compared(table.label, sent[table.label], arrived))
        say(str(found[-1]))
    different = [compared.label for compared in found if not compared.same]
    if different:
        raise BadInput(
            f"what arrived differs from what was sent in {', '.join(different)}; nothing was kept"
        )
    return found


def replace_all(
    alias: str,
    tables: Sequence[Table],
    source: Source,
    *,
    every_table: Sequence[Table],
    progress: Progress,
    say: Say,
    expected: dict[str, tuple[int, str]] | None = None,
    before_commit: Callable[[], None] = lambda: None,
) -> list[Compared]:
    """Fill and compare in one transaction: all of it is there afterwards, or what was before.

    expected : (number, hash) by label; by default those of what was sent
    """
    with transaction.atomic(using=alias):
        sent = fill(alias, tables, source, every_table=every_table, progress=progress)
        progress.close()
        found = compare(alias, tables, expected or sent, say)
        before_commit()
    return found


def _tapped(rows: Iterator[Row], table: Table, digest: Digest) -> Iterator[Row]:
    for row in rows:
        digest.add(table.encoded(list(row)))
        yield row
