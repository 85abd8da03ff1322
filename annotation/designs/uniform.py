"""Every item to the same number of annotators, started blocks before untouched ones."""

from typing import TYPE_CHECKING

from django.db.models import Max
from django.utils.translation import gettext_lazy as _

from annotation.designs import DESIGNS
from annotation.designs.base import Design

if TYPE_CHECKING:
    from annotation.models import Annotator, Campaign


@DESIGNS.register("uniform")
class Uniform(Design):
    """Finishing what others began first gives complete overlap early, if a campaign is cut short.

    Between blocks that are equally far, the campaign's seeded order decides.
    """

    label = _("the same number of annotators for every item")

    def next_blocks(self, campaign: "Campaign", annotator: "Annotator") -> list[int]:
        had = campaign.items.filter(assignments__annotator=annotator).values("block")
        blocks = (
            campaign.items.filter(needs_rating=True, n_taken__lt=campaign.raters_per_item)
            .exclude(block__in=had)
            .values("block")
            .annotate(taken=Max("n_taken"))
            .order_by("-taken", "block")
            .values_list("block", flat=True)
        )
        return list(blocks[: campaign.batch_size])
