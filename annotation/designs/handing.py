"""Blocks that still lack annotators, in the order in which they are handed out."""

from collections.abc import Iterator
from heapq import merge
from typing import TYPE_CHECKING, Any, NamedTuple

from annotation.authorship import own_blocks

if TYPE_CHECKING:
    from annotation.models import Annotator, Campaign

AT_ONCE = 32  # blocks looked at together; four times as many with every further look
MOST_AT_ONCE = 8192


class Block(NamedTuple):
    """A block and the most annotators that one of its items that lack some has."""

    number: int
    taken: int


def open_blocks(campaign: "Campaign", annotator: "Annotator", **only: Any) -> Iterator[Block]:
    """Blocks that lack annotators and that this one never had, nor wrote a segment of.

    only : further conditions on their items

    Started blocks before untouched ones: what others began is finished first, so that a campaign
    cut short still has complete overlap. Then the campaign's seeded order. Read as far as they are
    asked for, some at a time and along an index: what a campaign has besides does not matter.
    """
    found: set[int] = set()
    usual = _some_at_a_time(campaign.items.lacking_usual(campaign), only)
    called = _some_at_a_time(campaign.items.lacking_called(), only)
    blocks = merge(usual, called, key=_rank)
    size = AT_ONCE
    while looked := _next(blocks, found, size):
        numbers = [block.number for block in looked]
        barred = _had(campaign, annotator, numbers)
        barred |= set(own_blocks(campaign, annotator, among=numbers))
        yield from (block for block in looked if block.number not in barred)
        size = min(4 * size, MOST_AT_ONCE)


def _rank(block: Block) -> tuple[int, int]:
    return -block.taken, block.number


def _next(blocks: Iterator[Block], found: set[int], size: int) -> list[Block]:
    """Up to `size` blocks that were not found before; a block stands where its first item does."""
    new: list[Block] = []
    for block in blocks:
        if block.number not in found:
            found.add(block.number)
            new.append(block)
        if len(new) == size:
            break
    return new


def _some_at_a_time(items: Any, only: dict[str, Any]) -> Iterator[Block]:
    rows = items.filter(**only).order_by("-n_taken", "block").values_list("block", "n_taken")
    rows, start, size = rows.distinct(), 0, AT_ONCE
    while chunk := list(rows[start : start + size]):
        yield from (Block(*row) for row in chunk)
        if len(chunk) < size:
            return
        start, size = start + size, min(4 * size, MOST_AT_ONCE)


def _had(campaign: "Campaign", annotator: "Annotator", blocks: list[int]) -> set[int]:
    had = campaign.items.filter(block__in=blocks, assignments__annotator=annotator)
    return set(had.order_by().values_list("block", flat=True).distinct())
