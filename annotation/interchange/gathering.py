"""Judgements whose rows may stand anywhere in a file, gathered outside memory."""

from collections.abc import Iterator
from datetime import datetime
from itertools import islice
from typing import Any, NamedTuple

from annotation.interchange.finding import CHUNK, Sources
from annotation.protocols.base import Answer
from common.shelf import Shelf
from models_app.models import Output


class Judgement(NamedTuple):
    """A rater's answer on the outputs of an item, in slots; `row` is where it begins."""

    row: int
    rater: str
    outputs: tuple[Output, ...]
    answer: Answer
    note: str = ""
    flagged: bool = False
    active_seconds: float | None = None
    given_at: datetime | None = None


class Gathering:
    """Judgements of single outputs by where they belong, in the order in which they came."""

    def __init__(self, sources: Sources) -> None:
        self.sources = sources
        self._shelf = Shelf()
        self._open: tuple[tuple[str | int, ...], Judgement] | None = None

    def growing(self, judgement: Judgement) -> Judgement:
        """The judgement of the same rater on the same output, to which a row may add; or this."""
        key = (judgement.rater, judgement.outputs[0].pk)
        if self._open is None or self._open[0] != key:
            self._close()
            stored = self._shelf.get(key)
            there = judgement if stored is None else _judgement(stored, judgement.outputs[0])
            self._open = (key, there)
        return self._open[1]

    def put(self, judgement: Judgement, *where: str) -> bool:
        """Keep the judgement; whether it takes the place of one before.

        where : besides rater and output, what tells judgements apart
        """
        key = (judgement.rater, *where, judgement.outputs[0].pk)
        if self._shelf.add(key, _plain(judgement)):
            return False
        self._shelf.put(key, _plain(judgement))
        return True

    def put_newest(self, judgement: Judgement) -> bool:
        """Keep the judgement if none stands in a later row; whether there was one."""
        stored = self._shelf.get((judgement.rater, judgement.outputs[0].pk))
        if stored is None or stored[0] < judgement.row:
            self.put(judgement)
        return stored is not None

    def drop(self, *where: str) -> None:
        """Forget the judgements of a rater, or of a rater at a place."""
        self._shelf.drop(where)

    def __iter__(self) -> Iterator[Judgement]:
        self._close()
        stored = iter(self._shelf)
        while chunk := list(islice(stored, CHUNK)):
            outputs = self.sources.by_key({given[2] for given in chunk})
            yield from (_judgement(given, outputs[given[2]]) for given in chunk)

    def _close(self) -> None:
        if self._open is not None:
            self._shelf.put(self._open[0], _plain(self._open[1]))
            self._open = None


def _plain(one: Judgement) -> list[Any]:
    given_at = one.given_at and one.given_at.isoformat()
    said = (one.answer, one.note, one.flagged, one.active_seconds, given_at)
    return [one.row, one.rater, one.outputs[0].pk, *said]


def _judgement(plain: list[Any], output: Output) -> Judgement:
    row, rater, _, *said, given_at = plain
    return Judgement(
        row, rater, (output,), *said, given_at=given_at and datetime.fromisoformat(given_at)
    )
