"""What needs a look while a campaign runs, each as one sentence."""

from datetime import timedelta
from statistics import median

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from annotation.models import Campaign
from annotation.planner import FEWEST_SHARED
from annotation.tallying import Tally

STOPPED_DAYS = 3
FAR_FROM_OTHERS = 3.0  # times the usual median
FEWEST_TIMED = 10  # ratings with a time before anybody is called fast or slow


def stopped(tally: Tally, days: int = STOPPED_DAYS) -> list[str]:
    """Unfinished: leased now, or let expire while the item still waits for somebody."""
    now = timezone.now()
    sentences = []
    for held in tally.held:
        rated = tally.rated.get(held.annotator)
        seen = max(held.seen, rated.seen) if rated else held.seen
        if held.n_unfinished and seen < now - timedelta(days=days):
            sentences.append(_stopped_sentence(held.code, held.n_unfinished, (now - seen).days))
    return sentences


def _stopped_sentence(code: str, n: int, days: int) -> str:
    return ngettext(
        "%(code)s has done nothing for %(days)s days and has %(n)s item unfinished.",
        "%(code)s has done nothing for %(days)s days and has %(n)s items unfinished.",
        n,
    ) % {"code": code, "days": days, "n": n}


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


def odd_speed(tally: Tally, codes: dict[int, str]) -> list[str]:
    """Medians of active time, each against the median of all annotators' medians."""
    medians = {
        codes[pk]: seconds
        for pk, (seconds, n) in tally.medians.items()
        if pk in codes and n >= FEWEST_TIMED
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
