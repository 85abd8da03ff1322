"""A table of items with known answers, row by row: what is shown, what is expected, and why."""

import re
from collections.abc import Mapping
from typing import Any, NamedTuple

from annotation.expectations import PREFERENCE, TIE, is_known
from annotation.models import Campaign, Item
from annotation.protocols.base import AnnotationProtocol
from annotation.protocols.da import checked_number
from annotation.protocols.error_spans import MOST_ERRORS, ErrorSpanProtocol
from common.errors import BadInput
from common.problems import Problems, shown
from common.tables import Row
from models_app.loading.common import identifier, text

REQUIRED = ("key", "output")
OPTIONAL = (
    "other_output",
    "score",
    "score_min",
    "score_max",
    "errors_min",
    "errors_max",
    PREFERENCE,
    "explanation",
)
PREFERENCES: Mapping[str, int | str] = {"output": 0, "other_output": 1, TIE: TIE}
HIGHEST = {"sqm": 6.0, "esa": 100.0, "questionnaire": 5.0}
MOST = 1e6  # of penalties, which have no highest
LONGEST_EXPLANATION = 2000
_EXPLANATION = re.compile(r"explanation_([A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8})*)\Z")
UNNAMED_LANGUAGE = "en"


class QualityRow(NamedTuple):
    """One row, checked: the texts in slots, and `Item.expected`."""

    number: int
    key: str
    texts: tuple[str, ...]
    expected: dict[str, Any]


class RowReader:
    """Reads the rows for one campaign and purpose; what is wrong goes to `problems`."""

    def __init__(self, campaign: Campaign, purpose: str, problems: Problems) -> None:
        self.protocol: AnnotationProtocol = campaign.protocol_object
        self.highest = HIGHEST.get(campaign.protocol, MOST)
        self.keys = set(campaign.dataset.segments.values_list("key", flat=True))
        self.dataset = campaign.dataset
        self.purpose = purpose
        self.problems = problems
        self.seen: dict[tuple[str, tuple[str, ...]], int] = {}

    def read(self, row: Row) -> QualityRow | None:
        """The row; None, and a problem, where it cannot be used."""
        before = self.problems.n
        key = identifier(row, "key", self.problems)
        if key is not None and key not in self.keys:
            self.problems.add(f"{self.dataset} has no segment {shown(key)}", row.number, "key")
        texts = self._texts(row)
        expected = self._expected(row)
        if self.problems.n > before or key is None or texts is None:
            return None
        first = self.seen.setdefault((key, texts), row.number)
        if first != row.number:
            self.problems.add(f"is the same item as row {first}; leave one out", row.number, "key")
            return None
        return QualityRow(row.number, key, texts, expected)

    def _texts(self, row: Row) -> tuple[str, ...] | None:
        output = text(row, "output", self.problems, required=True)
        if not self.protocol.compares:
            if row.cells.get("other_output") not in (None, ""):
                self.problems.add(
                    f"{self.protocol.label} shows one output at a time; leave the column out",
                    row.number,
                    "other_output",
                )
            return None if output is None else (output,)
        other = text(row, "other_output", self.problems, required=True)
        if output is None or other is None:
            return None
        if output == other:
            self.problems.add(
                "is the same text as output; a comparison needs two", row.number, "other_output"
            )
        return output, other

    def _expected(self, row: Row) -> dict[str, Any]:
        expected: dict[str, Any] = {}
        for name in ("score", "score_min", "score_max"):
            if (value := self._number(row, name, self.highest, self._takes_scores())) is not None:
                ends = ("score_min", "score_max") if name == "score" else (name,)
                expected |= dict.fromkeys(ends, value)
        marks = isinstance(self.protocol, ErrorSpanProtocol)
        for name in ("errors_min", "errors_max"):
            if (value := self._number(row, name, MOST_ERRORS, marks)) is not None:
                if not value.is_integer():
                    self.problems.add(f"{value:g} is no whole number", row.number, name)
                expected[name] = int(value)
        if (preferred := self._preference(row)) is not None:
            expected[PREFERENCE] = preferred
        self._check_ends(row, expected)
        if explanation := self._explanation(row):
            expected["explanation"] = explanation
        if not is_known(expected) and self.purpose != Item.Purpose.TRAINING:
            self.problems.add(
                f"says not what is expected; fill in {self._expectations()}", row.number
            )
        return expected

    def _takes_scores(self) -> bool:
        return self.protocol.main_criterion != PREFERENCE

    def _expectations(self) -> str:
        names = ["score, score_min or score_max"] if self._takes_scores() else []
        names += (
            ["errors_min or errors_max"] if isinstance(self.protocol, ErrorSpanProtocol) else []
        )
        names += [PREFERENCE] if self.protocol.compares else []
        return ", or ".join(names)

    def _number(self, row: Row, name: str, highest: float, is_taken: bool) -> float | None:
        value = row.cells.get(name)
        if value in (None, ""):
            return None
        if not is_taken:
            self.problems.add(
                f"{self.protocol.label} has none; fill in {self._expectations()}", row.number, name
            )
            return None
        try:
            return checked_number(value, 0, highest)
        except BadInput as problem:
            self.problems.add(problem.reason, row.number, name)
            return None

    def _preference(self, row: Row) -> int | str | None:
        value = row.cells.get(PREFERENCE)
        if value in (None, ""):
            return None
        if not self.protocol.compares:
            self.problems.add(
                f"{self.protocol.label} has none; fill in {self._expectations()}",
                row.number,
                PREFERENCE,
            )
        elif value not in PREFERENCES:
            self.problems.add(
                f"{shown(value)} is no preference; write {', '.join(PREFERENCES)}",
                row.number,
                PREFERENCE,
            )
        else:
            return PREFERENCES[value]
        return None

    def _check_ends(self, row: Row, expected: Mapping[str, Any]) -> None:
        for what in ("score", "errors"):
            low, high = expected.get(f"{what}_min"), expected.get(f"{what}_max")
            if low is not None and high is not None and low > high:
                self.problems.add(
                    f"{low:g} is above {what}_max, {high:g}", row.number, f"{what}_min"
                )

    def _explanation(self, row: Row) -> dict[str, str]:
        """By language: columns explanation_mr and so on, or an object in JSON Lines."""
        texts: dict[str, Any] = {}
        given = row.cells.get("explanation")
        if isinstance(given, Mapping):
            texts |= given
        elif given not in (None, ""):
            texts[UNNAMED_LANGUAGE] = given
        for name, value in row.cells.items():
            if (match := _EXPLANATION.match(name)) and value not in (None, ""):
                texts[match[1]] = value
        for language, said in texts.items():
            if not isinstance(said, str) or len(said) > LONGEST_EXPLANATION:
                self.problems.add(
                    f"in {shown(language)} is no text of at most {LONGEST_EXPLANATION} characters",
                    row.number,
                    "explanation",
                )
        return texts
