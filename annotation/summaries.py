"""Counts that take long in a big campaign: kept in a row, made anew by a worker, shown with a time.

Under BIG finished ratings everything is counted whenever it is shown. Above, a page shows what was
counted last; when that is older than KEPT (with fewer than FULL times BIG ratings than its share of
that), or than PAUSE times what the counting took, a worker is asked to count again, and only where
none did so for long the page counts by itself.
"""

import time
from collections.abc import Callable, Iterable
from datetime import timedelta
from functools import partial
from importlib import import_module
from typing import Any

from django.db import transaction
from django.utils import timezone

from annotation.models import Campaign, Summary
from common import bell

BIG = 1000  # finished ratings
FULL = 5
KEPT = 60.0  # seconds
PAUSE = 20.0  # times what the counting took
PATIENCE = 10  # times as long, before a page stops waiting for the worker

Payload = dict[str, Any]
Maker = Callable[[Campaign], Payload]
_makers: dict[str, Maker] = {}
_modules: dict[str, str] = {}


def summary_maker(name: str) -> Callable[[Maker], Maker]:
    """Decorator: the function that counts; plain data with n_answers, n_judged and n_raters."""

    def register(make: Maker) -> Maker:
        _makers[name] = make
        return make

    return register


def summary_made_in(name: str, module: str) -> None:
    """Say which module has the maker: it is imported when first asked for."""
    _modules[name] = module


def maker_of(name: str) -> Maker:
    """Raises KeyError where nobody said who makes it."""
    if name not in _makers:
        import_module(_modules[name])
    return _makers[name]


def summary_of(campaign: Campaign, name: str) -> Payload:
    """What was counted; `made_at` says when. One query where it is kept."""
    row = Summary.objects.filter(campaign=campaign, name=name).first()
    if row is None:
        return make_summary(campaign, name)
    age = (timezone.now() - row.made_at).total_seconds()
    kept = _kept(row)
    if age < kept or (age < PATIENCE * kept and _ask(row, kept)):
        return {**row.payload, "made_at": row.made_at}
    return make_summary(campaign, name)


def make_summary(campaign: Campaign, name: str) -> Payload:
    """Count now; kept only where the campaign is big."""
    made_at, start = timezone.now(), time.monotonic()
    payload = maker_of(name)(campaign)
    if payload["n_answers"] >= BIG:
        numbers = {field: payload[field] for field in ("n_answers", "n_judged", "n_raters")}
        Summary.objects.update_or_create(
            campaign=campaign,
            name=name,
            defaults={
                "payload": payload,
                "made_at": made_at,
                "seconds": time.monotonic() - start,
                **numbers,
            },
        )
    return {**payload, "made_at": made_at}


def is_old(row: Summary) -> bool:
    """Whether it should be counted again."""
    return (timezone.now() - row.made_at).total_seconds() > _kept(row)


def _kept(row: Summary) -> float:
    """Seconds for which it is shown."""
    return max(KEPT * min(1.0, row.n_answers / (FULL * BIG)), PAUSE * row.seconds)


def kept_numbers(campaigns: Iterable[int], *names: str) -> dict[int, Summary]:
    """Of the big ones among these campaigns, by key, without the payload. One query.

    names : the first that is kept
    """
    rows = Summary.objects.filter(campaign__in=campaigns, name__in=names).defer("payload")
    ordered = sorted(rows, key=lambda row: names.index(row.name), reverse=True)
    return {row.campaign_id: row for row in ordered}


def _ask(row: Summary, kept: float) -> bool:
    """Ask a worker once per `kept` seconds; True, for the page need not count itself."""
    from annotation.tasks import refresh_summary  # the task calls make_summary

    now = timezone.now()
    due = Summary.objects.filter(pk=row.pk, asked_at__lt=now - timedelta(seconds=kept))
    if due.update(asked_at=now):
        transaction.on_commit(partial(bell.ring, refresh_summary, row.pk))
    return True
