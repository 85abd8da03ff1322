"""How a campaign that runs is going: progress, pace, time an item takes, agreement so far."""

import math
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from annotation.models import Campaign, Participation
from annotation.summaries import Payload, summary_maker, summary_of
from annotation.tallying import WINDOW, Tally, tally_of
from metrics.analyses.frame import load_frame
from metrics.analyses.settings import Settings

FEWEST, SHORTEST = 5, 0.5  # ratings, and hours, from which anything is projected
AGREEMENT = "agreement"
NUMBERS = ("value", "low", "high")
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


def progress_of(
    campaign: Campaign, now: datetime | None = None, tally: Tally | None = None
) -> Progress:
    """One query beside the tally. Controls are not counted: nobody plans for them."""
    tally = tally or tally_of(campaign, now)
    now = now or tally.made_at
    states = dict(campaign.participations.values_list("annotator", "state"))
    held = [row for row in tally.held if row.n_judged]
    first = min((row.first for row in held if row.first), default=None)
    n_done = sum(row.n_done for row in held)
    return Progress(
        n_wanted=tally.n_wanted,
        n_done=n_done,
        n_open=sum(row.n_open for row in held),
        workers=[
            Worker(
                code=row.code,
                state=states.get(row.annotator, Participation.State.ACTIVE),
                n_done=row.n_done,
                n_open=row.n_open,
                n_recent=row.n_recent,
                seconds=tally.medians.get(row.annotator, (None,))[0],
                last=row.last,
            )
            for row in held
        ],
        pace=_pace(sum(row.n_recent for row in held), tally.n_wanted - n_done, first, now),
        seconds=tally.median,
    )


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
    """Alpha in the main criterion, with `as_of`; of a big campaign as it was counted last."""
    found = summary_of(campaign, AGREEMENT)
    numbers = {name: math.nan if found[name] is None else found[name] for name in NUMBERS}
    return {**found, **numbers, "as_of": found["made_at"]}


@summary_maker(AGREEMENT)
def _agreement(campaign: Campaign) -> Payload:
    """Plain data: None where a number is not defined."""
    from metrics.analyses.agreement import main_alpha

    frame = load_frame(campaign)
    row = main_alpha(frame, QUICK)
    numbers = {name: None if row[name] != row[name] else row[name] for name in NUMBERS}
    n = len(set(zip(frame.item.tolist(), frame.rater.tolist(), strict=True)))
    return {**row, **numbers, "n_answers": n, "n_judged": n, "n_raters": len(frame.raters)}
