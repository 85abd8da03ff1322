"""Where controls stand in an annotator's sequence: seeded, and never beside the same segment."""

import math
from collections.abc import Collection, Sequence
from typing import NamedTuple

from django.db.models import QuerySet, prefetch_related_objects

from annotation.authorship import own_blocks
from annotation.control_settings import setting
from annotation.controls import PERCENT
from annotation.given import STATES, count_given
from annotation.models import Annotator, Assignment, Campaign, Item
from annotation.ordering import draw
from annotation.quality_loading import FIRST

NEAREST = 2  # positions between a control and another item of its segment
LATELY = 300  # items given last whose controls may come, beside as many as a repetition waits for


class Earlier(NamedTuple):
    """An item that the annotator was given before."""

    item: int
    position: int
    is_done: bool


def mixed_in(items: Sequence[Item], campaign: Campaign, annotator: Annotator) -> list[Item]:
    """A batch in its order with controls among it, so many that the campaign's shares are kept.

    A control that finds no place now is left for a later batch. Repetitions and the like are of
    items in this batch or among the last that the annotator was given. As many queries, and rows,
    however much they were given; none where the campaign asks for no control.
    """
    percents = {kind: setting(campaign, name) for kind, name in PERCENT.items()}
    if not any(percents.values()):
        return list(items)
    given = count_given(campaign, annotator)
    first = given.upto + 1
    n_judged = given.counts.get(Item.Purpose.JUDGE, 0) + len(items)
    found = list(items)
    pool = _pool(campaign, annotator, items, first)
    earlier = _earlier(campaign, annotator, pool)
    placed = []
    for kind, percent in percents.items():
        start = draw(campaign.seed, "share", annotator.pk, kind).random()
        due = math.floor(n_judged * percent / 100 + start) - given.counts.get(kind, 0)
        for control in (c for c in pool if c.purpose == kind):
            if due <= 0:
                break
            before = earlier.get(control.segment_id, ())
            if _place(found, control, before, first, campaign, annotator):
                placed.append(control)
                due -= 1
    prefetch_related_objects(placed, "slots")
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


def _pool(
    campaign: Campaign, annotator: Annotator, items: Sequence[Item], first: int
) -> list[Item]:
    """Controls that this annotator may get, in the order drawn for them."""
    here = {"annotator": annotator, "item__campaign": campaign}
    since = first - LATELY - setting(campaign, "repeat_after")
    recent = Assignment.objects.filter(**here, state__in=STATES, position__gte=since)
    origins = dict(recent.values_list("item", "item__segment"))
    origins |= {item.pk: item.segment_id for item in items}
    # An order, or asking by the origins, which most items have not, might read all items.
    made = Item.objects.filter(segment__in=set(origins.values()), purpose__in=PERCENT).order_by()
    loaded = campaign.items.filter(position__gte=FIRST, purpose__in=PERCENT, origin=None)
    rows = [row for row in made.defer("expected") if row.origin_id in origins]
    rows += loaded.defer("expected")
    had = Assignment.objects.filter(annotator=annotator, item__in=[row.pk for row in rows])
    barred = set(had.values_list("item", flat=True))
    wrote = _own_segments(campaign, annotator, {row.segment_id for row in rows})
    pool = [row for row in rows if row.pk not in barred and row.segment_id not in wrote]
    pool.sort(key=lambda row: row.position)
    draw(campaign.seed, "pool", annotator.pk).shuffle(pool)
    return pool


def _own_segments(campaign: Campaign, annotator: Annotator, among: Collection[int]) -> set[int]:
    """Of these segments, those in a block with one that the annotator wrote."""
    blocks = campaign.items.filter(segment__in=among).order_by().values_list("block", flat=True)
    own = own_blocks(campaign, annotator, among=set(blocks.distinct()))
    if not own:
        return set()
    return set(campaign.items.filter(block__in=own).values_list("segment", flat=True))


def _earlier(
    campaign: Campaign, annotator: Annotator, pool: Sequence[Item]
) -> dict[int, list[Earlier]]:
    """What the annotator was given of the pool's segments, by segment, in order."""
    segments = {control.segment_id for control in pool}
    items = dict(campaign.items.filter(segment__in=segments).values_list("pk", "segment"))
    rows = Assignment.objects.filter(annotator=annotator, item__in=items)
    earlier: dict[int, list[Earlier]] = {}
    for item, position, state in sorted(
        rows.values_list("item", "position", "state"), key=lambda row: row[1]
    ):
        given = Earlier(item, position, state == Assignment.State.DONE)
        earlier.setdefault(items[item], []).append(given)
    return earlier


def _place(
    found: list[Item],
    control: Item,
    earlier: Sequence[Earlier],
    first: int,
    campaign: Campaign,
    annotator: Annotator,
) -> bool:
    """Put the control into the sequence; false where there is no place for it.

    earlier : what was given of its segment; first : the position that the sequence begins at
    """
    after = setting(campaign, "repeat_after")
    start = 0
    if control.purpose == Item.Purpose.REPEAT:
        start = _earliest(found, control, earlier, first) + after - first
    beside = [n for n, item in enumerate(found) if item.segment_id == control.segment_id]
    last = earlier[-1].position if earlier else None
    nothing = len(found) + first + NEAREST
    gaps = {
        place: _gap(place, beside, nothing if last is None else first + place - last)
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


def _gap(place: int, beside: Sequence[int], before: int) -> int:
    """How far the nearest item of the same segment would be.

    beside : where such stand in the sequence; before : how far the last one before it is
    """
    return min([before, *(place - n if n < place else n + 1 - place for n in beside)])


def _splits_block(found: Sequence[Item], place: int) -> bool:
    """Whether the place lies within a block that is read in one go, say a document."""
    return 0 < place < len(found) and found[place - 1].block == found[place].block
