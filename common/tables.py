"""Tables in and out: CSV, TSV and JSON Lines, plain or gzipped, read row by row.

Cells are text exactly as the file has it. TSV is read without quoting (a quotation mark is a
character like any other), as the files of the WMT shared tasks need; CSV follows RFC 4180.
"""

import contextlib
import csv
import gzip
import io
import json
import sys
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

from common.errors import BadInput, NikashError

FORMATS = ("csv", "tsv", "jsonl")
MAX_CELL = 10_000_000  # characters
MAX_UNPACKED = 4 * 1024**3  # bytes a gzip file may grow to
SHOWN_PROBLEMS = 20

csv.field_size_limit(MAX_CELL)


class Row(NamedTuple):
    """A row and its number as a spreadsheet counts: the header is row 1 (JSON Lines: line 1)."""

    number: int
    cells: dict[str, Any]


class BadTable(NikashError):
    """A file with rows that cannot be used; nothing of it was stored."""

    def __init__(self, problems: Sequence[BadInput], n_problems: int | None = None) -> None:
        self.problems = list(problems)
        self.n_problems = n_problems or len(self.problems)
        lines = [str(problem) for problem in self.problems[:SHOWN_PROBLEMS]]
        if self.n_problems > len(lines):
            lines.append(f"... and {self.n_problems - len(lines)} more.")
        super().__init__("Nothing was loaded.\n" + "\n".join(lines))


class Problems:
    """Gathers what is wrong with a file, so that every bad row is named, not only the first."""

    KEPT = 500

    def __init__(self, file: str) -> None:
        self.file = file
        self.kept: list[BadInput] = []
        self.n = 0

    def add(self, reason: str, row: int | None = None, column: str | None = None) -> None:
        self.n += 1
        if len(self.kept) < self.KEPT:
            self.kept.append(BadInput(reason, file=self.file, row=row, column=column))

    def raise_if_any(self) -> None:
        if self.n:
            raise BadTable(self.kept, self.n)


class Table:
    """An open table: its name for messages, its format, and its rows.

    `columns` renames: {"key": "seg_id"} reads the field `key` from the column `seg_id`.
    """

    def __init__(
        self, stream: BinaryIO, name: str, columns: Mapping[str, str] | None = None
    ) -> None:
        self.name = name
        self.columns = dict(columns or {})
        buffered = io.BufferedReader(stream) if isinstance(stream, io.RawIOBase) else stream
        suffixes = [suffix.lower() for suffix in Path(name).suffixes]
        if suffixes and suffixes[-1] == ".gz":
            buffered = gzip.GzipFile(fileobj=buffered)  # type: ignore[assignment]
            suffixes.pop()
        self._stream = io.BufferedReader(_Guard(buffered, name))
        self.format = self._format(suffixes[-1].lstrip(".") if suffixes else "")

    def _format(self, suffix: str) -> str:
        if suffix in FORMATS:
            return suffix
        if self.name != "-":
            raise BadInput(
                "the name must end in .csv, .tsv or .jsonl, or one of these and .gz", file=self.name
            )
        line = self._stream.peek(4096).lstrip().split(b"\n", 1)[0]
        return "jsonl" if line.startswith(b"{") else "tsv" if b"\t" in line else "csv"

    def rows(self, required: Sequence[str] = (), optional: Sequence[str] = ()) -> Iterator[Row]:
        """Every row with the fields asked for; other columns keep their own names.

        Raises BadInput where the file as a whole cannot be read: empty, not UTF-8, NUL bytes,
        missing or repeated columns, cut off in the middle.
        """
        reader = self._json_rows() if self.format == "jsonl" else self._delimited_rows()
        renamed = {column: field for field, column in self.columns.items()}
        n_rows = 0
        for row in self._readable(reader):
            cells = {renamed.get(name, name): value for name, value in row.cells.items()}
            if n_rows == 0 or self.format == "jsonl":
                self._check_columns(row, cells, required)
            for field in optional:
                cells.setdefault(field, "")
            n_rows += 1
            yield Row(row.number, cells)
        if not n_rows:
            raise BadInput("the file has no rows; it needs a header and data", file=self.name)

    def _check_columns(self, row: Row, cells: Mapping[str, Any], required: Sequence[str]) -> None:
        missing = [field for field in required if field not in cells]
        if missing:
            found = ", ".join(map(str, row.cells)) or "none"
            raise BadInput(
                f"missing {'column' if len(missing) == 1 else 'columns'} {', '.join(missing)} "
                f"(found: {found}); add it, or rename one with --map {missing[0]}=COLUMN",
                file=self.name,
                row=row.number if self.format == "jsonl" else 1,
            )

    def _readable(self, rows: Iterator[Row]) -> Iterator[Row]:
        number = 0
        while True:
            try:
                row = next(rows)
            except StopIteration:
                return
            except UnicodeDecodeError as problem:
                byte = problem.object[problem.start]
                raise BadInput(
                    f"not UTF-8 text after row {number} (byte {byte:#04x}); save it as UTF-8",
                    file=self.name,
                ) from problem
            except (EOFError, gzip.BadGzipFile, zlib.error) as problem:
                raise BadInput(
                    f"the gzip file is damaged or cut off after row {number}; send it again",
                    file=self.name,
                ) from problem
            except csv.Error as problem:
                raise BadInput(
                    f"cannot be read after row {number} ({problem}); check the quotation marks",
                    file=self.name,
                ) from problem
            number = row.number
            yield row

    def _text(self) -> io.TextIOWrapper:
        start = self._stream.peek(4)[:4]
        if start[:2] in (b"\xff\xfe", b"\xfe\xff"):
            raise BadInput("this is UTF-16 text; save the file as UTF-8", file=self.name)
        if not start:
            raise BadInput("the file is empty", file=self.name)
        return io.TextIOWrapper(self._stream, encoding="utf-8-sig", newline="")

    def _delimited_rows(self) -> Iterator[Row]:
        options: dict[str, Any] = {"strict": True}
        if self.format == "tsv":
            options = {"delimiter": "\t", "quoting": csv.QUOTE_NONE}
        reader = csv.reader(_without_nul(self._text(), self.name), **options)
        header = [name.strip() for name in next(reader, [])]
        self._check_header(header)
        number = 1
        for cells in reader:
            number += 1
            if not cells:
                continue
            if len(cells) != len(header):
                raise BadInput(
                    f"{len(cells)} cells where the header has {len(header)}; "
                    "check separators and quotation marks",
                    file=self.name,
                    row=number,
                )
            yield Row(number, dict(zip(header, cells, strict=True)))

    def _check_header(self, header: Sequence[str]) -> None:
        if not any(header):
            raise BadInput("the first row must name the columns", file=self.name, row=1)
        for name in header:
            if header.count(name) > 1:
                raise BadInput(
                    f"the column {name!r} stands twice in the header; rename one",
                    file=self.name,
                    row=1,
                )

    def _json_rows(self) -> Iterator[Row]:
        text = io.TextIOWrapper(self._stream, encoding="utf-8-sig", newline="\n")
        for number, line in enumerate(_without_nul(text, self.name), start=1):
            if not line.strip():
                continue
            try:
                value = json.loads(line, parse_constant=_no_constant)
            except (ValueError, RecursionError) as problem:
                raise BadInput(
                    f"not a JSON object ({problem}); write one object a line",
                    file=self.name,
                    row=number,
                ) from problem
            if not isinstance(value, dict):
                raise BadInput("write one JSON object a line", file=self.name, row=number)
            yield Row(number, value)


class _Guard(io.RawIOBase):
    """Passes bytes on and stops a file that unpacks to more than anybody meant to send."""

    def __init__(self, stream: BinaryIO, name: str) -> None:
        self._stream, self._name, self._n = stream, name, 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        data = self._stream.read(len(buffer))
        self._n += len(data)
        if self._n > MAX_UNPACKED:
            raise BadInput("the file unpacks to more than 4 GiB; split it", file=self._name)
        buffer[: len(data)] = data
        return len(data)


def _without_nul(lines: Iterable[str], name: str) -> Iterator[str]:
    for number, line in enumerate(lines, start=1):
        if "\0" in line:
            raise BadInput("has a NUL byte; remove it", file=name, row=number)
        yield line


def _no_constant(name: str) -> Any:
    raise ValueError(f"{name} is not a JSON number")


@contextlib.contextmanager
def open_table(location: str | Path, columns: Mapping[str, str] | None = None) -> Iterator[Table]:
    """The table in a file, or on standard input for `-`."""
    if str(location) == "-":
        yield Table(sys.stdin.buffer, "-", columns)
        return
    path = Path(location)
    try:
        file = path.open("rb")
    except OSError as problem:
        raise BadInput(f"cannot be opened ({problem.strerror})", file=str(location)) from problem
    with file:
        yield Table(file, path.name, columns)


def safe_cell(value: Any) -> Any:
    """A cell that no spreadsheet takes for a formula: an apostrophe stands before = + - @.

    Numbers stay as they are, negative ones too.
    """
    if not isinstance(value, str) or not value:
        return "" if value is None else value
    if value[0] in "=@\t\r\n" or (value[0] in "+-" and not _is_number(value)):
        return "'" + value
    return value


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def write_csv(file: Any, header: Sequence[str], rows: Iterable[Sequence[Any]]) -> int:
    """Rows as RFC 4180 CSV with safe cells; returns how many rows were written."""
    writer = csv.writer(file, lineterminator="\r\n")
    writer.writerow([safe_cell(name) for name in header])
    n_rows = 0
    for row in rows:
        writer.writerow([safe_cell(value) for value in row])
        n_rows += 1
    return n_rows
