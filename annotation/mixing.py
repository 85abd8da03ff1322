"""Where controls stand in an annotator's sequence: seeded, and never beside the same segment."""

import math
from collections.abc import Sequence
from typing import NamedTuple

from django.db.models import Q, QuerySet

from annotation.authorship import own_blocks
from annotation.control_settings import setting
from annotation.controls import PERCENT
from annotation.models import Annotator, Assignment, Campaign, Item
from annotation.ordering import draw

NEAREST = 2  # positions between a control and another item of its segment


class Earlier(NamedTuple):
    """An item that the annotator was given before."""

    item: int
    segment: int
    position: int
    is_done: bool


def mixed_in(items: Sequence[Item], campaign: Campaign, annotator: Annotator) -> list[Item]:
    """A batch in its order with controls among it, so many that the campaign's shares are kept.

    A control that finds no place now is left for a later batch. Two queries and the controls'
    texts; none where the campaign asks for no control.
    """
    percents = {kind: setting(campaign, name) for kind, name in PERCENT.items()}
    if not any(percents.values()):
        return list(items)
    rows = list(
        Assignment.objects.filter(annotator=annotator, item__campaign=campaign)
        .order_by("position")
        .values_list("item", "item__segment", "position", "state", "item__purpose")
    )
    earlier = [Earlier(*row[:3], row[3] == Assignment.State.DONE) for row in rows]
    purposes = [row[4] for row in rows]
    n_judged = purposes.count(Item.Purpose.JUDGE) + len(items)
    found = list(items)
    pool = _pool(campaign, annotator, items)
    for kind, percent in percents.items():
        start = draw(campaign.seed, "share", annotator.pk, kind).random()
        due = math.floor(n_judged * percent / 100 + start) - purposes.count(kind)
        for control in (c for c in pool if c.purpose == kind):
            if due <= 0:
                break
            due -= _place(found, control, earlier, campaign, annotator)
    return found


def n_expected(campaign: Campaign, n_judged: int) -> int:
    """How many controls come with so many judged items."""
    percent = sum(setting(campaign, name) for name in PERCENT.values())
    return round(n_judged * percent / 100)


def controls_among(lapsed: QuerySet[Assignment], found: Sequence[Assignment]) -> list[Assignment]:
    """Of the leases that ran out, the controls that can be leased again with the items found.

    Left out are those that would now stand beside their segment, as others took what was between.
    """
    if not found:
        return []
    controls = lapsed.filter(item__purpose__in=PERCENT).select_related("item")
    segments = dict(Item.objects.filter(assignments__in=found).values_list("pk", "segment_id"))
    held = [(a.position, segments[a.item_id]) for a in found]
    kept = []
    for control in controls:
        before = [row for row in held if row[0] < control.position]
        after = [row for row in held if row[0] > control.position]
        beside = {max(before)[1] if before else None, min(after)[1] if after else None}
        if control.item.segment_id not in beside:
            kept.append(control)
            held.append((control.position, control.item.segment_id))
    return kept


def _pool(campaign: Campaign, annotator: Annotator, items: Sequence[Item]) -> list[Item]:
    """Controls that this annotator may get, in the order drawn for them."""
    mine = Assignment.objects.filter(annotator=annotator).values("item")
    rows = (
        campaign.items.filter(purpose__in=PERCENT)
        .filter(Q(origin=None) | Q(origin__in=mine) | Q(origin__in=[item.pk for item in items]))
        .exclude(pk__in=mine)
        .prefetch_related("slots")
    )
    wrote = _own_segments(campaign, annotator)
    pool = [control for control in rows if control.segment_id not in wrote]
    draw(campaign.seed, "pool", annotator.pk).shuffle(pool)
    return pool


def _own_segments(campaign: Campaign, annotator: Annotator) -> set[int]:
    blocks = own_blocks(campaign, annotator)
    if not blocks:
        return set()
    return set(campaign.items.filter(block__in=blocks).values_list("segment", flat=True))


def _place(
    found: list[Item],
    control: Item,
    earlier: Sequence[Earlier],
    campaign: Campaign,
    annotator: Annotator,
) -> bool:
    """Put the control into the sequence; false where there is no place for it."""
    first = earlier[-1].position + 1 if earlier else 0
    after = setting(campaign, "repeat_after")
    start = 0
    if control.purpose == Item.Purpose.REPEAT:
        start = _earliest(found, control, earlier, first) + after - first
    gaps = {
        place: _gap(found, control, earlier, first, place)
        for place in range(max(0, start), len(found) + 1)
        if not _splits_block(found, place)
    }
    wide = min(after, max(gaps.values(), default=0))
    if wide < NEAREST:
        return False
    places = [place for place, gap in gaps.items() if gap >= wide]
    rng = draw(campaign.seed, "place", annotator.pk, control.pk)
    found.insert(rng.choice(places), control)
    return True


def _earliest(found: Sequence[Item], control: Item, earlier: Sequence[Earlier], first: int) -> int:
    """The position of the item that a control repeats; far beyond the end where it lapsed."""
    for row in earlier:
        if row.item == control.origin_id:
            return row.position if row.is_done else first + len(found)
    return first + next(n for n, item in enumerate(found) if item.pk == control.origin_id)


def _gap(
    found: Sequence[Item], control: Item, earlier: Sequence[Earlier], first: int, place: int
) -> int:
    """How far the nearest item of the same segment would be."""
    here = first + place
    gaps = [here - row.position for row in earlier if row.segment == control.segment_id]
    gaps += [
        place - n if n < place else n + 1 - place
        for n, item in enumerate(found)
        if item.segment_id == control.segment_id
    ]
    return min(gaps, default=len(found) + len(earlier) + NEAREST)


def _splits_block(found: Sequence[Item], place: int) -> bool:
    """Whether the place lies within a block that is read in one go, say a document."""
    return 0 < place < len(found) and found[place - 1].block == found[place].block
