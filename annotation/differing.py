"""Items that two or more have judged, those that differ most first, a page of them at a time.

Of a big campaign the order is kept as its other counts are: annotation.summaries.
"""

from typing import Any

from django.db.models import Exists, F, OuterRef, QuerySet

from annotation.models import Assignment, Campaign, Item, Rating
from annotation.norming import Room, gap_of, items_in
from annotation.summaries import Payload, summary_maker, summary_of
from annotation.tallying import numbers_of

DIFFERING = "differing"


@summary_maker(DIFFERING)
def order_of(campaign: Campaign) -> Payload:
    """Primary keys in order; the page's other numbers are counted for the items on it."""
    complete = Rating.objects.filter(item=OuterRef("pk"), is_complete=True)
    second = complete.order_by().values("pk")[1:2]
    items = campaign.items.judged().filter(Exists(second)).annotate(gap=gap_of(campaign))
    ordered = items.order_by(F("gap").desc(nulls_last=True), "position")
    counted = numbers_of([campaign])[campaign.pk]
    return {**counted._asdict(), "items": list(ordered.values_list("pk", flat=True))}


class Differing:
    """A list for a paginator: its length, and slices of items as annotation.norming has them."""

    def __init__(self, room: Room, *, only_flagged: bool = False) -> None:
        self.room = room
        self._items: list[int] = summary_of(room.campaign, DIFFERING)["items"]
        if only_flagged:
            self._keep(Rating.objects.filter(flagged=True))
        if not room.is_research:
            done = Assignment.objects.filter(state=Assignment.State.DONE)
            self._keep(Rating.objects.filter(is_complete=True), annotator=room.annotator)
            self._keep(done, annotator=room.annotator)

    def _keep(self, rows: QuerySet[Any], **named: Any) -> None:
        """Only the items that have such rows."""
        rows = rows.filter(item__campaign=self.room.campaign, **named)
        kept = set(rows.order_by().values_list("item", flat=True))
        self._items = [pk for pk in self._items if pk in kept]

    def count(self) -> int:
        return len(self._items)

    def __len__(self) -> int:
        return len(self._items)

    def __getitem__(self, places: slice) -> list[Item]:
        found = items_in(self.room).filter(pk__in=self._items[places])
        shown = found.select_related("segment").with_texts()
        items = {item.pk: item for item in shown}
        return [items[pk] for pk in self._items[places] if pk in items]
