"""Housekeeping by the clock: what is old leaves. Each may run twice, or at the same time."""

import logging
from datetime import timedelta
from importlib import import_module
from typing import Any

from celery import shared_task
from django.conf import settings
from django.db.models import QuerySet
from django.utils import timezone

from api.idempotency import KEPT
from api.models import KeptAnswer
from metrics.models import Package
from metrics.packages.files import tidy
from models_app.models import PlaygroundRequest
from models_app.playground.limits import KEEP_DAYS
from models_app.upload_jobs import over_long_ago

log = logging.getLogger(__name__)

AT_ONCE = 1000  # rows in one delete


@shared_task
def tidy_up() -> dict[str, int]:
    """Delete what nobody needs: ended sessions, kept answers, requests, uploads and packages."""
    import_module(settings.SESSION_ENGINE).SessionStore.clear_expired()
    now = timezone.now()
    n_deleted = {
        "kept answers": _deleted(KeptAnswer.objects.filter(created_at__lt=now - KEPT)),
        "playground requests": _deleted(
            PlaygroundRequest.objects.filter(
                vote=None, queued_at__lt=now - timedelta(days=KEEP_DAYS)
            ).exclude(pk__in=PlaygroundRequest.objects.unfinished())
        ),
        "uploads": _deleted(over_long_ago()),
        "packages": _tidied(),
    }
    log.info("tidied up: %s", ", ".join(f"{n} {name}" for name, n in n_deleted.items()))
    return n_deleted


def _deleted(rows: QuerySet[Any]) -> int:
    """Delete some at a time, so that nobody waits long for the lock."""
    n_deleted = 0
    while keys := list(rows.order_by("pk").values_list("pk", flat=True)[:AT_ONCE]):
        n_deleted += (
            rows.model.objects.filter(pk__in=keys).delete()[1].get(rows.model._meta.label, 0)
        )
    return n_deleted


def _tidied() -> int:
    """Packages beyond the newest of each campaign and kind, and files without an owner."""
    n_before = Package.objects.count()
    kinds = Package.objects.order_by().values_list("campaign", "kind").distinct()
    for campaign, kind in kinds:
        finished = Package.objects.filter(campaign=campaign, kind=kind, state=Package.State.DONE)
        if newest := finished.order_by("-pk").first():
            tidy(newest)
    return max(0, n_before - Package.objects.count())
