"""Whole documents in order, for judgements that need the context."""

import random
from collections.abc import Sequence
from itertools import islice
from typing import TYPE_CHECKING

from django.db.models import Count
from django.utils.translation import gettext_lazy as _

from annotation.designs import DESIGNS
from annotation.designs.handing import open_blocks
from annotation.designs.uniform import Uniform
from annotation.ordering import by_block, draw, ranked, spread, systems_of
from common.errors import BadInput

if TYPE_CHECKING:
    from annotation.models import Annotator, Campaign, Item
    from models_app.models import Segment


@DESIGNS.register("documents")
class Documents(Uniform):
    """A block is a document; its annotator reads it once for each system, in document order.

    Between two readings of a document stands a reading of another, so that no two outputs of a
    segment follow each other; two documents at least are handed out where there are two. A
    segment without a document is a block of its own.
    """

    label = _("whole documents, in their order")
    help = _("For texts that are only understood in context; one annotator reads a whole document.")

    def check(self, campaign: "Campaign") -> None:
        if not campaign.dataset.segments.exclude(document="").exists():
            raise BadInput(
                f"the segments of {campaign.dataset} name no document; "
                "load them with a document column or choose another design"
            )

    def blocks(self, campaign: "Campaign", segments: Sequence["Segment"]) -> list[list["Segment"]]:
        documents: dict[tuple[str, int], list[Segment]] = {}
        for segment in sorted(segments, key=lambda segment: segment.position):
            alone = 0 if segment.document else segment.pk
            documents.setdefault((segment.document, alone), []).append(segment)
        blocks = list(documents.values())
        draw(campaign.seed, "documents", campaign.dataset.name).shuffle(blocks)
        return blocks

    def next_blocks(self, campaign: "Campaign", annotator: "Annotator") -> list[int]:
        blocks = islice(open_blocks(campaign, annotator), campaign.batch_size + 3)
        left = [block.number for block in blocks]
        wanting = campaign.items.wanting().filter(block__in=left).order_by().values_list("block")
        lengths = dict(wanting.annotate(n=Count("segment", distinct=True)))
        found: list[int] = []
        n_segments = 0
        for block in left:
            is_lone = len(left) - len(found) == 1
            if n_segments >= campaign.batch_size and len(found) > 1 and not is_lone:
                break
            found.append(block)
            n_segments += lengths[block]
        return found

    def sequence(
        self, items: Sequence["Item"], campaign: "Campaign", annotator: "Annotator"
    ) -> list["Item"]:
        readings = [
            _readings(members, draw(campaign.seed, "readings", annotator.pk, block))
            for block, members in by_block(items).items()
        ]
        return [item for reading in spread(readings) for item in reading]


def _readings(members: Sequence["Item"], rng: random.Random) -> list[list["Item"]]:
    """A document's items once for each system; the n-th item of every segment, in order."""
    systems = sorted({system for item in members for system in systems_of(item)})
    rng.shuffle(systems)
    segments: dict[int, list[Item]] = {}
    for item in members:
        segments.setdefault(item.segment_id, []).append(item)
    columns = [ranked(items, systems) for items in segments.values()]
    longest = max(len(column) for column in columns)
    return [[column[turn] for column in columns if turn < len(column)] for turn in range(longest)]
