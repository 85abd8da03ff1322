"""Who fills which of a design's numbered places, in the order of joining."""

from annotation.models import Annotator, Assignment, Campaign, Place


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
    return seated.get(annotator.pk)


def taken_by_place(campaign: Campaign, annotator: Annotator, place: int) -> set[int]:
    """Blocks that another who filled this place holds or has judged."""
    others = campaign.places.filter(number=place).exclude(annotator=annotator)
    kept = (Assignment.State.OPEN, Assignment.State.DONE)
    taken = Assignment.objects.filter(
        annotator__in=others.values("annotator"), item__campaign=campaign, state__in=kept
    )
    return set(taken.values_list("item__block", flat=True))
