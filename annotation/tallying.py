"""A campaign's numbers by annotator, block and pair, in a fixed number of queries."""

from array import array
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from itertools import groupby
from statistics import median
from typing import Any, NamedTuple

import numpy as np
from django.db.models import Count, F, Max, Min, Q, Sum
from django.db.models.functions import Coalesce
from django.utils import timezone

from annotation import summaries
from annotation.grid import blocks_per_column
from annotation.models import Assignment, Campaign, Item, Rating
from annotation.stuck import nobody_of
from annotation.summaries import (
    Payload,
    is_old,
    kept_numbers,
    make_summary,
    summary_maker,
    summary_of,
)

TALLY = "tally"
NUMBERS = "numbers"
WINDOW = timedelta(hours=24)
AT_ONCE = 20_000  # rows read, and items counted, together
STATES = list(Assignment.State.values)


class Rated(NamedTuple):
    """An annotator's ratings of items to be judged, and the time of any rating at all."""

    annotator: int
    n_complete: int
    seconds: float | None
    last: datetime | None
    seen: datetime


class Held(NamedTuple):
    """An annotator's leases; done, open and recent ones of items to be judged only."""

    annotator: int
    code: str
    n_judged: int
    n_done: int
    n_open: int
    n_recent: int
    n_unfinished: int
    first: datetime | None
    last: datetime | None
    seen: datetime


class Tally(NamedTuple):
    made_at: datetime
    n_items: int
    n_wanted: int
    n_complete: int  # of items that somebody has to judge
    n_flagged: int
    rated: dict[int, Rated]
    held: list[Held]
    cells: dict[str, dict[tuple[int, int], int]]  # state to annotator and column to items
    shared: dict[tuple[int, int], int]  # two annotators, the smaller key first, to items
    medians: dict[int, tuple[float, int]]  # annotator to the median active seconds, of how many
    median: float | None
    stuck: tuple[int, int]  # items that everybody had, and that nobody left may take


def tally_of(campaign: Campaign, now: datetime | None = None) -> Tally:
    """As it was counted last; as of `now` where it is given."""
    if now is None:
        return _read(summary_of(campaign, TALLY))
    return _read({**count_up(campaign, now), "made_at": now})


class Numbers(NamedTuple):
    """Finished ratings, those of items to be judged, and the people who gave them."""

    n_answers: int = 0
    n_judged: int = 0
    n_raters: int = 0


def numbers_of(campaigns: Iterable[Campaign]) -> dict[int, Numbers]:
    """By campaign; of big ones as they were counted last. Two queries, however big they are."""
    wanted = {campaign.pk: campaign for campaign in campaigns}
    found = {
        pk: Numbers(row.n_answers, row.n_judged, row.n_raters)
        for pk, row in kept_numbers(wanted, TALLY, NUMBERS).items()
        if row.name == TALLY or not is_old(row)
    }
    counted = _counted_numbers([pk for pk in wanted if pk not in found])
    for pk, numbers in counted.items():
        if numbers.n_answers >= summaries.BIG:  # until the first tally
            make_summary(wanted[pk], NUMBERS)
    return {pk: Numbers() for pk in wanted} | counted | found


@summary_maker(NUMBERS)
def count_numbers(campaign: Campaign) -> Payload:
    return _counted_numbers([campaign.pk]).get(campaign.pk, Numbers())._asdict()


def _counted_numbers(campaigns: list[int]) -> dict[int, Numbers]:
    judged = Q(item__purpose=Item.Purpose.JUDGE)
    rows = (
        Rating.objects.filter(item__campaign__in=campaigns, is_complete=True)
        .order_by()
        .values_list("item__campaign")
        .annotate(
            n_answers=Count("pk"),
            n_judged=Count("pk", filter=judged),
            n_raters=Count("annotator", distinct=True),
        )
    )
    return {pk: Numbers(*numbers) for pk, *numbers in rows}


@summary_maker(TALLY)
def count_up(campaign: Campaign, now: datetime | None = None) -> Payload:
    """Plain data that a row can keep; ten queries."""
    items = campaign.items.judged().filter(needs_rating=True)
    wanted = items.with_wanted().aggregate(n_items=Count("pk"), n_wanted=Sum("wanted"))
    rated = list(_rated(campaign))
    medians, everything = _medians(campaign)
    cells, shared = _cells_and_pairs(campaign)
    return {
        "n_items": wanted["n_items"],
        "n_wanted": wanted["n_wanted"] or 0,
        "n_complete": sum(row["n_counted"] for row in rated),
        "n_flagged": sum(row["n_flagged"] for row in rated),
        "n_answers": sum(row["n_answers"] for row in rated),
        "n_judged": sum(row["n_complete"] for row in rated),
        "n_raters": sum(row["n_answers"] > 0 for row in rated),
        "rated": [_plain([row[name] for name in Rated._fields]) for row in rated],
        "held": [
            _plain([row[name] for name in Held._fields])
            for row in _held(campaign, now or timezone.now())
        ],
        "cells": cells,
        "shared": shared,
        "medians": medians,
        "median": everything,
        "stuck": list(nobody_of(campaign)),
    }


def _plain(values: list[Any]) -> list[Any]:
    return [value.isoformat() if isinstance(value, datetime) else value for value in values]


def _read(payload: Payload) -> Tally:
    found = {
        "rated": {row[0]: Rated(*_timed(row, Rated)) for row in payload["rated"]},
        "held": [Held(*_timed(row, Held)) for row in payload["held"]],
        "cells": {state: {} for state in STATES},
        "shared": {(first, second): n for first, second, n in payload["shared"]},
        "medians": {annotator: (middle, n) for annotator, middle, n in payload["medians"]},
        "stuck": tuple(payload["stuck"]),
    }
    for annotator, state, column, n in payload["cells"]:
        found["cells"][STATES[state]][annotator, column] = n
    return Tally(**{name: found.get(name, payload.get(name)) for name in Tally._fields})


def _timed(row: list[Any], kind: type[Rated] | type[Held]) -> Iterator[Any]:
    for name, value in zip(kind._fields, row, strict=True):
        is_time = name in ("first", "last", "seen") and value is not None
        yield datetime.fromisoformat(value) if is_time else value


def _rated(campaign: Campaign) -> Any:
    done, judged = Q(is_complete=True), Q(item__purpose=Item.Purpose.JUDGE)
    return (
        Rating.objects.filter(item__campaign=campaign)
        .order_by()
        .values("annotator")
        .annotate(
            n_answers=Count("pk", filter=done),
            n_complete=Count("pk", filter=done & judged),
            n_counted=Count("pk", filter=done & judged & Q(item__needs_rating=True)),
            n_flagged=Count("pk", filter=Q(flagged=True)),
            seconds=Sum("active_seconds", filter=done & judged),
            last=Max("updated_at", filter=judged),
            seen=Max("updated_at"),
        )
    )


def _held(campaign: Campaign, now: datetime) -> Any:
    judged = Q(item__purpose=Item.Purpose.JUDGE)
    done = judged & Q(state=Assignment.State.DONE)
    lapsed = judged & Q(
        state=Assignment.State.EXPIRED,
        item__n_taken__lt=Coalesce("item__n_wanted", "item__campaign__raters_per_item"),
    )
    return (
        Assignment.objects.filter(item__campaign=campaign)
        .order_by("annotator__code")
        .values("annotator", code=F("annotator__code"))
        .annotate(
            n_judged=Count("pk", filter=judged),
            n_done=Count("pk", filter=done),
            n_open=Count("pk", filter=judged & Q(state=Assignment.State.OPEN)),
            n_recent=Count("pk", filter=done & Q(done_at__gt=now - WINDOW)),
            n_unfinished=Count("pk", filter=Q(state=Assignment.State.OPEN) | lapsed),
            first=Min("created_at", filter=judged),
            last=Max("done_at", filter=judged),
            seen=Max("created_at"),
        )
    )


def _medians(campaign: Campaign) -> tuple[list[list[float]], float | None]:
    timed = Rating.objects.filter(
        item__campaign=campaign,
        item__purpose=Item.Purpose.JUDGE,
        is_complete=True,
        active_seconds__isnull=False,
    )
    times: dict[int, array] = {}
    rows = timed.order_by().values_list("annotator", "active_seconds")
    for annotator, seconds in rows.iterator(AT_ONCE):
        times.setdefault(annotator, array("d")).append(seconds)
    everything = np.concatenate([np.frombuffer(values) for values in times.values()] or [[]])
    each = [[annotator, median(values), len(values)] for annotator, values in times.items()]
    return each, float(np.median(everything)) if len(everything) else None


def _cells_and_pairs(campaign: Campaign) -> tuple[list[list[int]], list[list[int]]]:
    """Items by annotator, state and column, and items that each two have both finished."""
    n_blocks = int(campaign.plan.get("n_blocks") or campaign.plan.get("n_items") or 1)
    size = blocks_per_column(n_blocks)
    rows = (
        Assignment.objects.filter(item__campaign=campaign, item__purpose=Item.Purpose.JUDGE)
        .order_by("item_id")
        .values_list("item_id", "annotator_id", "state", "item__block")
    )
    cells: dict[tuple[int, int, int], int] = {}
    places: dict[int, int] = {}
    shared = np.zeros((0, 0))
    numbers = {state: number for number, state in enumerate(STATES)}
    done: list[list[int]] = []
    for _, leases in groupby(rows.iterator(AT_ONCE), lambda row: row[0]):
        finished = []
        for _item, annotator, state, block in leases:
            cell = (annotator, numbers[state], block // size)
            cells[cell] = cells.get(cell, 0) + 1
            place = places.setdefault(annotator, len(places))
            if state == Assignment.State.DONE:
                finished.append(place)
        done.append(finished)
        if len(done) == AT_ONCE // 10:
            shared = _added(shared, done, len(places))
            done = []
    shared = _added(shared, done, len(places))
    keys = list(places)
    pairs = [
        [*sorted((keys[a], keys[b])), int(shared[a, b])]
        for a, b in zip(*np.nonzero(np.triu(shared, 1)), strict=True)
    ]
    return [[*cell, n] for cell, n in cells.items()], pairs


def _added(shared: np.ndarray, done: list[list[int]], n: int) -> np.ndarray:
    """(n, n) items that two have in common, with those of some more items."""
    met = np.zeros((len(done), n), dtype=np.float32)
    for item, people in enumerate(done):
        met[item, people] = 1.0
    grown = np.zeros((n, n))
    grown[: len(shared), : len(shared)] = shared
    return grown + met.T @ met
