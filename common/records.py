"""Bytes to rows: CSV, TSV and JSON Lines, with the number of the row that is being read.

Lines end at a line feed; a carriage return before it belongs to the end. Each line is decoded by
itself, so that a byte that is not UTF-8 is reported in its own row.
"""

import csv
import json
import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, BinaryIO, NamedTuple, TypeAlias

from common.errors import BadInput
from common.problems import Problems, shown

MAX_CELL = 10_000_000  # characters
MAX_LINE = 32 * 1024**2  # bytes
MAX_DEPTH = 20  # lists and objects inside each other
MAX_DIGITS = 1000

csv.field_size_limit(MAX_CELL)

Cells: TypeAlias = dict[str, Any]
Lack: TypeAlias = Callable[[Iterable[str]], str | None]  # what to say about missing columns


class Row(NamedTuple):
    """A row and its number as a spreadsheet counts: the header is row 1 (JSON Lines: line 1)."""

    number: int
    cells: Cells


class Records:
    """Reads a stream in one format; bad rows go to `bad`, an unreadable stream is raised."""

    def __init__(self, stream: BinaryIO, name: str, bad: Problems, lack: Lack) -> None:
        self.stream = stream
        self.name = name
        self.bad = bad
        self.lack = lack
        self.row = 1  # the row being read

    def problem(self, reason: str) -> BadInput:
        return BadInput(reason, file=self.name, row=self.row)

    def read(self, format_name: str) -> Iterator[Row]:
        return self._json() if format_name == "jsonl" else self._delimited(format_name)

    def _lines(self) -> Iterator[str]:
        encoding = "utf-8-sig"
        while line := self.stream.readline(MAX_LINE + 1):
            if len(line) > MAX_LINE:
                raise self.problem(f"a line has more than {MAX_LINE:,} bytes; split it")
            try:
                yield line.decode(encoding)
            except UnicodeDecodeError as problem:
                byte = problem.object[problem.start]
                raise self.problem(
                    f"not UTF-8 text (byte {byte:#04x}); save the file as UTF-8"
                ) from problem
            encoding = "utf-8"

    def _delimited(self, format_name: str) -> Iterator[Row]:
        lines = self._lines()
        cut = csv.reader(lines, strict=True) if format_name == "csv" else _cut_at_tabs(lines)
        header = self._header(next(cut, []))
        n_columns = len(header)
        while True:
            self.row += 1
            cells = next(cut, None)
            if cells is None:
                return
            if not any(cells):
                continue
            if len(cells) < n_columns or any(cells[n_columns:]):
                self.bad.add(
                    f"{len(cells)} cells where the header has {n_columns}; "
                    "check separators and quotation marks",
                    self.row,
                )
                continue
            row = Row(self.row, dict(zip(header, cells, strict=False)))
            if not self._has_nul(row):
                yield row

    def _header(self, cells: Sequence[str]) -> list[str]:
        names = [name.strip() for name in cells]
        while names and not names[-1]:  # spreadsheets write empty columns at the end
            names.pop()
        if not names:
            raise self.problem("the first row must name the columns")
        for number, name in enumerate(names, start=1):
            if not name:
                raise self.problem(f"column {number} has no name; name it or delete it")
            if "\0" in name:
                raise self.problem("a column's name has a NUL byte; save the file as UTF-8 text")
            if name in names[: number - 1]:
                raise self.problem(
                    f"the column {shown(name)} stands twice in the header; rename one"
                )
        if reason := self.lack(names):
            raise self.problem(reason)
        return names

    def _has_nul(self, row: Row) -> bool:
        for name, cell in row.cells.items():
            if "\0" in cell:
                self.bad.add("has a NUL byte; remove it", row.number, name)
                return True
        return False

    def _json(self) -> Iterator[Row]:
        for line in self._lines():
            if line.strip():
                cells, reason = self._object(line)
                if reason:
                    self.bad.add(reason, self.row)
                else:
                    yield Row(self.row, cells)
            self.row += 1

    def _object(self, line: str) -> tuple[Cells, str | None]:
        """A line's cells, or what is wrong with it."""
        try:
            cells = _json_object(line)
        except ValueError as problem:
            return {}, str(problem)
        except RecursionError:
            return {}, "is nested too deeply; write one flat object a line"
        return cells, self.lack(cells)


def _cut_at_tabs(lines: Iterator[str]) -> Iterator[list[str]]:
    for line in lines:
        yield line.removesuffix("\n").removesuffix("\r").split("\t")


def csv_reason(message: str) -> str:
    """Python's words about unreadable CSV, as a sentence that says what to do."""
    if "unexpected end" in message:
        return "the file ends inside a quoted cell that begins here; close the quotation mark"
    if "field larger" in message:
        return f"a cell has more than {MAX_CELL:,} characters; close its quotation mark or split it"
    if "new-line character" in message:
        return "has a carriage return outside quotation marks; save it with line feeds"
    return f"cannot be read as CSV ({message}); write a quotation mark inside a cell twice"


def _json_object(line: str) -> Cells:
    try:
        value = _json_value(line)
    except json.JSONDecodeError as problem:
        raise ValueError(
            f"not a JSON object ({problem.msg} at character {problem.pos + 1}); "
            "write one object a line"
        ) from problem
    if not isinstance(value, dict):
        raise ValueError("not a JSON object; write one object a line")
    if "\\u" in line or any(isinstance(cell, dict | list) for cell in value.values()):
        for name, cell in value.items():
            check_text(name, "a name")
            check_text(cell, f"column {name}")
    return value


def checked_json(text: str) -> Any:
    """A JSON value as strict as a line of a table.

    Raises BadInput, with the row, for what is no JSON, NaN, repeated names, NUL, half characters.
    """
    try:
        value = _json_value(text)
        check_text(value, "a text")
    except json.JSONDecodeError as problem:
        reason = f"not JSON ({problem.msg} at character {problem.colno}); send the whole file again"
        raise BadInput(reason, row=problem.lineno) from problem
    except RecursionError as problem:
        raise BadInput(f"is nested more than {MAX_DEPTH} levels deep") from problem
    except ValueError as problem:
        raise BadInput(str(problem)) from problem
    return value


def _json_value(text: str) -> Any:
    if "\0" in text:
        raise ValueError("has a NUL byte; remove it")
    return json.loads(text, **STRICT)


def check_text(value: Any, where: str, depth: int = 0) -> None:
    """Refuse what a database or a browser cannot hold: NUL, and half of a character."""
    if depth > MAX_DEPTH:
        raise ValueError(f"{where} is nested too deeply; write one flat object a line")
    if isinstance(value, dict):
        for name, inner in value.items():
            check_text(name, where, depth + 1)
            check_text(inner, where, depth + 1)
    elif isinstance(value, list):
        for inner in value:
            check_text(inner, where, depth + 1)
    elif isinstance(value, str):
        if "\0" in value:
            raise ValueError(f"{where} has a NUL character; remove it")
        if not value.isascii() and any("\ud800" <= char <= "\udfff" for char in value):
            raise ValueError(
                f"{where} has half of a character (a lone surrogate); write the whole character"
            )


def _without_repeats(pairs: list[tuple[str, Any]]) -> Cells:
    cells = dict(pairs)
    if len(cells) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise ValueError(f"{shown(twice)} stands twice in this object; keep one")
    return cells


def _no_constant(name: str) -> Any:
    raise ValueError(f"{name} is not a JSON number; write null or leave it out")


def _finite(text: str) -> float:
    if not math.isfinite(number := float(text)):
        raise ValueError(f"{shown(text)} is too large a number")
    return number


def _whole(text: str) -> int:
    if len(text) > MAX_DIGITS:
        raise ValueError(f"has a number of {len(text)} digits; write it as text")
    return int(text)


STRICT: dict[str, Any] = {
    "parse_constant": _no_constant,
    "parse_float": _finite,
    "parse_int": _whole,
    "object_pairs_hook": _without_repeats,
}
"""How JSON is read everywhere."""
