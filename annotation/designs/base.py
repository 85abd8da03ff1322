"""What an assignment design decides."""

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Any, ClassVar

if TYPE_CHECKING:
    from annotation.models import Annotator, Campaign


class Design(ABC):
    label: ClassVar[Any]

    @abstractmethod
    def next_blocks(self, campaign: "Campaign", annotator: "Annotator") -> list[int]:
        """Blocks to hand out now, at most the campaign's batch size; none when nothing is left.

        Called inside the transaction that hands them out.
        """
