"""Numbers and cells as the page about speed has them."""

from __future__ import annotations

import math


def number(value: float) -> str:
    """Three digits that count, with commas between thousands; what is not finite has no number."""
    if not math.isfinite(value):
        return "not defined"
    if value == 0:
        return "0"
    digits = 2 - math.floor(math.log10(abs(value)))
    if digits <= 0 or float(value).is_integer():
        return f"{value:,.0f}"
    text = f"{value:,.{min(digits, 9)}f}"
    return text.rstrip("0").rstrip(".")


def unit_for(unit: str, value: float) -> tuple[str, int]:
    """Seconds as milliseconds or microseconds where they are few; and by what to multiply."""
    if unit not in ("s", "CPU s") or not 0 < abs(value) < 0.1:
        return unit, 1
    small, times = ("ms", 1000) if abs(value) >= 0.0001 else ("µs", 1_000_000)
    return f"{unit[:-1]}{small}", times


def duration(seconds: float) -> str:
    """In seconds, minutes or hours."""
    if seconds < 120:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} minutes" if seconds < 7200 else f"{seconds / 3600:.1f} hours"


def cell(text: str) -> str:
    """Without what would end a table's cell or begin markup."""
    return " ".join(text.split()).replace("|", "\\|").replace("<", "&lt;")


def row(*cells: str) -> str:
    return "| " + " | ".join(cells) + " |"


def table(head: list[str], rows: list[list[str]]) -> list[str]:
    """Lines of a table."""
    return [row(*head), "|" + "---|" * len(head), *(row(*one) for one in rows)]
