"""A cell of report.json by a name that stays when rows are added, and what two reports differ in.

A name reads `systems[system=base].score`: names of fields, and in brackets what picks a row out of
a table, or a number where nothing does.
"""

import json
import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from common.errors import BadInput, NotFound
from common.problems import shown

IDENTIFYING = (
    "annotator",
    "rater",
    "rater_a",
    "rater_b",
    "check",
    "scale",
    "component",
    "criterion",
    "statistic",
    "level",
    "grouping",
    "metric",
    "domain",
    "by",
    "stratum",
    "response",
    "cause",
    "system",
    "system_a",
    "system_b",
    "first",
    "second",
    "pair",
    "profile",
    "category",
    "severity",
    "change",
    "source",
    "key",
    "name",
)
"""Columns that say what a row is about, where a table has them."""

SAYING = ("reason", "method", "signature", "segment_signature", "unit", "label", "verdict")
"""Columns of words that say something of a row and never pick it out."""

ABSENT = "(not there)"
ROUNDING = 1e-9  # relative: what another processor may add up differently

_PLAIN = re.compile(r"[^\s,\[\]\"=](?:[^,\[\]\"=]*[^\s,\[\]\"=])?\Z")
_WORDS = ("null", "true", "false")
_STEP = re.compile(
    r"\.(?P<name>[A-Za-z_][A-Za-z0-9_]*)"
    r"|\[(?P<number>\d+)\]"
    r"|\[(?P<keys>\w+=(?:\"(?:[^\"\\]|\\.)*\"|[^\]\",]*)(?:,\w+=(?:\"(?:[^\"\\]|\\.)*\"|[^\]\",]*))*)\]"
)
_KEY = re.compile(r"(\w+)=(\"(?:[^\"\\]|\\.)*\"|[^\]\",]*)(?:,|\Z)")


class Difference(NamedTuple):
    """A cell that two reports have with other values; ABSENT where one has no such cell."""

    path: str
    then: Any
    now: Any

    @property
    def is_rounding(self) -> bool:
        """Whether both are numbers that differ by no more than the order of adding up explains."""
        if not all(map(_is_float, (self.then, self.now))):
            return False
        largest = max(1.0, abs(self.then), abs(self.now))
        return abs(self.then - self.now) <= ROUNDING * largest


def _is_float(value: Any) -> bool:
    """Whether this is a number, and none that only an integer can hold."""
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return is_number and abs(value) <= sys.float_info.max


def cell(payload: Any, path: str) -> Any:
    """The value at a path. Raises BadInput for no path, NotFound where no single cell is there."""
    value = payload
    for step in _steps(path):
        value = _stepped(value, step, path)
    return value


def _steps(path: str) -> list[re.Match[str]]:
    steps: list[re.Match[str]] = []
    dotted, done = f".{path}", 0
    while done < len(dotted):
        step = _STEP.match(dotted, done)
        if step is None:
            raise BadInput(
                f"{shown(path)} is no path to a cell; write one such as counts.raters or "
                "systems[system=base].score"
            )
        steps.append(step)
        done = step.end()
    return steps


def _stepped(value: Any, step: re.Match[str], path: str) -> Any:
    if name := step["name"]:
        if isinstance(value, Mapping) and name in value:
            return value[name]
        raise NotFound(f"the report has no {name} for {path}")
    if not isinstance(value, list):
        raise NotFound(f"the report has no rows for {path}")
    if step["number"]:
        number = int(step["number"][:9])
        if number < len(value):
            return value[number]
        raise NotFound(f"the report has no row {number} for {path}")
    wanted = dict(_KEY.findall(step["keys"]))
    rows = [row for row in value if isinstance(row, Mapping) and _has(row, wanted)]
    if len(rows) == 1:
        return rows[0]
    raise NotFound(f"the report has {len(rows) or 'no'} row{'s' if rows else ''} for {path}")


def _has(row: Mapping[str, Any], wanted: Mapping[str, str]) -> bool:
    """Whether each of these columns is there and reads so, with quotation marks or without."""
    return all(
        key in row and text in (_text(row[key]), _quoted(row[key])) for key, text in wanted.items()
    )


def _quoted(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


def cells(value: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """Every cell of a report with its path, in the report's order."""
    if isinstance(value, Mapping):
        for name, inner in value.items():
            yield from cells(inner, f"{path}.{name}" if path else name)
    elif isinstance(value, list) and any(isinstance(row, Mapping | list) for row in value):
        for name, row in zip(_names(value), value, strict=True):
            yield from cells(row, f"{path}[{name}]")
    else:
        yield path, value


def differences(then: Any, now: Any) -> Iterator[Difference]:
    """Every cell that the two do not have alike, in the order of the first, then of the second."""
    before, after = dict(cells(then)), dict(cells(now))
    for path, value in before.items():
        if path not in after or after[path] != value:
            yield Difference(path, value, after.get(path, ABSENT))
    for path, value in after.items():
        if path not in before:
            yield Difference(path, ABSENT, value)


def _names(rows: Sequence[Any]) -> list[str]:
    """What picks each row out: its key, or its number where no key does."""
    columns = key_columns(rows)
    if not columns:
        return [str(number) for number in range(len(rows))]
    return [",".join(f"{name}={_text(row[name])}" for name in columns) for row in rows]


def key_columns(rows: Sequence[Any]) -> list[str]:
    """The columns that tell the rows apart; none where they are no rows, or cannot be told apart.

    All that identify come first, so that a row that is added leaves the names as they are.
    """
    if not rows or not all(isinstance(row, Mapping) for row in rows):
        return []
    names = [name for name in rows[0] if all(_can_name(row.get(name, 0.5)) for row in rows)]
    chosen = [name for name in IDENTIFYING if name in names]
    # Sorted: a database may give a row's columns back in another order.
    others = sorted(name for name in names if name not in (*IDENTIFYING, *SAYING))
    for name in [None, *others]:
        chosen += [name] if name else []
        if len({tuple(_text(row[key]) for key in chosen) for row in rows}) == len(rows):
            return chosen
    return []


def _can_name(value: Any) -> bool:
    if isinstance(value, list):
        return all(isinstance(inner, str) for inner in value)
    return value is None or isinstance(value, bool | str)


def _text(value: Any) -> str:
    """A value as it stands in a name: plain words as they are, a list as a text of JSON."""
    if isinstance(value, str) and _PLAIN.match(value) and value not in _WORDS:
        return value
    if value is None or isinstance(value, bool | str):
        return _quoted(value)
    return _quoted(_quoted(value))
