"""What needs a look while a campaign runs, each as one sentence."""

from datetime import timedelta
from statistics import median
from typing import Any

from django.db.models import Count, Max, Q
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from annotation.models import Assignment, Campaign, Item, Rating
from annotation.planner import FEWEST_SHARED

STOPPED_DAYS = 3
FAR_FROM_OTHERS = 3.0  # times the usual median
FEWEST_TIMED = 10  # ratings with a time before anybody is called fast or slow


def stopped(campaign: Campaign, days: int = STOPPED_DAYS) -> list[str]:
    """Unfinished: leased now, or let expire while the item still waits for somebody."""
    unfinished = Q(state=Assignment.State.OPEN) | Q(
        state=Assignment.State.EXPIRED,
        item__purpose=Item.Purpose.JUDGE,
        item__n_taken__lt=Coalesce("item__n_wanted", "item__campaign__raters_per_item"),
    )
    held = {
        row["annotator"]: row
        for row in Assignment.objects.filter(item__campaign=campaign)
        .order_by()
        .values("annotator", "annotator__code")
        .annotate(n=Count("pk", filter=unfinished), seen=Max("created_at"))
        .filter(n__gt=0)
    }
    rated = Rating.objects.filter(item__campaign=campaign, annotator__in=held).order_by()
    for annotator, last in rated.values_list("annotator").annotate(last=Max("updated_at")):
        held[annotator]["seen"] = max(held[annotator]["seen"], last)
    since = timezone.now() - timedelta(days=days)
    found = [row for row in held.values() if row["seen"] < since]
    return [_stopped_sentence(row) for row in sorted(found, key=lambda r: r["annotator__code"])]


def _stopped_sentence(row: dict[str, Any]) -> str:
    days = (timezone.now() - row["seen"]).days
    return ngettext(
        "%(code)s has done nothing for %(days)s days and has %(n)s item unfinished.",
        "%(code)s has done nothing for %(days)s days and has %(n)s items unfinished.",
        row["n"],
    ) % {"code": row["annotator__code"], "days": days, "n": row["n"]}


def little_shared(
    campaign: Campaign,
    codes: dict[int, str],
    done: dict[int, int],
    shared: dict[tuple[int, int], int],
) -> list[str]:
    """Only of those who each did enough to share as much."""
    busy = sorted(pk for pk in codes if done[pk] >= FEWEST_SHARED)
    pairs = [(a, b) for a in busy for b in busy if a < b]
    little = [pair for pair in pairs if shared.get(pair, 0) < FEWEST_SHARED]
    if campaign.raters_per_item < 2 or not little:
        return []
    a, b = min(little, key=lambda pair: shared.get(pair, 0))
    return [
        _(
            "%(n)s of %(all)s pairs of annotators share fewer than %(least)s items, the fewest "
            "%(a)s and %(b)s with %(items)s; their agreement says little."
        )
        % {
            "n": len(little),
            "all": len(pairs),
            "least": FEWEST_SHARED,
            "a": codes[a],
            "b": codes[b],
            "items": shared.get((a, b), 0),
        }
    ]


def odd_speed(campaign: Campaign, codes: dict[int, str]) -> list[str]:
    """Medians of active time, each against the median of all annotators' medians."""
    times: dict[int, list[float]] = {}
    timed = Rating.objects.filter(
        item__campaign=campaign,
        item__purpose=Item.Purpose.JUDGE,
        is_complete=True,
        active_seconds__isnull=False,
    )
    for annotator, seconds in timed.values_list("annotator_id", "active_seconds"):
        times.setdefault(annotator, []).append(seconds)
    medians = {
        codes[pk]: median(seconds)
        for pk, seconds in times.items()
        if pk in codes and len(seconds) >= FEWEST_TIMED
    }
    if len(medians) < 3:
        return []
    usual = median(medians.values())
    sentences = []
    for code, seconds in sorted(medians.items()):
        words = {"code": code, "seconds": f"{seconds:.0f}", "usual": f"{usual:.0f}"}
        if seconds * FAR_FROM_OTHERS < usual:
            sentences.append(
                _("%(code)s is far faster than others: %(seconds)s seconds, usual is %(usual)s.")
                % words
            )
        elif seconds > FAR_FROM_OTHERS * usual:
            sentences.append(
                _("%(code)s is far slower than others: %(seconds)s seconds, usual is %(usual)s.")
                % words
            )
    return sentences
