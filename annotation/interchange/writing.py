"""Rows to bytes, in pieces of a useful size."""

import csv
import io
import json
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, islice
from typing import Any

ROWS = 500  # in a piece
PIECE = 50_000  # characters of a list in a piece, about
_encoder = json.JSONEncoder(ensure_ascii=False, allow_nan=False, separators=(",", ":"))


def compact(value: Any) -> str:
    """One line of JSON, the same for the same value; refuses numbers that JSON does not have."""
    return _encoder.encode(value)


def lines(texts: Iterable[str]) -> Iterator[bytes]:
    """Texts as lines of UTF-8."""
    texts = iter(texts)
    while piece := list(islice(texts, ROWS)):
        yield "".join(f"{text}\n" for text in piece).encode()


def json_lines(values: Iterable[Any]) -> Iterator[bytes]:
    return lines(map(compact, values))


def json_list(values: Iterable[Any]) -> Iterator[bytes]:
    """A JSON list, one element a line."""
    yield b"["
    piece, between = "", "\n"
    for value in values:
        piece += between + compact(value)
        between = ",\n"
        if len(piece) > PIECE:
            yield piece.encode()
            piece = ""
    yield piece.encode()
    yield b"\n]\n"


def tsv(header: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[bytes]:
    """Tab-separated without quoting; the cells must have no tabs and no line breaks."""
    return lines("\t".join(cells) for cells in chain([header], rows))


def csv_rows(rows: Iterable[Sequence[Any]]) -> Iterator[bytes]:
    """RFC 4180 with every cell exactly as it is."""
    rows = iter(rows)
    while piece := list(islice(rows, ROWS)):
        text = io.StringIO(newline="")
        csv.writer(text, lineterminator="\r\n").writerows(piece)
        yield text.getvalue().encode()
