"""Tables in and out: CSV, TSV and JSON Lines, plain or gzipped, read row by row.

Cells are text exactly as the file has it. TSV is read without quoting (a quotation mark is a
character like any other), as the files of the WMT shared tasks need; CSV follows RFC 4180.
"""

import contextlib
import csv
import gzip
import io
import numbers
import sys
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, BinaryIO

from common.archives import is_bomb
from common.errors import BadInput
from common.problems import BadTable, FirstProblem, Problems, shown
from common.records import Cells, Records, Row, csv_reason

__all__ = [
    "FORMATS",
    "BadTable",
    "Problems",
    "Row",
    "Table",
    "open_table",
    "safe_cell",
    "write_csv",
]

FORMATS = ("csv", "tsv", "jsonl")
MAX_UNPACKED = 4 * 1024**3  # bytes a gzip file may grow to
GZIP_START = b"\x1f\x8b"
FORMULA_STARTS = tuple("=@\t\r\n＝＠")  # with the wide forms that East Asian editions take too
SIGNS = tuple("+-＋－")


class Table:
    """An open table: its name for messages, its format, and its rows.

    `columns` renames: {"key": "seg_id"} reads the field `key` from the column `seg_id`, and hides
    a column that is itself called `key`.
    """

    def __init__(
        self, stream: BinaryIO, name: str, columns: Mapping[str, str] | None = None
    ) -> None:
        self.name = name
        self.columns = dict(columns or {})
        self.length: int | None = None  # bytes of the file, where that is known
        self._sent = _Guard(stream, name)
        self._stream: Any = io.BufferedReader(self._sent)
        suffixes = [suffix.lower() for suffix in Path(name).suffixes]
        if suffixes[-1:] == [".gz"]:
            self._unpack()
            suffixes.pop()
        self.format = suffixes[-1].lstrip(".") if suffixes else ""
        if self.format not in FORMATS and name != "-":
            raise self._bad("the name must end in .csv, .tsv or .jsonl, or one of these and .gz")

    @property
    def share(self) -> float | None:
        """How much of the file was read, 0 to 1; None where its length is not known."""
        return min(1.0, self._sent.n / self.length) if self.length else None

    def rows(
        self,
        required: Sequence[str] = (),
        optional: Sequence[str] = (),
        problems: Problems | None = None,
    ) -> Iterator[Row]:
        """Every row with the fields asked for; other columns keep their own names.

        A bad row goes to `problems` and is left out; without `problems` it is raised.

        Raises BadInput (BadTable after bad rows) where the file as a whole cannot be read: empty,
        not UTF-8, missing or repeated columns, cut off in the middle.
        """
        bad = FirstProblem(self.name) if problems is None else problems
        try:
            self._check_fields([*required, *optional])
            yield from self._rows(required, bad)
        except BadInput as problem:
            bad.stop(problem)

    def _rows(self, required: Sequence[str], bad: Problems) -> Iterator[Row]:
        n_rows, absent = 0, set(self.columns.values())
        for row in self._records(required, bad):
            n_rows += 1
            absent.difference_update(row.cells)
            yield Row(row.number, self._renamed(row.cells)) if self.columns else row
        if absent and n_rows:
            raise self._bad(f"there is no column {shown(min(absent))}; check the renaming")
        if not n_rows and not bad.n:
            raise self._bad("the file has no rows; it needs a header and data")

    def _records(self, required: Sequence[str], bad: Problems) -> Iterator[Row]:
        records = Records(self._stream, self.name, bad, lambda names: self._lack(names, required))
        try:
            self._check_start()
            records.stream = self._stream
            yield from records.read(self.format)
        except (EOFError, gzip.BadGzipFile, zlib.error) as problem:
            raise records.problem(
                "the gzip file is damaged or cut off here; send it again"
            ) from problem
        except csv.Error as problem:
            raise records.problem(csv_reason(str(problem))) from problem
        except OSError as problem:
            raise self._bad(f"cannot be read ({problem.strerror})") from problem

    def _check_start(self) -> None:
        if not self.format and self._stream.peek(2)[:2] == GZIP_START:
            self._unpack()
        start = self._stream.peek(4096)
        if not start:
            raise self._bad("the file is empty")
        if start[:2] in (b"\xff\xfe", b"\xfe\xff"):
            raise self._bad("this is UTF-16 text; save the file as UTF-8")
        if not self.format:
            line = start.removeprefix(b"\xef\xbb\xbf").lstrip().split(b"\n", 1)[0]
            self.format = "jsonl" if line[:1] == b"{" else "tsv" if b"\t" in line else "csv"

    def _unpack(self) -> None:
        packed: Any = gzip.GzipFile(fileobj=self._stream)
        self._stream = io.BufferedReader(_Guard(packed, self.name, self._sent))

    def _check_fields(self, fields: Sequence[str]) -> None:
        for field, column in self.columns.items():
            if field not in fields:
                raise self._bad(
                    f"{shown(column)} cannot be read as {shown(field)}: there is no such field; "
                    f"the fields are {', '.join(fields)}"
                )

    def _lack(self, found: Iterable[str], required: Sequence[str]) -> str | None:
        """What to say about columns that are not there; None where all are."""
        names = list(found)
        missing = [field for field in required if self.columns.get(field, field) not in names]
        if not missing:
            return None
        wanted = ", ".join(self.columns.get(field, field) for field in missing)
        there = ", ".join(shown(name) for name in names[:30]) or "none"
        return (
            f"missing {'column' if len(missing) == 1 else 'columns'} {wanted} "
            f"(found: {there}); add it, or name the column to take for it, as in "
            f"{missing[0]}=COLUMN (on the command line: --map {missing[0]}=COLUMN)"
        )

    def _renamed(self, cells: Cells) -> Cells:
        taken = {*self.columns, *self.columns.values()}
        found = {field: cells[name] for field, name in self.columns.items() if name in cells}
        return found | {name: value for name, value in cells.items() if name not in taken}

    def _bad(self, reason: str) -> BadInput:
        return BadInput(reason, file=self.name)


class _Guard(io.RawIOBase):
    """Passes bytes on and stops a file that unpacks to more than anybody meant to send."""

    def __init__(self, stream: BinaryIO, name: str, packed: "_Guard | None" = None) -> None:
        self._stream, self._name, self._packed = stream, name, packed
        self.n = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        data = self._stream.read(len(buffer))
        self.n += len(data)
        if self.n > MAX_UNPACKED:
            raise BadInput(
                f"has more than {MAX_UNPACKED:,} bytes unpacked; split it", file=self._name
            )
        if self._packed is not None and is_bomb(self.n, self._packed.n):
            raise BadInput("unpacks to far too much; send it as it is", file=self._name)
        buffer[: len(data)] = data
        return len(data)


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
    except ValueError as problem:
        raise BadInput("cannot be opened (no file has such a name)") from problem
    with file:
        table = Table(file, path.name, columns)
        table.length = path.stat().st_size
        yield table


def safe_cell(value: Any) -> Any:
    """A cell that no spreadsheet takes for a formula: an apostrophe stands before = + - @.

    Numbers stay as they are, negative ones too.
    """
    if value is None:
        return ""
    if isinstance(value, numbers.Number):
        return value
    text = str(value)
    if text[:1] in FORMULA_STARTS or (text[:1] in SIGNS and not _is_number(text)):
        return "'" + text
    return text


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
