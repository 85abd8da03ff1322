"""A question of a datasheet and what answers it."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from django.utils.translation import gettext as _

from common.text import visible

Row = Mapping[str, Any]


class Question(NamedTuple):
    """`answers` are paragraphs; none: not recorded."""

    text: str
    answers: Sequence[str]


def asked(text: str, *answers: Any) -> Question:
    """Answers say characters that nobody sees as <U+202E>; None and "" are left out."""
    return Question(text, [visible(str(answer)) for answer in answers if answer not in (None, "")])


def counts(rows: Sequence[Row], column: str, names: Mapping[str, str] | None = None) -> list[str]:
    """Each value that is given, and how often; nothing where nobody gave one."""
    found = Counter(str(row[column]) for row in rows if row[column])
    if not found:
        return []
    missing = len(rows) - sum(found.values())
    said = [f"{(names or {}).get(value, value)}: {n}" for value, n in sorted(found.items())]
    return [*said, *([_("not given: %(n)s") % {"n": missing}] if missing else [])]
