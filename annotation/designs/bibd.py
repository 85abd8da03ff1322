"""Balanced incomplete blocks: every two annotators share the same number of items."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np
from django.utils.translation import gettext_lazy as _

from annotation.balance import balanced_sets
from annotation.designs import DESIGNS
from annotation.designs.base import Design, Option, batch
from annotation.designs.handing import open_blocks
from annotation.places import bar_authors, barred_places, due_at, place_of, write_due
from common.errors import BadInput

if TYPE_CHECKING:
    from annotation.models import Annotator, Campaign


@DESIGNS.register("bibd")
class BalancedBlocks(Design):
    """Each block belongs to a set of numbered places; the first to join takes the first place.

    Who leaves a campaign leaves the place, too; the next who joins goes on with what is left of
    it. Those who find no place get only items for which one more annotator was called, or which an
    annotator of their places wrote.
    """

    label = _("balanced pairs of annotators")
    help = _("Every two annotators share the same number of items; name how many will take part.")
    takes = {"places": Option(_("Annotators who take part"), default=4, low=2, high=20)}

    fixes_pairs = True

    def check(self, campaign: "Campaign") -> None:
        k, places = campaign.raters_per_item, self.options["places"]
        if not 2 <= k <= places:
            raise BadInput(
                f"balanced pairs need 2 to {places} annotators for each item, not {k}; "
                "change that number or how many take part"
            )

    def n_annotators(self, campaign: "Campaign") -> int:
        return self.options["places"]

    def shares(self, campaign: "Campaign", n_blocks: int, n_annotators: int) -> np.ndarray:
        shares = np.zeros((max(self.options["places"], n_annotators), n_blocks))
        for block, places in enumerate(self.sets(campaign, n_blocks)):
            shares[list(places), block] = 1.0
        return shares[:n_annotators]

    def pairs(self, campaign: "Campaign", weights: np.ndarray, n_annotators: int) -> np.ndarray:
        shares = self.shares(campaign, len(weights), n_annotators)
        shared = (shares * weights) @ shares.T
        np.fill_diagonal(shared, 0.0)
        return shared

    def sets(self, campaign: "Campaign", n_blocks: int) -> tuple[tuple[int, ...], ...]:
        """The places of each block that needs annotators, in block order."""
        return balanced_sets(
            self.options["places"], campaign.raters_per_item, n_blocks, seed=campaign.seed
        )

    def prepare(self, campaign: "Campaign") -> None:
        if campaign.due.exists():
            return
        rated = campaign.items.judged().filter(needs_rating=True).order_by("block")
        blocks = list(rated.values_list("block", flat=True).distinct())
        write_due(campaign, zip(blocks, self.sets(campaign, len(blocks)), strict=True))
        bar_authors(campaign, range(self.options["places"]))

    def next_blocks(self, campaign: "Campaign", annotator: "Annotator") -> list[int]:
        self.prepare(campaign)
        called = open_blocks(campaign, annotator, n_taken__gte=campaign.raters_per_item)
        place = place_of(campaign, annotator, self.options["places"])
        for mine in (
            due_at(campaign, annotator, place) if place is not None else (),
            (block.number for block in called),
            _written_by_its_places(campaign, annotator),
        ):
            if found := batch(mine, campaign.batch_size):
                return found
        return []


def _written_by_its_places(campaign: "Campaign", annotator: "Annotator") -> Iterator[int]:
    """Blocks whose own annotators may not judge them, as many times as that is so."""
    n_barred = barred_places(campaign)
    if not n_barred:
        return
    usual = campaign.raters_per_item
    written = campaign.due.filter(state="written").values("block")
    for block in open_blocks(campaign, annotator, n_taken__lt=usual, block__in=written):
        if block.taken >= usual - n_barred[block.number]:
            yield block.number
