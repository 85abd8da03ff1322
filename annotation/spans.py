"""Spans of text: whole characters, words, checked offsets, pieces to draw, repair on import.

Twin of static/js/spans.js: tests/annotation/span_cases.json drives both. Text is never changed.
Offsets count Unicode code points, a span is [start, end), a caret is a span with start == end.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from functools import lru_cache
from itertools import pairwise
from typing import TypedDict

import regex

from common.errors import BadInput
from common.text import cluster_bounds

Span = tuple[int, int]

# Indic_Conjunct_Break=Linker and =Consonant of Unicode 17 (UAX #44), and Gurmukhi and Kannada.
LINKERS = (
    "94D 9CD A4D ACD B4D C4D CCD D4D 1039 17D2 1A60 1B44 1BAB 1CF5-1CF6 A9C0 AAF6 10A3F 11133 "
    "113D0 1193E 11A3A 11A47 11A99 11F42"
)
CONSONANTS = (
    "915-939 958-95F 978-97F 995-9B9 9DC-9DF 9F0-9F1 A15-A39 A59-A5E A95-AB9 AF9 B15-B39 B5C-B5F "
    "B71 C15-C39 C58-C5A C95-CB9 CDD-CDE D15-D3A 1000-102A 103F 1050-1055 105A-105D 1061 "
    "1065-1066 106E-1070 1075-1081 108E 1780-17B3 1A20-1A54 1B0B-1B0C 1B13-1B33 1B45-1B4C "
    "1B83-1BA0 1BAE-1BAF 1BBB-1BBD A989-A98B A98F-A9B2 A9E0-A9E4 A9E7-A9EF A9FA-A9FE AA60-AA6F "
    "AA71-AA73 AA7A AA7E-AA7F AAE0-AAEA ABC0-ABDA 10A00 10A10-10A35 11103-11126 11144 11147 "
    "11380-113B5 11900-1192F 11A00 11A0B-11A32 11A50 11A5C-11A83 11F04-11F33"
)


def _characters(ranges: str) -> str:
    pairs = ([chr(int(code, 16)) for code in part.split("-")] for part in ranges.split())
    return "".join("-".join(pair) for pair in pairs)


_LINKER = regex.compile(f"[{_characters(LINKERS)}]")
# No part of this can fail after a long match: the time is linear in the text.
_MARKS_THEN_CONSONANT = regex.compile(
    rf"([\p{{Grapheme_Extend}}\p{{Emoji_Modifier}}\u200d{_characters(LINKERS)}--\u200c]+)"
    rf"([{_characters(CONSONANTS)}])?",
    regex.V1,
)
# Sinhala joins by virama and ZWJ only; Tamil has two conjuncts, KSSA and SHRII.
_OTHER_CONJUNCT = regex.compile(
    r"\u0dca\u200d(?=[\u0d9a-\u0dc6])|\u0b95\u0bcd(?=\u0bb7)|[\u0bb6\u0bb8]\u0bcd(?=\u0bb0\u0bc0)"
)
_BLANK = regex.compile(r"[\p{Z}\p{Cc}\p{Cf}]+")
_ALONE = regex.compile(
    r"^[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\u30fc\uff70]"
    r"|[\p{Extended_Pictographic}\p{Regional_Indicator}\u20e3]"
)
_LETTER = regex.compile(r"[\p{L}\p{M}]")
_DIGIT = regex.compile(r"\p{N}")
_INNER = frozenset("'’-\u2010\u2011\u00ad\u2060")


def unit_bounds(text: str) -> list[int]:
    """Offsets between units, from 0 to `len(text)`; a span may start and end only there.

    A unit is an extended grapheme cluster (UAX #29), joined to the next one where virama (and
    ZWJ) stands before a consonant: rule GB9c, which not every browser has, without its condition
    on what precedes the virama. As in that rule the two letters' scripts are not compared.
    """
    inside = {
        match.end(1)
        for match in _MARKS_THEN_CONSONANT.finditer(text)
        if match[2] and _LINKER.search(match[1])
    }
    inside.update(match.end() for match in _OTHER_CONJUNCT.finditer(text))
    return [bound for bound in cluster_bounds(text) if bound not in inside]


def unit_spans(text: str) -> list[Span]:
    """[start, end) of every unit."""
    return list(pairwise(unit_bounds(text)))


@lru_cache(maxsize=4096)
def _kind(unit: str) -> str:
    if _BLANK.fullmatch(unit):
        return "blank"
    if _ALONE.search(unit):
        return "alone"
    if _LETTER.search(unit):
        return "letter"
    return "digit" if _DIGIT.search(unit) else "alone"


def word_spans(text: str) -> list[Span]:
    """[start, end) of every word; what lies between words is white space or invisible.

    A word is a run of units with letters, marks or digits, with apostrophes, hyphens and soft
    hyphens between two letters. A Han or Kana unit, an emoji and a sign are words by themselves.
    """
    units = unit_spans(text)
    kinds = [_kind(text[start:end]) for start, end in units]
    words: list[Span] = []
    growing = False
    for index, (start, end) in enumerate(units):
        inner = text[start:end] in _INNER and growing
        inner = inner and kinds[index - 1 : index + 2 : 2] == ["letter", "letter"]
        part = inner or kinds[index] in ("letter", "digit")
        if part and growing:
            words[-1] = (words[-1][0], end)
        elif kinds[index] != "blank":
            words.append((start, end))
        growing = part
    return words


def _place_problem(text: str, start: int, end: int) -> str:
    if any(type(offset) is not int for offset in (start, end)):
        return f"a span's start and end are whole numbers, not {start!r} and {end!r}"
    if not 0 <= start <= end <= len(text):
        return f"the span [{start}, {end}) does not lie in the text, [0, {len(text)})"
    return ""


def _require_place(text: str, start: int, end: int) -> None:
    if problem := _place_problem(text, start, end):
        raise BadInput(problem)


def snap(text: str, start: int, end: int) -> Span:
    """The span widened to whole units; a caret moves to the bound at or before it.

    Raises BadInput where the span does not lie in the text.
    """
    _require_place(text, start, end)
    bounds = unit_bounds(text)
    floor = bounds[bisect_right(bounds, start) - 1]
    return (floor, floor) if start == end else (floor, bounds[bisect_left(bounds, end)])


def is_on_bounds(text: str, start: int, end: int) -> bool:
    """Whether the span lies in the text and cuts no unit."""
    return not _place_problem(text, start, end) and snap(text, start, end) == (start, end)


def quote(text: str, start: int, end: int) -> str:
    """The span's text; "" for a caret. Raises BadInput where it does not lie in the text."""
    _require_place(text, start, end)
    return text[start:end]


def check_quoted(text: str, start: int, end: int, quoted: str) -> None:
    """Raises BadInput unless the span lies in the text and holds `quoted`."""
    found = quote(text, start, end)
    if found != quoted:
        raise BadInput(f"the span [{start}, {end}) holds “{found[:60]}”, not “{quoted[:60]}”")


def check_span(text: str, start: int, end: int, quoted: str) -> None:
    """Raises BadInput unless the span lies in the text, holds `quoted` and cuts no unit."""
    check_quoted(text, start, end, quoted)
    whole = snap(text, start, end)
    if whole != (start, end):
        raise BadInput(
            f"the span [{start}, {end}) cuts a character in two; write [{whole[0]}, {whole[1]})"
        )


def utf16_to_code_points(text: str, offset: int) -> int:
    """An offset in UTF-16 units as code points; within a surrogate pair, the pair's start."""
    passed = 0
    for index, char in enumerate(text):
        passed += 2 if char > "\uffff" else 1
        if passed > offset >= 0:
            return index
    if passed != offset:
        raise BadInput(f"offset {offset} does not lie in the text, 0 to {passed} in UTF-16 units")
    return len(text)


def code_points_to_utf16(text: str, offset: int) -> int:
    """An offset in code points as UTF-16 units, the offset of a browser's strings."""
    _require_place(text, offset, offset)
    return offset + sum(char > "\uffff" for char in text[:offset])


class Piece(TypedDict):
    """A stretch of text and the indexes of the spans over it; start == end at a caret."""

    start: int
    end: int
    marks: list[int]


def segments(text: str, spans: Sequence[Span]) -> list[Piece]:
    """The text cut at every start and end of `spans`: joined, the pieces are the text.

    Carets are empty pieces of their own, before the text that follows them.
    """
    starting: dict[int, list[int]] = {0: [], len(text): []}
    for index, (start, end) in enumerate(spans):
        _require_place(text, start, end)
        starting.setdefault(start, []).append(index)
        starting.setdefault(end, [])
    pieces: list[Piece] = []
    open_spans: list[int] = []
    cuts = sorted(starting)
    for cut, following in zip(cuts, [*cuts[1:], len(text)], strict=True):
        carets = [index for index in starting[cut] if spans[index][1] == cut]
        open_spans = sorted(i for i in [*open_spans, *starting[cut]] if spans[i][1] > cut)
        if carets:
            pieces.append({"start": cut, "end": cut, "marks": carets})
        if cut < following:
            pieces.append({"start": cut, "end": following, "marks": open_spans})
    return pieces


STEPS = {"word": word_spans, "unit": unit_spans}


def word_at(text: str, offset: int, by: str = "word") -> Span | None:
    """The word (or with by="unit" the unit) over the code point at `offset`; None in a gap."""
    return next((span for span in STEPS[by](text) if span[0] <= offset < span[1]), None)


def next_word(text: str, offset: int, by: str = "word") -> Span | None:
    """The first word (or unit) that starts after `offset`; -1 gives the text's first."""
    return next((span for span in STEPS[by](text) if span[0] > offset), None)


def previous_word(text: str, offset: int, by: str = "word") -> Span | None:
    """The last word (or unit) that starts before `offset`; `len(text)` gives the text's last."""
    return next((span for span in reversed(STEPS[by](text)) if span[0] < offset), None)


def cover(anchor: Span, focus: Span) -> Span:
    """The selection from one word or unit to another, in whichever order they stand."""
    return min(anchor[0], focus[0]), max(anchor[1], focus[1])


def extend(text: str, anchor: Span, focus: Span, step: int, by: str = "word") -> tuple[Span, Span]:
    """The focus moved to the next (step 1) or previous (-1) word or unit, and the selection.

    The anchor always stays selected; at the text's ends the focus stays where it is.
    """
    move = next_word if step > 0 else previous_word
    focus = move(text, focus[0], by) or focus
    return focus, cover(anchor, focus)
