"""How long people are kept: accounts of annotators who have been done for long are erased."""

from datetime import timedelta
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from accounts.forgetting import forget_before
from annotation.models import Campaign, Membership, RatingEvent
from annotation.privacy.erasing import erase_person


def idle_people(days: int) -> Any:
    """Annotators who did nothing for so many days and have no campaign that is open.

    Who also researches or administers anything is never among them.
    """
    before = timezone.now() - timedelta(days=days)
    mine = Membership.objects.filter(user=OuterRef("pk"))
    busy = mine.filter(Q(campaign__state=Campaign.State.OPEN) | ~Q(role=Membership.Role.ANNOTATOR))
    recent = RatingEvent.objects.filter(annotator__user=OuterRef("pk"), received_at__gte=before)
    return (
        get_user_model()
        .objects.filter(is_staff=False, groups=None, date_joined__lt=before)
        .filter(Q(last_login=None) | Q(last_login__lt=before))
        .exclude(Exists(busy))
        .exclude(Exists(recent))
        .exclude(Exists(mine.filter(created_at__gte=before)))
    )


def keep_no_longer() -> dict[str, int]:
    """Erase what its time is over for, by NIKASH_RETENTION_DAYS and NIKASH_AUDIT_DAYS; how many.

    Answers stay, under codes that lead to nobody. 0 days means for ever.
    """
    told = {"accounts": 0, "audit": 0}
    if settings.RETENTION_DAYS:
        for user in idle_people(settings.RETENTION_DAYS):
            erase_person(user, by=None, with_answers=False)
            told["accounts"] += 1
    if settings.AUDIT_DAYS:
        told["audit"] = forget_before(timezone.now() - timedelta(days=settings.AUDIT_DAYS))
    return told
