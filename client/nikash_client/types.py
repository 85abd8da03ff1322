"""What the server answers, as dataclasses; what it may add later is passed over."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any, Self, TypeVar, cast

Json = Mapping[str, Any]
T = TypeVar("T")


def taken(kind: type[T], row: Json, **read: Any) -> T:
    """A dataclass of the row's values of the same names; `read` are those that were read apart."""
    same = {one.name: row[one.name] for one in fields(cast("Any", kind)) if one.name not in read}
    return kind(**same, **read)


def moment(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)


def sure(text: str) -> datetime:
    return datetime.fromisoformat(text)


@dataclass(frozen=True)
class Campaign:
    id: int
    name: str
    state: str  # draft, open, closed
    origin: str
    protocol: str
    dataset: int
    dataset_name: str
    raters_per_item: int
    created_at: datetime
    opened_at: datetime | None

    @classmethod
    def read(cls, row: Json) -> Self:
        times = {"created_at": sure(row["created_at"]), "opened_at": moment(row["opened_at"])}
        return taken(cls, row, **times)


@dataclass(frozen=True)
class Shown:
    """One text to judge; its answer fields begin with `prefix` where an item has several."""

    letter: str
    prefix: str
    text: str

    @classmethod
    def read(cls, row: Json) -> Self:
        return taken(cls, row)


@dataclass(frozen=True)
class Item:
    """What an annotator judges at once. `sequence` is the newest answer's, 0 before any."""

    id: int
    campaign: int
    protocol: str
    source: str
    outputs: tuple[Shown, ...]
    form: Mapping[str, Any]
    sequence: int
    answer: Mapping[str, Any]

    @classmethod
    def read(cls, row: Json) -> Self:
        given = row["given"] or {"sequence": 0, "answer": {}}
        return taken(
            cls,
            row,
            outputs=tuple(Shown.read(one) for one in row["outputs"]),
            sequence=given["sequence"],
            answer=given["answer"],
        )


@dataclass(frozen=True)
class Next:
    """`why` is item, feedback, qualification or done; only the first brings an item."""

    why: str
    item: Item | None

    @classmethod
    def read(cls, row: Json) -> Self:
        return cls(row["why"], Item.read(row["item"]) if row["item"] else None)


@dataclass(frozen=True)
class Saved:
    """`is_new` is false where the same answer was delivered before."""

    sequence: int
    is_new: bool
    is_complete: bool
    next: Next | None

    @classmethod
    def read(cls, row: Json) -> Self:
        return taken(cls, row, next=Next.read(row["next"]) if row["next"] else None)


@dataclass(frozen=True)
class Score:
    """A number for one output, in the protocol's own unit."""

    system: str
    criterion: str
    value: float


@dataclass(frozen=True)
class Span:
    """A marked error; code points [start, end), None for the whole segment."""

    system: str
    side: str
    start: int | None
    end: int | None
    quoted: str
    category: str
    severity: str
    note: str


@dataclass(frozen=True)
class Rating:
    """One annotator's current answer on one item; the annotator by code."""

    id: int
    item: int
    key: str
    purpose: str
    annotator: str
    is_complete: bool
    scores: tuple[Score, ...]
    spans: tuple[Span, ...]
    note: str
    flagged: bool
    active_seconds: float | None
    updated_at: datetime

    @classmethod
    def read(cls, row: Json) -> Self:
        return taken(
            cls,
            row,
            scores=tuple(taken(Score, one) for one in row["scores"]),
            spans=tuple(taken(Span, one) for one in row["spans"]),
            updated_at=sure(row["updated_at"]),
        )


@dataclass(frozen=True)
class Job:
    """Long work of any kind: how far it is, and how it ended."""

    id: int
    kind: str
    name: str
    state: str  # queued, running, done, failed, cancelled
    finished: bool
    n_done: int
    n_total: int
    message: str
    error: str

    @classmethod
    def read(cls, row: Json) -> Self:
        return taken(cls, row)


@dataclass(frozen=True)
class Loaded:
    """What loading a file did, or with `dry_run` would do."""

    dry_run: bool
    n_rows: int
    n_new: int
    n_unchanged: int
    notes: tuple[str, ...]

    @classmethod
    def read(cls, row: Json) -> Self:
        return taken(cls, row, notes=tuple(row["notes"]))
