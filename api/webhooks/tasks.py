"""Celery's doors: tell what is due, and look which campaigns are complete."""

from celery import shared_task

from api.webhooks import events, sending


@shared_task
def send_due() -> None:
    sending.send_due()


@shared_task
def announce_complete() -> None:
    events.announce_complete()
