"""Who has worked in a campaign, how much, and in what standing."""

from datetime import datetime
from typing import Any, NamedTuple

from django.db.models import Count, Max, Q, Sum

from annotation.models import Annotator, Campaign, Item, Participation, Rating


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


def workers_of(campaign: Campaign) -> list[Worker]:
    """Everybody who began, by code. Three queries."""
    done = Q(is_complete=True)
    rated: dict[int, dict[str, Any]] = {
        row["annotator"]: row
        for row in Rating.objects.filter(item__campaign=campaign, item__purpose=Item.Purpose.JUDGE)
        .order_by()
        .values("annotator")
        .annotate(
            n_complete=Count("pk", filter=done),
            seconds=Sum("active_seconds", filter=done),
            last=Max("updated_at"),
        )
    }
    begun = {p.annotator_id: p for p in campaign.participations.select_related("changed_by")}
    return [
        Worker(
            annotator,
            begun.get(annotator.pk),
            rated.get(annotator.pk, {}).get("n_complete", 0),
            rated.get(annotator.pk, {}).get("seconds"),
            rated.get(annotator.pk, {}).get("last"),
        )
        for annotator in workers(campaign).order_by("code")
    ]


def workers(campaign: Campaign) -> Any:
    """The annotators who began or have ratings, as a queryset."""
    rated = Rating.objects.filter(item__campaign=campaign).values("annotator")
    return Annotator.objects.filter(
        Q(pk__in=rated) | Q(pk__in=campaign.participations.values("annotator"))
    )
