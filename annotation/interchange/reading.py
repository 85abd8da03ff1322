"""Whole files of JSON from other tools, read as strictly as our own tables are."""

import tempfile
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, nullcontext
from typing import Any, BinaryIO

from common.elements import NoList, elements
from common.errors import BadInput
from common.records import checked_json as json_value

MAX_BYTES = 1024**3
COPY = 1024**2


class Document:
    """A file that is a list in JSON; `columns` renames fields, as in a table."""

    def __init__(self, stream: BinaryIO, name: str, columns: Any = None) -> None:
        self.name = name
        self.columns = dict(columns or {})
        self._stream = stream

    def elements(self, kind: str) -> Iterator[Any]:
        """The elements one by one. Raises BadInput where it cannot be read, or is no list."""
        if self._stream.seekable():
            yield from each_element(self._again, self.name, kind)
            return
        with tempfile.TemporaryFile() as copy:
            while data := self._stream.read(COPY):
                copy.write(data)
                if copy.tell() > MAX_BYTES:
                    raise _too_long(self.name)
            self._stream = copy
            yield from each_element(self._again, self.name, kind)

    def _again(self) -> AbstractContextManager[BinaryIO]:
        self._stream.seek(0)
        return nullcontext(self._stream)


def each_element(
    reopen: Callable[[], AbstractContextManager[BinaryIO]], name: str, kind: str
) -> Iterator[Any]:
    """The elements of a list in JSON, one at a time in memory.

    Raises BadInput, naming the file and the line, for anything else; perhaps not before some
    elements were given.
    """
    try:
        with reopen() as stream:
            yield from elements(stream, MAX_BYTES)
        return
    except NoList:
        with reopen() as stream:
            data = stream.read(MAX_BYTES + 1)
    if len(data) > MAX_BYTES:
        raise _too_long(name)
    parsed(data, name)
    raise BadInput(f"is no list of {kind}", file=name)


def _too_long(name: str) -> BadInput:
    return BadInput(f"has more than {MAX_BYTES:,} bytes; split it", file=name)


def parsed(data: bytes, name: str) -> Any:
    """JSON in UTF-8. Raises BadInput, naming the file and the line."""
    if not data.strip():
        raise BadInput("the file is empty", file=name)
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as problem:
        row = data[: problem.start].count(b"\n") + 1
        raise BadInput("not UTF-8 text; save the file as UTF-8", file=name, row=row) from problem
    try:
        return json_value(text)
    except BadInput as problem:
        raise BadInput(problem.reason, file=name, row=problem.row) from problem
