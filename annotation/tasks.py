"""Celery's doors to the annotators' room."""

from celery import shared_task

from annotation import services
from annotation.models import Summary
from annotation.privacy import retention
from annotation.summaries import make_summary
from annotation.views import lessons, ratings_upload  # noqa: F401 - make their kinds of files known


@shared_task
def expire_leases() -> None:
    services.expire_leases()


@shared_task
def keep_no_longer() -> None:
    retention.keep_no_longer()


@shared_task
def refresh_summary(pk: int) -> None:
    """Count again what pages show of a big campaign."""
    if found := Summary.objects.filter(pk=pk).select_related("campaign").first():
        make_summary(found.campaign, found.name)
