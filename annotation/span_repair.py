"""Spans that come from other tools: found again in the text by what they quote."""

from collections.abc import Iterator
from typing import NamedTuple

import regex

from annotation.spans import Span, snap, unit_spans, utf16_to_code_points
from common.errors import BadInput
from common.text import fold_marathi_variants, text_hash

_STRAIGHT = str.maketrans("‘’‚‛′“”„‟″", "'''''\"\"\"\"\"")
_UNSEEN = regex.compile(r"[\s\u00ad\u200b\u2060\ufeff]+")


class Repaired(NamedTuple):
    """Where an imported span lies: `span` in code points on unit bounds, None when lost.

    how: "exact", "inclusive" (the end given was the last character), "utf16" (UTF-16 units),
    "utf16 inclusive", "moved" (elsewhere, or spelt in another way) or "lost".
    widened: whether the span grew because it had cut a unit; then it holds more than was quoted.
    n_places: in how many places the quoted text stands; of several, the nearest was taken.
    """

    how: str
    span: Span | None
    widened: bool = False
    n_places: int = 1


LOST = Repaired("lost", None, n_places=0)


def relocate(text: str, start: int, end: int, quoted: str = "", made_on: str = "") -> Repaired:
    """Finds the span that another tool stored as offsets and, if it did, as quoted text.

    quoted: what the span held; without it the offsets are believed to be code points, [start,
    end), unless `made_on`, the `text_hash` of the text they were counted on, is another text's.
    A place that differs from `quoted` in white space, normalisation form, spelling of the
    eyelash ra, joiners or typographic quotes only counts as its place, too.
    """
    if not quoted:
        same = made_on in ("", text_hash(text))
        return _whole(text, "exact", start, end) if same and _inside(text, start, end) else LOST
    for how, place in _readings(text, start, end):
        if _inside(text, *place) and text[slice(*place)] == quoted:
            return _whole(text, how, *place)
    places = list(_occurrences(text, quoted)) or list(_folded_occurrences(text, quoted))
    if not places:
        return LOST
    nearest = min(places, key=lambda place: abs(place[0] - start))
    return _whole(text, "moved", *nearest)._replace(n_places=len(places))


def _inside(text: str, start: int, end: int) -> bool:
    return 0 <= start <= end <= len(text)


def _whole(text: str, how: str, start: int, end: int) -> Repaired:
    span = snap(text, start, end)
    return Repaired(how, span, widened=span != (start, end))


def _readings(text: str, start: int, end: int) -> Iterator[tuple[str, Span]]:
    yield "exact", (start, end)
    yield "inclusive", (start, end + 1)
    for how, last in (("utf16", end), ("utf16 inclusive", end + 1)):
        try:
            place = utf16_to_code_points(text, start), utf16_to_code_points(text, last)
        except BadInput:
            continue
        yield how, place


def _occurrences(text: str, part: str) -> Iterator[Span]:
    start = text.find(part)
    while start >= 0:
        yield start, start + len(part)
        start = text.find(part, start + 1)


def _fold(text: str) -> str:
    return _UNSEEN.sub("", fold_marathi_variants(text)).translate(_STRAIGHT)


def _folded_occurrences(text: str, quoted: str) -> Iterator[Span]:
    """Whole units that read like `quoted`: each unit is folded alone, so that it can be found."""
    wanted = _fold(quoted)
    if not wanted:
        return
    owners: list[Span] = []
    folded: list[str] = []
    for start, end in unit_spans(text):
        part = _fold(text[start:end])
        folded.append(part)
        owners.extend([(start, end)] * len(part))
    for first, behind in _occurrences("".join(folded), wanted):
        yield owners[first][0], owners[behind - 1][1]
