"""Latin square: every system is met first, second and so on equally often."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

from annotation.designs import DESIGNS
from annotation.designs.uniform import Uniform
from annotation.ordering import by_block, draw, ranked, spread, systems_of

if TYPE_CHECKING:
    from annotation.models import Annotator, Campaign, Item


@DESIGNS.register("latin")
class Latin(Uniform):
    """Rows of a cyclic Latin square in turn, over the blocks and then over a block's annotators.

    With S systems, the b-th of n blocks shown to its j-th annotator has row (j n + b) mod S: over
    the campaign each system stands at each position equally often, within one. Where two outputs
    are shown at once, each system of a pair stands first every other time. A segment whose outputs
    partly read the same has fewer positions; lost and repeated leases unbalance by what they hold.
    """

    label = _("every system equally often first, second, third")
    help = _("Balances order effects exactly; the other designs leave them to chance.")

    def sequence(
        self, items: Sequence["Item"], campaign: "Campaign", annotator: "Annotator"
    ) -> list["Item"]:
        systems = _systems(campaign)
        blocks = []
        for members in by_block(items).values():
            turn = _row(campaign, members[0]) % len(systems)
            blocks.append(ranked(members, systems[turn:] + systems[:turn]))
        return spread(blocks)

    def shown_order(self, campaign: "Campaign", annotator: "Annotator", item: "Item") -> list[int]:
        systems = _systems(campaign)
        places = [systems.index(system) for system in systems_of(item)]
        turn = (_row(campaign, item) + sum(places)) % len(places)
        slots = list(range(len(places)))
        return slots[turn:] + slots[:turn]


def _systems(campaign: "Campaign") -> list[str]:
    systems = sorted(campaign.plan["systems"])
    draw(campaign.seed, "latin").shuffle(systems)
    return systems


def _row(campaign: "Campaign", item: "Item") -> int:
    """Items are asked for before they count the annotator who now takes them."""
    return item.n_taken * campaign.plan["n_blocks"] + item.block
