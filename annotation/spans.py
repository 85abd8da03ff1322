"""Spans on whole characters (placeholder until the engine lands)."""

from bisect import bisect_left, bisect_right

from common.errors import BadInput
from common.text import cluster_bounds


def snap(text: str, start: int, end: int) -> tuple[int, int]:
    bounds = cluster_bounds(text)
    first = bounds[max(0, bisect_right(bounds, start) - 1)]
    if start == end:
        return first, first
    return first, bounds[min(len(bounds) - 1, bisect_left(bounds, end))]


def check_span(text: str, start: int, end: int, quoted: str) -> None:
    if end > len(text) or text[start:end] != quoted:
        raise BadInput("the marked text is not in this place; load the page again")
