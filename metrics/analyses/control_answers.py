"""What annotators answered on items that watch or teach them, beside their other answers.

A damaged output is found where it is scored worse than the sound one by the same annotator, or,
side by side, where the sound one is preferred.
"""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from django.db.models import Count

from annotation.expectations import Given, given_by, is_known, is_right
from annotation.models import Campaign, Item, ItemOutput, Rating

KINDS = (Item.Purpose.KNOWN, Item.Purpose.DAMAGED, Item.Purpose.REPEAT)
EQUAL = 1e-9  # scores no further apart are the same
_FIELDS = (
    "item",
    "annotator",
    "annotator__code",
    "answer",
    "item__purpose",
    "item__origin",
    "item__expected",
)


class Answered(NamedTuple):
    """One annotator's answer on a control; `origin` is theirs on the item it was made from."""

    code: str
    item: int
    origin_item: int | None
    purpose: str
    expected: Mapping[str, Any]
    here: Given
    origin: Given | None

    @property
    def is_right(self) -> bool | None:
        """Whether a known answer is met; None where nothing is expected."""
        return is_right(self.expected, self.here) if is_known(self.expected) else None

    @property
    def gap(self) -> float | None:
        """The control's score minus the origin's; of preferences 0 where alike, 1 where not."""
        if self.origin is None:
            return None
        if self.here.score is not None and self.origin.score is not None:
            return self.here.score - self.origin.score
        if self.here.preference is not None and self.origin.preference is not None:
            return float(self.here.preference != self.origin.preference)
        return None

    def found(self, direction: int) -> bool | None:
        """Whether a damaged output was found; direction: 1 where higher scores are better."""
        if is_known(self.expected):
            return self.is_right
        return None if self.gap is None else direction * self.gap < -EQUAL


def control_answers(
    campaign: Campaign, purposes: Sequence[str] = KINDS, *, with_excluded: bool = True
) -> list[Answered]:
    """In the order of annotators' codes; three queries, one where there is none."""
    ratings = Rating.objects.filter(item__campaign=campaign, is_complete=True)
    if not with_excluded:
        ratings = ratings.exclude(
            annotator__in=campaign.participations.excluded().values("annotator")
        )
    rows = list(
        ratings.filter(item__purpose__in=purposes)
        .order_by("annotator__code", "pk")
        .values_list(*_FIELDS)
    )
    if not rows:
        return []
    wanted = {(row[5], row[1]) for row in rows if row[5]}
    made_from = campaign.items.filter(purpose__in=purposes, origin__isnull=False).order_by()
    before = ratings.filter(item__in=made_from.values("origin"))
    slots = ItemOutput.objects.filter(item__campaign=campaign).order_by()
    n_outputs = dict(slots.values_list("item").annotate(n=Count("pk")))
    protocol = campaign.protocol_object
    origins = {
        (item, annotator): given_by(protocol, answer, n_outputs[item])
        for item, annotator, answer in before.values_list("item", "annotator", "answer")
        if (item, annotator) in wanted
    }
    return [
        Answered(
            code,
            item,
            origin,
            purpose,
            expected,
            given_by(protocol, answer, n_outputs[item]),
            origins.get((origin, annotator)),
        )
        for item, annotator, code, answer, purpose, origin, expected in rows
    ]
