"""Whole files of JSON from other tools, read as strictly as our own tables are."""

from typing import Any, BinaryIO

from common.errors import BadInput
from common.records import checked_json as json_value

MAX_BYTES = 1024**3


class Document:
    """A whole file of JSON; `columns` renames fields, as in a table."""

    def __init__(self, stream: BinaryIO, name: str, columns: Any = None) -> None:
        self.name = name
        self.columns = dict(columns or {})
        self._stream = stream

    def value(self) -> Any:
        """What the file holds. Raises BadInput where it cannot be read."""
        data = self._stream.read(MAX_BYTES + 1)
        if len(data) > MAX_BYTES:
            raise BadInput(f"has more than {MAX_BYTES:,} bytes; split it", file=self.name)
        return parsed(data, self.name)


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
