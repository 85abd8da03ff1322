"""The request that tells: signed, to a public address only, tried again for half a day."""

import hashlib
import hmac
import json
import logging
import time
from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.crypto import salted_hmac

from api.webhooks.models import Delivery, Webhook
from common.addresses import Answer, Unreachable, call, checked_address
from common.errors import BadInput

log = logging.getLogger(__name__)

WAITS = (30, 120, 600, 3600, 4 * 3600, 8 * 3600)  # seconds before each further try
AT_ONCE = 50
TIMEOUT = 10.0
MOST_FAILED = 20  # given up in a row; then the webhook is stopped
GONE = 410
LEASE = 60  # seconds in which nobody else tries what one is trying


def secret_of(webhook: Webhook) -> str:
    """What both sides sign with; nowhere stored, so no copy of the database gives it away."""
    return salted_hmac("nikash.webhook", webhook.salt, algorithm="sha256").hexdigest()


def signature(secret: str, body: bytes, moment: int) -> str:
    """`t=<seconds>,v1=<hex>`: HMAC-SHA256 of `<seconds>.<body>` with the secret."""
    signed = hmac.new(secret.encode(), f"{moment}.".encode() + body, hashlib.sha256)
    return f"t={moment},v1={signed.hexdigest()}"


def check_url(url: str) -> None:
    """Raise BadInput where it is no address that may be called."""
    named = settings.WEBHOOK_HOSTS
    after = url.lower().removeprefix("http://")
    is_named = any(
        f"{after}/".startswith((f"{host.lower()}/", f"{host.lower()}:")) for host in named
    )
    checked_address(url, schemes=("http", "https") if is_named else ("https",), allowed=named)


def send_due() -> int:
    """Try what is due; how many were delivered. Two at once do not send the same twice."""
    n = 0
    for pk in list(
        Delivery.objects.due().order_by("next_try_at").values_list("pk", flat=True)[:AT_ONCE]
    ):
        lease = timezone.now() + timedelta(seconds=LEASE)
        if Delivery.objects.due().filter(pk=pk).update(next_try_at=lease, n_tries=F("n_tries") + 1):
            n += send(Delivery.objects.select_related("webhook").get(pk=pk))
    return n


def send(delivery: Delivery) -> bool:
    """One try; whether it was taken (any 2xx)."""
    webhook = delivery.webhook
    if not webhook.is_active:
        _give_up(delivery, "the webhook is stopped")
        return False
    body = json.dumps({"id": str(delivery.key), **delivery.payload}, ensure_ascii=False).encode()
    headers = {
        "Content-Type": "application/json; charset=utf-8",
        "User-Agent": "Nikash",
        "Nikash-Event": delivery.event,
        "Nikash-Delivery": str(delivery.key),
        "Nikash-Signature": signature(secret_of(webhook), body, int(time.time())),
    }
    try:
        answer = _called(webhook.url, body, headers)
    except (BadInput, Unreachable) as problem:
        return _refused(delivery, None, problem.message)
    if 200 <= answer.status < 300:
        _end(delivery, Delivery.State.DELIVERED, answer.status, "")
        Webhook.objects.filter(pk=webhook.pk).update(n_failed=0)
        return True
    return _refused(delivery, answer.status, f"it answered {answer.status}")


def _called(url: str, body: bytes, headers: dict[str, str]) -> Answer:
    address = checked_address(url, allowed=settings.WEBHOOK_HOSTS)
    return call(address, body, headers, timeout=TIMEOUT)


def _refused(delivery: Delivery, status: int | None, why: str) -> bool:
    if status == GONE:
        _give_up(delivery, "it answered 410: it wants no more", status)
        _stop(delivery.webhook, "The other side answered 410 (gone).")
    elif delivery.n_tries > len(WAITS):
        _give_up(delivery, why, status)
    else:
        wait = timedelta(seconds=WAITS[delivery.n_tries - 1])
        Delivery.objects.filter(pk=delivery.pk).update(
            next_try_at=timezone.now() + wait, status=status, error=why[:300]
        )
    return False


def _give_up(delivery: Delivery, why: str, status: int | None = None) -> None:
    with transaction.atomic():
        _end(delivery, Delivery.State.FAILED, status, why)
        Webhook.objects.filter(pk=delivery.webhook_id).update(n_failed=F("n_failed") + 1)
        webhook = Webhook.objects.get(pk=delivery.webhook_id)
        if webhook.is_active and webhook.n_failed >= MOST_FAILED:
            _stop(webhook, f"{MOST_FAILED} events in a row could not be delivered; {why}.")


def _end(delivery: Delivery, state: str, status: int | None, why: str) -> None:
    Delivery.objects.filter(pk=delivery.pk).update(
        state=state, status=status, error=why[:300], ended_at=timezone.now()
    )


def _stop(webhook: Webhook, why: str) -> None:
    log.warning("webhook %s is stopped: %s", webhook.pk, why)
    Webhook.objects.filter(pk=webhook.pk).update(is_active=False, stopped_why=why[:300])
