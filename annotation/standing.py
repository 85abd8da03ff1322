"""Who has worked in a campaign, how much, and in what standing."""

from datetime import datetime
from typing import Any, NamedTuple

from django.db.models import Q

from annotation.models import Annotator, Campaign, Participation, Rating
from annotation.tallying import Tally, tally_of


class Worker(NamedTuple):
    """An annotator in one campaign, controls not counted; imported raters do not participate."""

    annotator: Annotator
    participation: Participation | None
    n_complete: int
    seconds: float | None
    last: datetime | None

    @property
    def state(self) -> str:
        return self.participation.state if self.participation else Participation.State.ACTIVE

    @property
    def has_withdrawn(self) -> bool:
        """Whether they had consented when they began, or later, and do so no more."""
        frozen = self.participation.profile if self.participation else {}
        return bool(frozen.get("consented")) and self.annotator.consented_at is None


def workers_of(campaign: Campaign, tally: Tally | None = None) -> list[Worker]:
    """Everybody who began, by code. Two queries beside the tally."""
    rated = (tally or tally_of(campaign)).rated
    begun = {p.annotator_id: p for p in campaign.participations.select_related("changed_by")}
    people = Annotator.objects.filter(pk__in={*rated, *begun}).order_by("code")
    return [
        Worker(
            annotator,
            begun.get(annotator.pk),
            rated[annotator.pk].n_complete if annotator.pk in rated else 0,
            rated[annotator.pk].seconds if annotator.pk in rated else None,
            rated[annotator.pk].last if annotator.pk in rated else None,
        )
        for annotator in people
    ]


def workers(campaign: Campaign) -> Any:
    """The annotators who began or have ratings, as a queryset."""
    rated = Rating.objects.filter(item__campaign=campaign).values("annotator")
    return Annotator.objects.filter(
        Q(pk__in=rated) | Q(pk__in=campaign.participations.values("annotator"))
    )
