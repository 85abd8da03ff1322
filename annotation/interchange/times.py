"""Times as other tools write them."""

from datetime import UTC, datetime
from typing import Any

from common.errors import BadInput
from common.problems import shown

LATEST = 253402300799.0  # the last second of the year 9999


def to_milliseconds(moment: datetime) -> int:
    return round(moment.timestamp() * 1000)


def from_milliseconds(given: Any) -> datetime | None:
    """Milliseconds since 1970; None where there is no such number."""
    is_number = isinstance(given, int | float) and not isinstance(given, bool)
    return from_seconds(given / 1000) if is_number else None


def from_seconds(given: Any) -> datetime | None:
    """Seconds since 1970; None where there is no such number."""
    is_number = isinstance(given, int | float) and not isinstance(given, bool)
    return datetime.fromtimestamp(given, UTC) if is_number and 0 < given < LATEST else None


def from_iso(given: Any) -> datetime | None:
    """A time such as 2026-07-06T06:06:25.927570Z; None where there is none.

    Raises BadInput for another text, and for a time without zone.
    """
    if given in (None, ""):
        return None
    try:
        moment = datetime.fromisoformat(given)
    except (TypeError, ValueError):
        moment = None
    if moment is None or moment.tzinfo is None:
        raise BadInput(f"{shown(given)} is no time; write one such as 2026-07-06T06:06:25Z")
    return moment
