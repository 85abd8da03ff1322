"""A share of the blocks to several annotators, to measure agreement; the rest to one."""

from typing import TYPE_CHECKING

import numpy as np
from django.utils.translation import gettext_lazy as _

from annotation.designs import DESIGNS
from annotation.designs.base import Option
from annotation.designs.uniform import Uniform
from annotation.ordering import draw
from common.errors import BadInput

if TYPE_CHECKING:
    from annotation.models import Campaign


@DESIGNS.register("overlap")
class Overlap(Uniform):
    """The share is drawn from the campaign's seed; its blocks get `raters_per_item` annotators."""

    label = _("some items to several annotators, the rest to one")
    help = _("Covers more items for the same work, and still measures agreement.")
    takes = {
        "percent": Option(
            _("Share of items with several annotators, percent"), default=20, low=1, high=100
        )
    }

    def check(self, campaign: "Campaign") -> None:
        if campaign.raters_per_item < 2:
            raise BadInput(
                "the design gives some items to several annotators; "
                "set the annotators for each item to 2 or more"
            )

    def wanted(self, campaign: "Campaign", n_blocks: int) -> np.ndarray:
        n_shared = min(n_blocks, max(1, round(n_blocks * self.options["percent"] / 100)))
        chosen = draw(campaign.seed, "overlap").sample(range(n_blocks), n_shared)
        wanted = np.ones(n_blocks, dtype=int)
        wanted[chosen] = campaign.raters_per_item
        return wanted
