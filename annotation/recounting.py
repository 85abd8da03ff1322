"""Counts that are kept beside what they count: checked against a fresh count, and mended."""

from typing import NamedTuple

from django.db import transaction
from django.db.models import Count, F, IntegerField, OuterRef, Subquery
from django.db.models.functions import Coalesce

from accounts.audit import record
from annotation.models import Assignment, Campaign, Item, Summary
from annotation.places import look_anew
from annotation.summaries import make_summary

TAKEN = (Assignment.State.OPEN, Assignment.State.DONE)
NUMBERS = ("n_answers", "n_judged", "n_raters")
AT_ONCE = 1000


class Recounted(NamedTuple):
    """Items with a wrong number of annotators, and kept summaries with wrong numbers."""

    n_items: int
    n_summaries: int


def recount(campaign: Campaign) -> Recounted:
    """Mend what is wrong; counts that a worker would have made anew soon are wrong, too."""
    found = Recounted(_mend_items(campaign), _mend_summaries(campaign))
    if any(found):
        told = found._asdict()
        record(None, "counts.mend", campaign, campaign_id=campaign.pk, **told)
    return found


@transaction.atomic
def _mend_items(campaign: Campaign) -> int:
    Campaign.objects.select_for_update().get(pk=campaign.pk)  # nothing is handed out meanwhile
    leases = Assignment.objects.filter(item=OuterRef("pk"), state__in=TAKEN).order_by()
    counted = leases.values("item").annotate(n=Count("pk")).values("n")
    held = Coalesce(Subquery(counted, output_field=IntegerField()), 0)
    items = campaign.items.order_by("pk").annotate(held=held).exclude(n_taken=F("held"))
    wrong = dict(items.values_list("pk", "held"))
    by_number: dict[int, list[int]] = {}
    for item, n in wrong.items():
        by_number.setdefault(n, []).append(item)
    for n, keys in by_number.items():
        for start in range(0, len(keys), AT_ONCE):
            Item.objects.filter(pk__in=keys[start : start + AT_ONCE]).update(n_taken=n)
    look_anew(campaign)
    return len(wrong)


def _mend_summaries(campaign: Campaign) -> int:
    n_wrong = 0
    for row in Summary.objects.filter(campaign=campaign).defer("payload"):
        fresh = make_summary(campaign, row.name)
        n_wrong += any(getattr(row, name) != fresh[name] for name in NUMBERS)
    return n_wrong
