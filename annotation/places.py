"""Who fills which of a design's numbered places, and which blocks each place should still have."""

from collections.abc import Collection, Iterable, Iterator, Sequence

from django.db.models import Count

from annotation.authorship import authors_by_block, names_of, own_blocks
from annotation.models import Annotator, Assignment, Campaign, Due, Place

AT_ONCE = 32  # blocks looked at together; four times as many with every further look
MOST_AT_ONCE = 8192
ROWS = 5000  # written together
HOLDING = (Assignment.State.OPEN, Assignment.State.DONE)


def place_of(campaign: Campaign, annotator: Annotator, n_places: int) -> int | None:
    """The annotator's place, from 0, giving places to all who joined before; None where all are
    filled. Somebody who left a campaign has left the place; a simulated annotator never leaves.
    """
    places = list(campaign.places.select_related("annotator"))
    mine = {place.annotator_id: place.number for place in places}
    if annotator.pk in mine:
        return mine[annotator.pk]
    members = campaign.memberships.annotating().order_by("created_at", "pk")
    joined = [pk for pk in members.values_list("user__annotator", flat=True) if pk]
    held = {
        place.number
        for place in places
        if place.annotator_id in joined or place.annotator.user_id is None
    }
    free = [number for number in range(n_places) if number not in held]
    waiting = [pk for pk in dict.fromkeys([*joined, annotator.pk]) if pk not in mine]
    seated = dict(zip(waiting, free, strict=False))
    Place.objects.bulk_create(
        Place(campaign=campaign, annotator_id=pk, number=number) for pk, number in seated.items()
    )
    bar_authors(campaign, seated.values())
    return seated.get(annotator.pk)


def write_due(campaign: Campaign, sets: Iterable[tuple[int, Collection[int]]]) -> None:
    """Keep which places should have each block; `sets` pairs blocks with their places."""
    rows = (
        Due(campaign=campaign, number=number, block=block)
        for block, numbers in sets
        for number in numbers
    )
    Due.objects.bulk_create(rows, batch_size=ROWS)


def due_at(campaign: Campaign, annotator: Annotator, number: int) -> Iterator[int]:
    """Blocks that the place should have and that this annotator, who fills it, may have now.

    In the campaign's order, read as far as they are asked for. What the place has, or what who
    fills it wrote, is marked so, and not looked at again before it is given back.
    """
    usual, after, size = campaign.raters_per_item, -1, AT_ONCE
    due = campaign.due.filter(number=number)
    rows = open_ones = due.filter(state=Due.State.OPEN)
    if campaign.places.filter(number=number).count() > 1:  # another of them may have written some
        rows = due.exclude(state=Due.State.HELD)
    while blocks := list(
        rows.filter(block__gt=after).order_by("block").values_list("block", flat=True)[:size]
    ):
        held = _held(campaign, number, blocks)
        own = set(own_blocks(campaign, annotator, among=blocks)) - held
        _mark(open_ones, held, Due.State.HELD)
        _mark(open_ones, own, Due.State.WRITTEN)
        lacking = campaign.items.wanting().filter(block__in=blocks, n_taken__lt=usual)
        had = campaign.items.filter(block__in=blocks, assignments__annotator=annotator)
        left = _blocks(lacking) - held - own - _blocks(had)
        yield from (block for block in blocks if block in left)
        after, size = blocks[-1], min(4 * size, MOST_AT_ONCE)


def barred_places(campaign: Campaign) -> dict[int, int]:
    """How many of its places each block lacks because they who fill them wrote it."""
    rows = campaign.due.filter(state=Due.State.WRITTEN).order_by()
    return dict(rows.values_list("block").annotate(n=Count("pk")))


def bar_authors(campaign: Campaign, numbers: Collection[int]) -> None:
    """Mark anew what those who fill or filled these places wrote.

    Reads the authors of the whole campaign: run it when somebody joins or tells another name.
    """
    due = campaign.due.filter(number__in=numbers)
    due.filter(state=Due.State.WRITTEN).update(state=Due.State.OPEN)
    authors = authors_by_block(campaign) if numbers else {}
    if not authors:
        return
    for place in campaign.places.filter(number__in=numbers).select_related("annotator__user"):
        names = names_of(place.annotator)
        own = [block for block, wrote in authors.items() if names & wrote]
        here = due.filter(number=place.number, state=Due.State.OPEN)
        for start in range(0, len(own), ROWS):
            _mark(here, own[start : start + ROWS], Due.State.WRITTEN)


def bar_author(annotator: Annotator) -> None:
    """Mark anew what this annotator wrote, wherever they fill a place."""
    for place in annotator.places.select_related("campaign"):
        bar_authors(place.campaign, [place.number])


def give_back(assignment: int) -> None:
    """The place of whom a lease was taken from should have the block again."""
    lease = Assignment.objects.filter(pk=assignment).values_list("item__campaign", "item__block")
    places = Place.objects.filter(annotator__assignments=assignment)
    for campaign, block in lease:
        numbers = places.filter(campaign=campaign).values("number")
        due = Due.objects.filter(campaign=campaign, block=block, number__in=numbers)
        due.filter(state=Due.State.HELD).update(state=Due.State.OPEN)


def give_back_all(annotator: Annotator) -> None:
    """Look anew at everything that the annotator's places have; run it before they are erased."""
    for place in annotator.places.select_related("campaign"):
        look_anew(place.campaign, number=place.number)


def look_anew(campaign: Campaign, **only: int) -> None:
    """Find out again what the places have, when work is next handed out."""
    campaign.due.filter(state=Due.State.HELD, **only).update(state=Due.State.OPEN)


def _held(campaign: Campaign, number: int, blocks: Sequence[int]) -> set[int]:
    """Of these blocks, those that somebody who filled the place holds or has judged."""
    fillers = campaign.places.filter(number=number).values("annotator")
    items = campaign.items.filter(block__in=blocks)
    return _blocks(items.filter(assignments__annotator__in=fillers, assignments__state__in=HOLDING))


def _blocks(items) -> set[int]:
    return set(items.order_by().values_list("block", flat=True).distinct())


def _mark(rows, blocks: Collection[int], state: str) -> None:
    if blocks:
        rows.filter(block__in=blocks).update(state=state)
