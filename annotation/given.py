"""How many items of each purpose an annotator was given, counted on from where it was left."""

from typing import NamedTuple

from django.db.models import Count, Max

from annotation.models import Annotator, Assignment, Campaign, Participation

STATES = Assignment.State.values  # all of them: the index on positions begins with the state


class Given(NamedTuple):
    """upto : the position of the last one, -1 before the first; counts : by purpose"""

    upto: int
    counts: dict[str, int]


def count_given(campaign: Campaign, annotator: Annotator) -> Given:
    """Counts and keeps what came since the last count; run it where work is handed out."""
    row = Participation.objects.get(campaign=campaign, annotator=annotator)
    kept = row.mixed or {"upto": -1, "counts": {}}
    since = Assignment.objects.filter(
        annotator=annotator,
        item__campaign=campaign,
        state__in=STATES,
        position__gt=kept["upto"],
    )
    found = since.order_by().values_list("item__purpose")
    counts, upto = dict(kept["counts"]), kept["upto"]
    for purpose, n, last in found.annotate(n=Count("pk"), last=Max("position")):
        counts[purpose] = counts.get(purpose, 0) + n
        upto = max(upto, last)
    if upto > kept["upto"]:
        row.mixed = {"upto": upto, "counts": counts}
        row.save(update_fields=["mixed"])
    return Given(upto, counts)
