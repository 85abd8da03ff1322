"""What an assignment design decides: the blocks, how many annotators each gets, who comes next."""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from itertools import islice
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple

import numpy as np

from annotation.ordering import draw, sequence_of, shown_order
from common.errors import BadInput
from common.problems import shown

if TYPE_CHECKING:
    from annotation.models import Annotator, Campaign, Item
    from models_app.models import Segment


class Option(NamedTuple):
    """A whole number that a design can be told."""

    label: Any
    default: int
    low: int
    high: int
    help: Any = ""


class Design(ABC):
    """One design with a campaign's options. Subclasses register under a name."""

    label: ClassVar[Any]
    help: ClassVar[Any]  # one sentence: what it is good for
    takes: ClassVar[Mapping[str, Option]] = {}
    fixes_pairs: ClassVar[bool] = False  # whether the plan says who shares items with whom

    def __init__(self, options: Mapping[str, Any] | None = None) -> None:
        """Raises BadInput for an option that the design does not take or cannot use."""
        self.options = {name: option.default for name, option in self.takes.items()}
        for name, value in dict(options or {}).items():
            if name not in self.takes:
                known = ", ".join(self.takes) or "none"
                raise BadInput(f"the design has no option {shown(name)}; known: {known}")
            self.options[name] = _whole(name, value, self.takes[name])

    def check(self, campaign: "Campaign") -> None:  # noqa: B027 - most designs fit every campaign
        """Raise BadInput where the campaign's other settings do not fit this design."""

    def blocks(self, campaign: "Campaign", segments: Sequence["Segment"]) -> list[list["Segment"]]:
        """The segments of each block, blocks in seeded order. Here: one segment, one block."""
        shuffled = list(segments)
        draw(campaign.seed, "items", campaign.dataset.name).shuffle(shuffled)
        return [[segment] for segment in shuffled]

    def wanted(self, campaign: "Campaign", n_blocks: int) -> np.ndarray:
        """(n_blocks,) annotators planned for each block that needs any, in block order."""
        return np.full(n_blocks, campaign.raters_per_item)

    def n_annotators(self, campaign: "Campaign") -> int:
        """The fewest annotators with whom the plan can be finished."""
        return campaign.raters_per_item

    def shares(self, campaign: "Campaign", n_blocks: int, n_annotators: int) -> np.ndarray:
        """(n_annotators, n_blocks) the chance that each gets each block, by order of joining."""
        chance = np.minimum(self.wanted(campaign, n_blocks) / max(n_annotators, 1), 1.0)
        return np.tile(chance, (n_annotators, 1))

    def pairs(self, campaign: "Campaign", weights: np.ndarray, n_annotators: int) -> np.ndarray:
        """(n_annotators, n_annotators) items that two annotators are expected to share.

        weights : (n_blocks,) items of each block. Symmetric, the diagonal 0. Here every pair is as
        likely as any other; who comes when decides.
        """
        wanted = np.minimum(self.wanted(campaign, len(weights)), n_annotators)
        shared = (weights * wanted * (wanted - 1)).sum() / max(n_annotators * (n_annotators - 1), 1)
        return shared * (1 - np.eye(n_annotators))

    def prepare(self, campaign: "Campaign") -> None:  # noqa: B027 - most designs keep nothing
        """Write down what handing out will need; called when the campaign's items are made."""

    @abstractmethod
    def next_blocks(self, campaign: "Campaign", annotator: "Annotator") -> list[int]:
        """Blocks to hand out now, about the campaign's batch size; none when nothing is left.

        Called inside the transaction that hands them out.
        """

    def sequence(
        self, items: Sequence["Item"], campaign: "Campaign", annotator: "Annotator"
    ) -> list["Item"]:
        """A batch's items in the order in which this annotator judges them."""
        return sequence_of(items, campaign, annotator)

    def shown_order(self, campaign: "Campaign", annotator: "Annotator", item: "Item") -> list[int]:
        """An item's slots in the order in which this annotator sees them."""
        return shown_order(campaign, annotator, item)


def batch(blocks: Iterable[int], size: int) -> list[int]:
    """The first `size`, and a lone one that would be left over with them.

    A block alone in a batch would have its segment's outputs side by side.
    """
    found = list(islice(blocks, size + 2))
    return found if len(found) == size + 1 else found[:size]


def items_to_hand_out(campaign: "Campaign", blocks: Sequence[int]) -> list["Item"]:
    """Whole blocks, so that one annotator judges all systems alike.

    Of a block that has all its planned annotators, only the items for which one more was called.
    """
    items = list(
        campaign.items.judged()
        .with_wanted()
        .with_texts()
        .filter(block__in=blocks, needs_rating=True)
    )
    planned: dict[int, int] = {}
    for item in items:
        planned[item.block] = min(item.wanted, planned.get(item.block, item.wanted))
    short = {item.block for item in items if item.n_taken < planned[item.block]}
    return [item for item in items if item.block in short or item.n_taken < item.wanted]


def _whole(name: str, value: Any, option: Option) -> int:
    number = value if isinstance(value, int) and not isinstance(value, bool) else None
    if number is None or not option.low <= number <= option.high:
        raise BadInput(
            f"{name} is {shown(value)}; write a whole number from {option.low} to {option.high}"
        )
    return number
