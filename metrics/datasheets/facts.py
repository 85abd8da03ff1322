"""What a datasheet needs and a report does not hold, in a fixed number of queries."""

import hashlib
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
from django.db.models import Count, Max, Min, Q, Sum

from annotation.models import Annotator, Assignment, Campaign, Guideline, Item, Rating, Remark
from metrics.analyses.frame import counted
from metrics.capsules.makers import makers


@dataclass(frozen=True)
class Facts:
    campaign: Campaign
    report: Mapping[str, Any]
    makers: Mapping[str, Any]
    n_dataset: int  # segments of the dataset
    n_items: Mapping[str, int]  # by purpose
    n_needless: int  # items of equal outputs, which nobody had to judge
    per_item: Mapping[int, int]  # annotators to the number of judged items that have as many
    n_incomplete: int
    n_flagged: int
    n_cannot: int  # finished ratings without a score
    seconds: tuple[float, float, float] | None  # quartiles of active time for an item
    hours: float | None
    first: datetime | None
    last: datetime | None
    n_assigned: int
    guidelines: list[tuple[str, int, str, str]]  # name, version, language, SHA-256
    invitations: Mapping[str, Any]  # n, n_used
    n_people: int  # annotators with an account
    n_consenting: int
    n_remarks: int


def gather_facts(campaign: Campaign, report: Mapping[str, Any]) -> Facts:
    with_excluded = bool(report["generated_with"]["settings"].get("with_excluded"))
    ratings = counted(campaign, with_excluded=with_excluded)
    people = Annotator.objects.filter(pk__in=ratings.values("annotator"))
    accounts = people.filter(origin=Annotator.Origin.PERSON)
    mine = Rating.objects.filter(item__campaign=campaign)
    times = ratings.aggregate(first=Min("updated_at"), last=Max("updated_at"))
    seconds = list(
        ratings.filter(active_seconds__isnull=False).values_list("active_seconds", flat=True)
    )
    quartiles = [float(q) for q in np.percentile(seconds, (25, 50, 75))] if seconds else None
    purposes = campaign.items.values_list("purpose").annotate(n=Count("pk")).order_by("purpose")
    shared = ratings.values("item").annotate(n=Count("pk")).values_list("n", flat=True)
    return Facts(
        campaign=campaign,
        report=report,
        makers=makers(campaign),
        n_dataset=campaign.dataset.segments.count(),
        n_items=dict(purposes),
        n_needless=campaign.items.judged().filter(needs_rating=False).count(),
        per_item=dict(sorted(Counter(shared).items())),
        n_incomplete=mine.filter(is_complete=False).count(),
        n_flagged=ratings.filter(flagged=True).count(),
        n_cannot=ratings.filter(scores__isnull=True).count(),
        seconds=(quartiles[0], quartiles[1], quartiles[2]) if quartiles else None,
        hours=sum(seconds) / 3600 if seconds else None,
        first=times["first"],
        last=times["last"],
        n_assigned=Assignment.objects.filter(
            item__campaign=campaign, item__purpose=Item.Purpose.JUDGE
        ).count(),
        guidelines=_guidelines(campaign),
        invitations=campaign.invitations.aggregate(n=Count("pk"), n_used=Sum("n_used")),
        n_people=accounts.count(),
        n_consenting=accounts.filter(consented_at__isnull=False).count(),
        n_remarks=Remark.objects.filter(Q(item__campaign=campaign)).count(),
    )


def _guidelines(campaign: Campaign) -> list[tuple[str, int, str, str]]:
    rows = Guideline.objects.filter(name=campaign.guideline, version=campaign.guideline_version)
    return [
        (one.name, one.version, one.language, hashlib.sha256(one.text.encode()).hexdigest())
        for one in rows.order_by("language")
    ]
