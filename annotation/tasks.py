"""Celery's doors to the annotators' room."""

from celery import shared_task

from annotation import services


@shared_task
def expire_leases() -> None:
    services.expire_leases()
