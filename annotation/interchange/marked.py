"""Texts with an error between <v> and </v>, one line each, as in the tables of WMT and Marot."""

import re
from functools import lru_cache
from typing import Any, NamedTuple

from annotation.interchange.errors import NOWHERE, ErrorReader, Place

TAG = re.compile(r"</?v>")
_UNFIT = re.compile(r"[\t\n\r]|<(?=/?v>)|(?<=<v)>|(?<=</v)>")
_STANDS_FOR = {"<": "‹", ">": "›"}


class Mark(NamedTuple):
    start: int
    quoted: str


@lru_cache(maxsize=256)  # of each text as many times as it was judged, one after the other
def flat(text: str) -> str:
    """The text without tabs, line breaks and tags: a character for each, so that places stay."""
    return _UNFIT.sub(lambda match: _STANDS_FOR.get(match[0], " "), text)


def marked(text: str, error: dict[str, Any] | None) -> str:
    """The text as a cell, with the error's place marked where it has one."""
    text = flat(text)
    if error is None or error["start"] is None:
        return text
    start, end = error["start"], error["end"]
    return f"{text[:start]}<v>{text[start:end]}</v>{text[end:]}"


def find_mark(cell: str) -> Mark | None:
    """Where the first mark lies in the text without tags."""
    start = cell.find("<v>")
    end = cell.find("</v>", start + 3)
    if start < 0 or end < 0:
        return None
    return Mark(len(TAG.sub("", cell[:start])), TAG.sub("", cell[start + 3 : end]))


def place_of(reader: ErrorReader, cell: str, stored: str) -> Place:
    """The marked span in the stored text; quotation marks that a spreadsheet doubled are undone."""
    mark = find_mark(cell)
    if mark is None:
        reader.counts["lost"] += TAG.search(cell) is not None
        return NOWHERE
    text = flat(stored)
    if '""' in cell and '""' not in text:
        mark = find_mark(cell.replace('""', '"')) or mark
    found = reader.place(text, mark.start, mark.start + len(mark.quoted), mark.quoted)
    if found.start is None:
        return found
    return found._replace(quoted=stored[found.start : found.end])
