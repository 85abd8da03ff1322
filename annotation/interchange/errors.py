"""Errors that come in: their severity and category checked, their place found in our texts."""

from collections import Counter
from collections.abc import Mapping
from functools import cached_property
from typing import Any, NamedTuple

from annotation.protocols.base import AnnotationProtocol, Answer
from annotation.protocols.da import checked_number
from annotation.protocols.error_spans import LONGEST_NOTE, ErrorSpanProtocol
from annotation.protocols.esa import ESA
from annotation.span_repair import relocate
from annotation.spans import code_points_to_utf16, utf16_to_code_points
from common.errors import BadInput
from common.problems import Problems, shown

MAX_CATEGORY = 120  # characters
WORDS = {
    "moved": "spans were found again by their quoted text",
    "several": "of them stand in several places; the nearest was taken",
    "utf16": "spans were counted in UTF-16 units",
    "inclusive": "spans were counted to their last character",
    "utf16 inclusive": "spans were counted to their last UTF-16 unit",
    "widened": "spans cut a character in two and were widened",
    "cut": "spans ran past the text and were cut",
    "lost": "spans have no place: their text is not in the stored text",
    "category": "categories were spelt otherwise than in the campaign's tree",
    "note": f"notes on errors had more than {LONGEST_NOTE} characters and were cut",
}


class Place(NamedTuple):
    """Code points [start, end) of a stored text; None where it has no place."""

    start: int | None
    end: int | None
    quoted: str


NOWHERE = Place(None, None, "")


class ErrorReader:
    """Makes a protocol's errors, and counts what had to be repaired."""

    def __init__(self, protocol: AnnotationProtocol, problems: Problems) -> None:
        self.protocol = protocol
        self.problems = problems
        self.counts: Counter[str] = Counter()

    def notes(self) -> list[str]:
        return [
            f"{self.counts[kind]} {words}" for kind, words in WORDS.items() if self.counts[kind]
        ]

    def place(self, stored: str, start: int, end: int, quoted: str) -> Place:
        """The place in the stored text that `quoted`, marked at [start, end), has there."""
        if stored[start:end] == quoted and end <= len(stored):
            return Place(start, end, quoted)
        found = relocate(stored, start, end, quoted)
        self.counts[found.how] += 1
        if found.span is None:
            return Place(None, None, quoted)
        self.counts["several"] += found.n_places > 1
        self.counts["widened"] += found.widened
        return Place(*found.span, stored[slice(*found.span)])

    def error(
        self,
        row: int,
        *,
        side: str = "target",
        place: Place = NOWHERE,
        category: str = "",
        severity: str = "",
        note: str = "",
    ) -> dict[str, Any] | None:
        """An error as our answers have it; None, and a problem, where it cannot be one."""
        severity = severity.strip().lower()
        known = self.protocol.severities if isinstance(self.protocol, ErrorSpanProtocol) else ()
        if severity not in known:
            wanted = f"write {', '.join(known)}"
            self.problems.add(f"no severity {shown(severity)}; {wanted}", row, "severity")
            return None
        if len(category) > MAX_CATEGORY:
            self.problems.add(
                f"has {len(category)} characters; {MAX_CATEGORY} is the most", row, "category"
            )
            return None
        if len(note) > LONGEST_NOTE:
            self.counts["note"] += 1
        return {
            "side": side,
            "start": place.start,
            "end": place.end,
            "quoted": place.quoted,
            "category": self.category(category),
            "severity": severity,
            "note": note[:LONGEST_NOTE],
        }

    def category(self, given: str) -> str:
        """The category as the campaign's tree spells it; one that is not in the tree stays."""
        given = given.strip()
        if isinstance(self.protocol, ESA):
            return ""
        found = self._spellings.get(_folded(given), given)
        self.counts["category"] += found != given
        return found

    @cached_property
    def _spellings(self) -> Mapping[str, str]:
        return {_folded(path): path for path in getattr(self.protocol, "categories", {})}

    def answer(self, score: Any, errors: list[dict[str, Any]]) -> Answer:
        """The answer on a single output; BadInput where the score is not on the scale."""
        if isinstance(self.protocol, ESA):
            number = checked_number(score, 0, 100)
            whole = int(number) if number.is_integer() else number
            return {"outputs": {"0": {"errors": errors, "score": whole}}}
        if isinstance(self.protocol, ErrorSpanProtocol):
            return {"outputs": {"0": {"errors": errors}}}
        return self.protocol.answer_for_score(score)


def _folded(category: str) -> str:
    """`Source error/-` and `source error` are one category."""
    return category.removesuffix("/-").strip().casefold()


def from_utf16(text: str, first: Any, last: Any) -> tuple[int, int]:
    """UTF-16 units [first, last], the last one included, as code points [start, end).

    Raises BadInput where they do not lie in the text.
    """
    for offset in (first, last):
        if isinstance(offset, bool) or not isinstance(offset, int):
            raise BadInput(f"{shown(offset)} is no offset; write a whole number")
    if not 0 <= first <= last:
        raise BadInput(f"a span from {first} to {last} does not lie in the text")
    start, end = utf16_to_code_points(text, first), utf16_to_code_points(text, last)
    if end >= len(text):
        raise BadInput(f"a span from {first} to {last} does not lie in the text")
    return start, end + 1


def to_utf16(text: str, start: int, end: int) -> tuple[int, int]:
    """Code points [start, end), not empty, as UTF-16 units [first, last]."""
    return code_points_to_utf16(text, start), code_points_to_utf16(text, end) - 1
