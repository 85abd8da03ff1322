"""Every item to the same number of annotators, started blocks before untouched ones."""

from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

from annotation.designs import DESIGNS
from annotation.designs.base import Design, batch
from annotation.designs.handing import open_blocks

if TYPE_CHECKING:
    from annotation.models import Annotator, Campaign


@DESIGNS.register("uniform")
class Uniform(Design):
    """Who shares items with whom depends on who comes when."""

    label = _("the same number of annotators for every item")
    help = _("Simple and right for most studies; whoever comes next finishes what others began.")

    def next_blocks(self, campaign: "Campaign", annotator: "Annotator") -> list[int]:
        blocks = open_blocks(campaign, annotator)
        return batch((block.number for block in blocks), campaign.batch_size)
