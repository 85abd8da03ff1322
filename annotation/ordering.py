"""Seeded orders: which side an output is shown on, and which item comes after which.

Each is drawn from the campaign's seed, the annotator and the item alone, so that it can be drawn
again; nothing in it depends on which system wrote what.
"""

import hashlib
import random
from collections.abc import Sequence
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from annotation.models import Annotator, Campaign, Item

T = TypeVar("T")


def draw(*names: object) -> random.Random:
    """A generator of its own for this combination of names."""
    digest = hashlib.sha256("/".join(map(str, names)).encode()).digest()
    return random.Random(digest)


def shown_order(campaign: "Campaign", annotator: "Annotator", item: "Item") -> list[int]:
    """The item's slots in the order in which this annotator sees them.

    Outputs with the same text fill several slots but are shown once; such items have one text.
    """
    slots = [slot.slot for slot in item.slots.all()]
    draw(campaign.seed, "side", annotator.pk, item.pk).shuffle(slots)
    return slots


def sequence_of(
    items: Sequence["Item"], campaign: "Campaign", annotator: "Annotator"
) -> list["Item"]:
    """Items in rounds: each round has one item of every block, so that outputs of one segment
    stand as far apart as the batch allows; blocks keep the campaign's order within a round.
    """
    blocks = by_block(items)
    for block, members in blocks.items():
        draw(campaign.seed, "round", annotator.pk, block).shuffle(members)
    return spread(list(blocks.values()))


def by_block(items: Sequence["Item"]) -> dict[int, list["Item"]]:
    """The items of each block, in the campaign's order."""
    blocks: dict[int, list[Item]] = {}
    for item in sorted(items, key=lambda item: item.position):
        blocks.setdefault(item.block, []).append(item)
    return blocks


def spread(groups: Sequence[Sequence[T]]) -> list[T]:
    """The members of all groups, each group in its own order, no two of a group side by side.

    Two stand side by side only where no order avoids it: one group has more members than all the
    others together, and one. Groups of equal size take turns.
    """
    left = [list(reversed(group)) for group in groups]
    found: list[T] = []
    last = -1
    for _ in range(sum(map(len, left))):
        others = [i for i, members in enumerate(left) if members and i != last] or [last]
        last = max(others, key=lambda i: len(left[i]))
        found.append(left[last].pop())
    return found


def ranked(members: Sequence["Item"], systems: Sequence[str]) -> list["Item"]:
    """A segment's items in the order of these systems; pairs by their first, then their second.

    An item of outputs that read the same stands where the first of its systems stands.
    """
    place = {system: number for number, system in enumerate(systems)}
    return sorted(members, key=lambda item: sorted(place[system] for system in systems_of(item)))


def systems_of(item: "Item") -> list[str]:
    """The systems of an item's outputs, in slot order; prefetch slots__output__system."""
    slots = sorted(item.slots.all(), key=lambda slot: slot.slot)
    return [slot.output.system.name for slot in slots]
