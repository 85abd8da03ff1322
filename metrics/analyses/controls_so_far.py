"""What control items say of each annotator so far: counts for a first look, no statistics.

A damaged output is found where it is scored worse than the sound one by the same annotator, or,
side by side, where the sound one is preferred.
"""

from collections.abc import Sequence
from typing import NamedTuple

from django.db.models import Count

from annotation.expectations import Given, given_by, is_known, is_right
from annotation.models import Campaign, Item, Rating

KINDS = (Item.Purpose.KNOWN, Item.Purpose.DAMAGED, Item.Purpose.REPEAT)
Place = tuple[int, int]  # item and annotator


class Controls(NamedTuple):
    """One annotator's counts; distance: mean difference of repeats, in the protocol's unit."""

    code: str
    n_known: int
    n_right: int
    n_damaged: int
    n_found: int
    n_repeats: int
    n_alike: int
    distance: float | None


def controls_so_far(campaign: Campaign) -> list[Controls]:
    """By code, of those who have answered a control; three queries, one where there is none."""
    answered = list(
        Rating.objects.filter(item__campaign=campaign, item__purpose__in=KINDS, is_complete=True)
        .select_related("item", "annotator")
        .order_by("annotator__code", "pk")
    )
    if not answered:
        return []
    origins = {rating.item.origin_id for rating in answered}
    before = Rating.objects.filter(item__in=origins - {None}, is_complete=True)
    given = _given(campaign, [*answered, *before.select_related("item")])
    by_code: dict[str, list[Rating]] = {}
    for rating in answered:
        by_code.setdefault(rating.annotator.code, []).append(rating)
    lower = campaign.protocol_object.direction == "lower"
    return [_row(code, ratings, given, lower) for code, ratings in by_code.items()]


def _given(campaign: Campaign, ratings: Sequence[Rating]) -> dict[Place, Given]:
    protocol = campaign.protocol_object
    items = campaign.items.filter(pk__in={rating.item_id for rating in ratings}).order_by()
    n_outputs = dict(items.annotate(n=Count("slots")).values_list("pk", "n"))
    return {
        (rating.item_id, rating.annotator_id): given_by(
            protocol, rating.answer, n_outputs[rating.item_id]
        )
        for rating in ratings
    }


def _row(
    code: str, ratings: Sequence[Rating], given: dict[Place, Given], lower_is_better: bool
) -> Controls:
    known = right = damaged = found = 0
    distances: list[float] = []
    for rating in ratings:
        item, here = rating.item, given[rating.item_id, rating.annotator_id]
        origin = given.get((item.origin_id, rating.annotator_id))
        if item.purpose == Item.Purpose.KNOWN and is_known(item.expected):
            known += 1
            right += is_right(item.expected, here)
        elif item.purpose == Item.Purpose.DAMAGED and is_known(item.expected):
            damaged += 1
            found += is_right(item.expected, here)
        elif item.purpose == Item.Purpose.DAMAGED and (gap := _gap(here, origin)) is not None:
            damaged += 1
            found += gap > 0 if lower_is_better else gap < 0
        elif item.purpose == Item.Purpose.REPEAT and (gap := _gap(here, origin)) is not None:
            distances.append(abs(gap))
    alike = sum(distance < 1e-9 for distance in distances)
    mean = sum(distances) / len(distances) if distances else None
    return Controls(code, known, right, damaged, found, len(distances), alike, mean)


def _gap(here: Given, origin: Given | None) -> float | None:
    """The control's score minus the origin's; of preferences 0 where alike and 1 where not."""
    if origin is None:
        return None
    if here.score is not None and origin.score is not None:
        return here.score - origin.score
    if here.preference is not None and origin.preference is not None:
        return float(here.preference != origin.preference)
    return None
