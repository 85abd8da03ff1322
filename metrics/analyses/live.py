"""How a campaign that runs is going: progress, pace, time an item takes, agreement so far."""

from datetime import datetime, timedelta
from statistics import median
from typing import Any, NamedTuple

from django.core.cache import cache
from django.db.models import Count, Max, Min, Q, Sum
from django.utils import timezone

from annotation.models import Assignment, Campaign, Participation, Rating
from metrics.analyses.frame import counted, load_frame
from metrics.analyses.settings import Settings

WINDOW = timedelta(hours=24)  # the pace is that of the last day
FEWEST, SHORTEST = 5, 0.5  # ratings, and hours, from which anything is projected
BIG = 2000  # ratings from which agreement is kept for a while
KEPT_SECONDS = 60
QUICK = Settings(resamples=300)


class Worker(NamedTuple):
    """One annotator's items to be judged; seconds: median active time of an answer."""

    code: str
    state: str
    n_done: int
    n_open: int
    n_recent: int
    seconds: float | None
    last: datetime | None


class Pace(NamedTuple):
    """Ratings per hour of clock time, nights included; an end only where it can be projected."""

    per_hour: float | None
    hours: float
    ends_at: datetime | None


class Progress(NamedTuple):
    n_wanted: int
    n_done: int
    n_open: int
    workers: list[Worker]
    pace: Pace
    seconds: float | None

    @property
    def n_left(self) -> int:
        """What nobody holds yet."""
        return max(0, self.n_wanted - self.n_done - self.n_open)


def progress_of(campaign: Campaign, now: datetime | None = None) -> Progress:
    """Four queries. Controls are not counted: nobody plans for them."""
    now = now or timezone.now()
    items = campaign.items.judged().filter(needs_rating=True)
    n_wanted = items.with_wanted().aggregate(n=Sum("wanted"))["n"] or 0
    states = dict(campaign.participations.values_list("annotator", "state"))
    times = _times(campaign)
    workers, first = [], None
    for row in _by_annotator(campaign, now):
        first = min(filter(None, (first, row["first"])), default=None)
        seconds = times.get(row["annotator"])
        workers.append(
            Worker(
                code=row["annotator__code"],
                state=states.get(row["annotator"], Participation.State.ACTIVE),
                n_done=row["n_done"],
                n_open=row["n_open"],
                n_recent=row["n_recent"],
                seconds=median(seconds) if seconds else None,
                last=row["last"],
            )
        )
    everything = [value for values in times.values() for value in values]
    n_done = sum(worker.n_done for worker in workers)
    n_recent = sum(worker.n_recent for worker in workers)
    return Progress(
        n_wanted=n_wanted,
        n_done=n_done,
        n_open=sum(worker.n_open for worker in workers),
        workers=workers,
        pace=_pace(n_recent, n_wanted - n_done, first, now),
        seconds=median(everything) if everything else None,
    )


def _by_annotator(campaign: Campaign, now: datetime) -> Any:
    done = Q(state=Assignment.State.DONE)
    return (
        Assignment.objects.filter(item__campaign=campaign, item__purpose="judge")
        .order_by("annotator__code")
        .values("annotator", "annotator__code")
        .annotate(
            n_done=Count("pk", filter=done),
            n_open=Count("pk", filter=Q(state=Assignment.State.OPEN)),
            n_recent=Count("pk", filter=done & Q(done_at__gt=now - WINDOW)),
            first=Min("created_at"),
            last=Max("done_at"),
        )
    )


def _times(campaign: Campaign) -> dict[int, list[float]]:
    timed = Rating.objects.filter(
        item__campaign=campaign,
        item__purpose="judge",
        is_complete=True,
        active_seconds__isnull=False,
    )
    found: dict[int, list[float]] = {}
    for annotator, seconds in timed.values_list("annotator", "active_seconds"):
        found.setdefault(annotator, []).append(seconds)
    return found


def _pace(n_recent: int, n_left: int, first: datetime | None, now: datetime) -> Pace:
    """Over the last day, or since the first item was handed out where that is later."""
    start = max(first or now, now - WINDOW)
    hours = (now - start).total_seconds() / 3600
    if n_recent < FEWEST or hours < SHORTEST:
        return Pace(None, hours, None)
    per_hour = n_recent / hours
    ends_at = now + timedelta(hours=n_left / per_hour) if n_left > 0 else None
    return Pace(per_hour, hours, ends_at)


def agreement_so_far(campaign: Campaign) -> dict[str, Any]:
    """Alpha in the main criterion, with `as_of`; of a big campaign at most once a minute anew."""
    n_ratings = counted(campaign).count()
    if n_ratings < BIG:
        return _agreement(campaign)
    key = f"nikash-live-agreement-{campaign.pk}"
    found = cache.get(key)
    if found is None:
        found = _agreement(campaign)
        cache.set(key, found, KEPT_SECONDS)
    return found


def _agreement(campaign: Campaign) -> dict[str, Any]:
    from metrics.analyses.agreement import main_alpha

    return {**main_alpha(load_frame(campaign), QUICK), "as_of": timezone.now()}
