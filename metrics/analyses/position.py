"""Whether the place an output was shown in decides which one is preferred."""

from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

import numpy as np
from scipy.stats import binomtest

from annotation.models import Assignment, Campaign, ItemOutput, RatingScore
from metrics.analyses.frame import counted
from metrics.analyses.settings import Settings
from metrics.statistics import holm, proportion_interval

PREFERENCE = "preference"


class Choice(NamedTuple):
    annotator: str
    place: int | None  # of the preferred output as shown, from 0; none for a tie


def position_table(campaign: Campaign, settings: Settings) -> list[dict[str, Any]]:
    """Everybody together, then each annotator; [] where nothing was compared. Three queries."""
    choices = list(_choices(campaign, settings.with_excluded))
    if not choices:
        return []
    codes = sorted({choice.annotator for choice in choices})
    each = [_row(code, (c for c in choices if c.annotator == code), settings) for code in codes]
    for row, adjusted in zip(each, holm([row["p"] for row in each]), strict=True):
        row["p_adjusted"] = float(adjusted)
    return [_row(None, choices, settings), *each]


def _choices(campaign: Campaign, with_excluded: bool) -> Iterator[Choice]:
    if not campaign.protocol_object.compares:
        return
    slots = {
        (item, output): slot
        for item, output, slot in ItemOutput.objects.filter(item__campaign=campaign).values_list(
            "item", "output", "slot"
        )
    }
    held = Assignment.objects.filter(item__campaign=campaign)
    orders = {
        (item, annotator): order
        for item, annotator, order in held.values_list("item", "annotator", "order")
    }
    scores = RatingScore.objects.filter(
        rating__in=counted(campaign, with_excluded=with_excluded), criterion=PREFERENCE
    ).order_by("rating", "output")
    seen = set()
    for rating, item, annotator, code, output, value in scores.values_list(
        "rating",
        "rating__item",
        "rating__annotator",
        "rating__annotator__code",
        "output",
        "value",
    ):
        order = orders.get((item, annotator))
        if not order or (item, output) not in slots:
            continue
        if value == 1:
            yield Choice(code, order.index(slots[item, output]))
        elif value == 0.5 and rating not in seen:
            seen.add(rating)
            yield Choice(code, None)


def _row(annotator: str | None, choices: Iterable[Choice], settings: Settings) -> dict[str, Any]:
    places = [choice.place for choice in choices]
    n_first, n_ties = places.count(0), places.count(None)
    n = len(places) - n_ties
    share = proportion_interval(n_first, n, level=settings.coverage)
    p = float(binomtest(n_first, n).pvalue) if n else np.nan
    return {
        "annotator": annotator,
        "share_first": share.estimate,
        "low": share.low,
        "high": share.high,
        "p": p,
        "p_adjusted": np.nan if annotator is None else p,
        "n_first": n_first,
        "n": n,
        "n_ties": n_ties,
        "reason": None if n else "every comparison is a tie",
    }
