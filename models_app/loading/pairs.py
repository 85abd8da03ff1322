"""Files of training examples that are no tables: two texts line by line, and JSON as a whole."""

import contextlib
import gzip
import io
import re
import zlib
from collections.abc import Iterator, Mapping, Sequence
from itertools import zip_longest
from pathlib import Path
from typing import Any, BinaryIO

from common.archives import is_bomb
from common.errors import BadInput
from common.problems import FirstProblem, Problems
from common.records import MAX_LINE, Row, checked_json
from common.tables import Table, open_table

MAX_BYTES = 1024**3  # of one JSON list, which is read at once
WRAPPED = re.compile(rb'\{\s*"\w+"\s*:\s*\[')  # {"data": [...]} on one line


class LinePairs:
    """Two plain texts whose lines belong together: rows with `source` and `target`."""

    format = "text"

    def __init__(self, source: Path, target: Path) -> None:
        self.paths = (source, target)
        self.name = f"{source.name} and {target.name}"

    def rows(
        self,
        required: Sequence[str] = (),
        optional: Sequence[str] = (),
        problems: Problems | None = None,
    ) -> Iterator[Row]:
        """Raises BadInput where a file cannot be read or one has more lines than the other."""
        sources, targets = map(_lines, self.paths)
        n = 0
        for n, (source, target) in enumerate(zip_longest(sources, targets), start=1):
            if source is None or target is None:
                shorter = self.paths[0] if source is None else self.paths[1]
                raise BadInput(
                    f"{shorter.name} ends here and the other goes on; line n of one must be the "
                    "translation of line n of the other",
                    file=self.name,
                    row=n,
                )
            yield Row(n, {"source": source, "target": target})
        if not n:
            raise BadInput("the files are empty", file=self.name)


class JsonList:
    """A JSON file that holds one list of objects, as some corpora are published."""

    format = "jsonl"

    def __init__(self, stream: BinaryIO, name: str) -> None:
        self.name = name
        self._stream = stream

    def rows(
        self,
        required: Sequence[str] = (),
        optional: Sequence[str] = (),
        problems: Problems | None = None,
    ) -> Iterator[Row]:
        """Objects, numbered from 1. Raises BadInput for what is no list of objects."""
        bad = FirstProblem(self.name) if problems is None else problems
        for number, cells in enumerate(self._values(), start=1):
            if not isinstance(cells, dict):
                bad.add("not a JSON object; write a list of objects", number)
            elif missing := [name for name in required if name not in cells]:
                bad.add(f"has no {' and no '.join(missing)}; add it", number)
            else:
                yield Row(number, cells)

    def _values(self) -> list[Any]:
        data = self._stream.read(MAX_BYTES + 1)
        if len(data) > MAX_BYTES:
            raise BadInput("is too large for one JSON list; write JSON Lines", file=self.name)
        try:
            values = checked_json(data.decode("utf-8-sig"))
        except UnicodeDecodeError as problem:
            raise BadInput("not UTF-8 text; save the file as UTF-8", file=self.name) from problem
        except BadInput as problem:
            raise BadInput(problem.reason, file=self.name, row=problem.row) from problem
        if isinstance(values, dict) and len(values) == 1:
            (values,) = values.values()  # {"data": [...]}
        if not isinstance(values, list) or not values:
            raise BadInput("must hold a list of objects, and at least one", file=self.name)
        return values


def examples_in(stream: BinaryIO, name: str, columns: Mapping[str, str] | None = None) -> Any:
    """A table, or for .json what it holds: JSON Lines under another name, or one list."""
    if not name.lower().endswith(".json"):
        return Table(stream, name, columns)
    buffered = io.BufferedReader(stream) if isinstance(stream, io.RawIOBase) else stream
    if _is_lines(buffered):
        table = Table(buffered, f"{name}l", columns)
        table.name = name
        return table
    if columns:
        raise BadInput("columns of a JSON list cannot be renamed; write JSON Lines", file=name)
    return JsonList(buffered, name)


@contextlib.contextmanager
def open_examples(files: Sequence[str], columns: Mapping[str, str] | None = None) -> Iterator[Any]:
    """One file of examples, or two plain texts; raises BadInput."""
    if len(files) == 2:
        if columns:
            raise BadInput("two plain texts have no columns to rename; leave --map out")
        yield LinePairs(*map(Path, files))
    elif not files[0].lower().endswith(".json"):
        with open_table(files[0], columns) as table:
            yield table
    else:
        path = Path(files[0])
        try:
            file = path.open("rb")
        except (OSError, ValueError) as problem:
            reason = getattr(problem, "strerror", None) or "no file has such a name"
            raise BadInput(f"cannot be opened ({reason})", file=files[0]) from problem
        with file:
            yield examples_in(file, path.name, columns)


def _is_lines(stream: Any) -> bool:
    """Whether a JSON file's first line is an object by itself."""
    start = stream.read(1 << 20)
    stream.seek(0)
    first = start.lstrip(b"\xef\xbb\xbf \t\r\n").split(b"\n", 1)[0].strip()
    return first[:1] == b"{" and first[-1:] == b"}" and not WRAPPED.match(first)


def _lines(path: Path) -> Iterator[str]:
    """Lines without their ends; only LF ends a line, so that no other separator shifts a pair."""
    number = n_bytes = 0
    is_packed = path.suffix == ".gz"
    try:
        with (gzip.open if is_packed else open)(path, "rb") as file:
            n_sent = path.stat().st_size
            while line := file.readline(MAX_LINE + 1):
                number, n_bytes = number + 1, n_bytes + len(line)
                if len(line) > MAX_LINE or (is_packed and is_bomb(n_bytes, n_sent)):
                    raise BadInput(
                        f"a line has more than {MAX_LINE:,} bytes, or all of them far too many",
                        file=path.name,
                        row=number,
                    )
                text = line.removesuffix(b"\n").removesuffix(b"\r")
                yield text.decode("utf-8-sig" if number == 1 else "utf-8")
    except UnicodeDecodeError as problem:
        raise BadInput(
            "not UTF-8 text; save the file as UTF-8", file=path.name, row=number
        ) from problem
    except (OSError, EOFError, zlib.error, ValueError) as problem:
        reason = getattr(problem, "strerror", None) or "it is damaged or cut off"
        raise BadInput(f"cannot be read ({reason})", file=path.name) from problem
