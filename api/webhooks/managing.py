"""Making, trying, starting again and deleting webhooks; each is an entry of the audit log."""

import secrets
from typing import Any
from urllib.parse import urlsplit

from django.db import transaction
from django.utils.translation import gettext as _

from accounts import audit
from annotation.models import Campaign
from api.webhooks.models import Delivery, Event, Webhook
from api.webhooks.sending import check_url, secret_of
from common.errors import BadInput

MOST = 20  # webhooks of one campaign, and of the site


@transaction.atomic
def make_webhook(
    *, campaign: Campaign | None, url: str, events: list[str], user: Any
) -> tuple[Webhook, str]:
    """A new webhook and its secret. Raises BadInput for an address that may not be called."""
    check_url(url)
    if Webhook.objects.filter(campaign=campaign).count() >= MOST:
        raise BadInput(_("There are %(n)s webhooks already; delete one first.") % {"n": MOST})
    webhook = Webhook.objects.create(
        campaign=campaign,
        url=url,
        events=sorted(set(events)),
        salt=secrets.token_urlsafe(32),
        created_by=user,
    )
    _record(user, "webhook.make", webhook)
    return webhook, secret_of(webhook)


@transaction.atomic
def try_webhook(webhook: Webhook, user: Any) -> Delivery:
    """An event that says only that somebody tries it; a stopped webhook starts again with it."""
    Webhook.objects.filter(pk=webhook.pk).update(is_active=True, stopped_why="", n_failed=0)
    _record(user, "webhook.try", webhook)
    return Delivery.objects.create(webhook=webhook, event=Event.TEST, payload={"event": Event.TEST})


@transaction.atomic
def delete_webhook(webhook: Webhook, user: Any) -> None:
    _record(user, "webhook.delete", webhook)
    webhook.delete()


def _record(user: Any, action: str, webhook: Webhook) -> None:
    """The address may hold a secret after its host; the log has the host."""
    host = urlsplit(webhook.url).hostname or ""
    audit.record(user, action, webhook, campaign_id=webhook.campaign_id, host=host)
