"""What is known of an item's right answer, and whether an answer meets it.

`Item.expected` may hold, each optional: `score_min` and `score_max` (the protocol's main criterion,
both inclusive), `errors_min` and `errors_max` (marked errors), `preference` (a slot, or "tie"),
`explanation` ({language: text}).
"""

from collections.abc import Mapping
from typing import Any, NamedTuple

from annotation.protocols.base import AnnotationProtocol, Answer
from annotation.wording import worded

PREFERENCE = "preference"
TIE = "tie"
KNOWN = ("score_min", "score_max", "errors_min", "errors_max", PREFERENCE)


class Given(NamedTuple):
    """What an answer says of the first output; None where it says nothing."""

    score: float | None
    n_errors: int
    preference: int | str | None


def is_known(expected: Mapping[str, Any]) -> bool:
    """Whether there is anything to hold an answer against."""
    return any(expected.get(name) is not None for name in KNOWN)


def given_by(protocol: AnnotationProtocol, answer: Answer, n_outputs: int) -> Given:
    """A complete answer in the terms of expectations."""
    scores = protocol.scores(answer, n_outputs)
    main = [s.value for s in scores if s.slot == 0 and s.criterion == protocol.main_criterion]
    wins = {s.slot: s.value for s in scores if s.criterion == PREFERENCE}
    errors = [span for span in protocol.spans(answer, n_outputs) if span.slot == 0]
    preferred: int | str | None = None
    if wins:
        preferred = TIE if set(wins.values()) == {0.5} else max(wins, key=lambda slot: wins[slot])
    compares = protocol.main_criterion == PREFERENCE
    return Given(main[0] if main and not compares else None, len(errors), preferred)


def is_right(expected: Mapping[str, Any], given: Given) -> bool:
    """Whether everything that is expected is met; "cannot judge" meets no score."""
    if expected.get(PREFERENCE) is not None and given.preference != expected[PREFERENCE]:
        return False
    return _within(given.score, expected.get("score_min"), expected.get("score_max")) and _within(
        given.n_errors, expected.get("errors_min"), expected.get("errors_max")
    )


def _within(value: float | None, low: float | None, high: float | None) -> bool:
    if low is None and high is None:
        return True
    return value is not None and (low is None or value >= low) and (high is None or value <= high)


def explanation_of(expected: Mapping[str, Any], language: str) -> str:
    """In this language, else in English, else in whatever there is."""
    texts = expected.get("explanation") or {}
    return str(worded(texts, language) or next(iter(texts.values()), ""))
