"""What Appraise writes: rows of scores, marks in them, and batches that name the texts."""

import ast
import csv
from collections.abc import Iterator
from typing import Any, NamedTuple

from annotation.interchange.folder import Folder
from common.errors import BadInput
from common.problems import Problems, shown
from common.records import checked_json, csv_reason
from common.shelf import Shelf

N_COLUMNS = 7  # at least; documents have 12, with batch information 14


class Scored(NamedTuple):
    """A row of scores; `marks` is the column mqm, as it stands."""

    number: int
    rater: str
    system: str
    item: str
    kind: str
    score: str
    document: str
    marks: str
    start: float | None
    end: float | None


class Shown(NamedTuple):
    """The texts that an itemID stands for; None where no batch tells."""

    key: str
    source: str | None
    target: str | None
    document: str


class Mark(NamedTuple):
    first: Any
    last: Any
    severity: str
    category: str


def scored(folder: Folder, name: str, problems: Problems) -> Iterator[Scored]:
    """The rows of a file of scores; bad ones go to `problems`."""
    rows = csv.reader(_lines(folder, name), strict=True)
    number = 0
    while True:
        number += 1
        try:
            cells = next(rows, None)
        except csv.Error as problem:
            raise BadInput(
                csv_reason(str(problem)), file=folder.path(name), row=number
            ) from problem
        if cells is None:
            return
        if not any(cells):
            continue
        if len(cells) < N_COLUMNS:
            problems.add(f"{len(cells)} columns where at least {N_COLUMNS} are wanted", number)
            continue
        yield _scored(number, [*cells, *[""] * (12 - len(cells))], problems)


def _lines(folder: Folder, name: str) -> Iterator[str]:
    is_empty = True
    for number, line in enumerate(folder.lines(name)):
        is_empty = is_empty and not line.removeprefix("\ufeff").strip()
        yield (line if number else line.removeprefix("\ufeff")) + "\n"
    if is_empty:
        raise BadInput("the file is empty", file=folder.path(name))


def _scored(number: int, cells: list[str], problems: Problems) -> Scored:
    rater, system, item, kind, _, _, score, document, _, marks, start, end = cells[:12]
    times = [_seconds(value) for value in (start, end)]
    if None in times and (start or end):
        problems.add(f"{shown(start)} and {shown(end)} are no times", number, "start")
    named = (rater.strip(), system.strip(), item.strip(), kind.strip().upper())
    return Scored(number, *named, score.strip(), document, marks, *times)


def _seconds(value: str) -> float | None:
    try:
        found = float(value)
    except ValueError:
        return None
    return found if 0 < found < float("inf") else None


def read_marks(text: str) -> Iterator[Mark]:
    """The errors in a column mqm: JSON, or, in old exports, as Python writes a list.

    Raises BadInput for anything else.
    """
    found = _literal(text.strip() or "[]")
    if isinstance(found, dict):  # an item of a tutorial
        found = found.get("payload")
    if not isinstance(found, list) or not all(isinstance(mark, dict) for mark in found):
        raise BadInput(f"{shown(text)} is no list of marked errors", column="mqm")
    for mark in found:
        kind, severity = mark.get("error_type"), mark.get("severity")
        path = kind if isinstance(kind, list) else [kind] if kind else []
        if not all(isinstance(part, str) for part in [*path, severity]):
            raise BadInput(f"{shown(mark)} has no severity or kind in words", column="mqm")
        yield Mark(mark.get("start_i"), mark.get("end_i"), severity, "/".join(path))


def _literal(text: str) -> Any:
    try:
        return checked_json(text)
    except BadInput as problem:
        if "'" not in text:
            raise BadInput(problem.reason, column="mqm") from problem
    try:
        return ast.literal_eval(text)
    except (ValueError, SyntaxError, RecursionError, MemoryError) as problem:
        raise BadInput(f"{shown(text)} is no list of marked errors", column="mqm") from problem


class Batches:
    """Items of the .json files beside the scores, by itemID and target."""

    def __init__(self, folder: Folder) -> None:
        self.items = Shelf()
        for name in folder.names("*.json"):
            for number, batch in enumerate(folder.elements(name, "batches"), start=1):
                self._take(batch, folder.path(name), number)

    def _take(self, batch: Any, where: str, number: int) -> None:
        items = batch.get("items") if isinstance(batch, dict) else None
        if not isinstance(items, list):
            raise BadInput("a batch has a list of items", file=where, row=number)
        for item in items:
            texts = ("sourceText", "targetText", "targetID")
            if not isinstance(item, dict) or not all(isinstance(item.get(t), str) for t in texts):
                raise BadInput(f"an item has {', '.join(texts)}", file=where, row=number)
            document = str(item.get("documentID") or "").partition("#")[0]
            shown_texts = (item["sourceText"], item["targetText"], document)
            place = (str(item.get("itemID")), item["targetID"])
            self.items.put(place, [str(item.get("_item") or ""), *shown_texts])

    def item(self, row: Scored) -> Shown:
        """What the batches say of a row; else its itemID is taken for the segment's key."""
        found = self.items.get((row.item, row.system))
        document = row.document.partition("#")[0]
        return Shown(*found) if found else Shown(row.item, None, None, document)
