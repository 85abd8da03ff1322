"""Seeded orders: which side an output is shown on, and which item comes after which.

Each is drawn from the campaign's seed, the annotator and the item alone, so that it can be drawn
again; nothing in it depends on which system wrote what.
"""

import hashlib
import random
from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from annotation.models import Annotator, Campaign, Item


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
    blocks: dict[int, list[Item]] = {}
    for item in sorted(items, key=lambda item: item.position):
        blocks.setdefault(item.block, []).append(item)
    for block, members in blocks.items():
        draw(campaign.seed, "round", annotator.pk, block).shuffle(members)
    longest = max((len(members) for members in blocks.values()), default=0)
    return [
        members[turn]
        for turn in range(longest)
        for members in blocks.values()
        if turn < len(members)
    ]
