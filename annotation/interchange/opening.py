"""A file or folder of ratings, opened as its format asks for."""

import contextlib
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from annotation.formats.base import RatingFormat
from common.errors import BadInput
from common.tables import Table


@contextlib.contextmanager
def open_ratings(
    location: str, kind: type[RatingFormat], columns: Mapping[str, str] | None = None
) -> Iterator[Any]:
    """What `kind.judgements` reads, from a path, or from standard input for `-`."""
    if location == "-":
        yield kind.open(sys.stdin.buffer, "-", columns)
        return
    path = Path(location)
    try:
        if path.is_dir():
            yield kind.open_folder(path, columns)
            return
        file = path.open("rb")
    except OSError as problem:
        raise BadInput(f"cannot be opened ({problem.strerror})", file=location) from problem
    except ValueError as problem:
        raise BadInput("cannot be opened (no file has such a name)") from problem
    with file:
        source = kind.open(file, path.name, columns)
        if isinstance(source, Table):
            source.length = path.stat().st_size
        yield source
