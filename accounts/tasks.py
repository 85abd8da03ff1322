"""Mail is sent by the worker: how long a page takes does not tell who has an account."""

from celery import shared_task

from accounts.resetting import send_links


@shared_task
def send_reset_links(address: str, site: str, language: str) -> None:
    send_links(address, site=site, language=language)
