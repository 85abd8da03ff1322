"""How many requests a person, or an address nobody signed in from, may send in a minute.

Counted in Django's cache, which all web processes share: one entry for each who asks, with the
minute and the count in it. Two requests at the same instant may count as one; the limit is there
against floods, not for bookkeeping. The pages, and so the annotators' loop, are not counted here.
"""

import time
from typing import Any

from django.conf import settings
from django.core.cache import cache
from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle

from accounts.address import address_of

WINDOW = 60  # seconds


class PersonThrottle(BaseThrottle):
    """settings.API_RATE requests a minute for a person, API_ANONYMOUS_RATE for an address."""

    def allow_request(self, request: Request, view: Any) -> bool:
        user = request.user
        if user is not None and user.is_authenticated:
            who, most = f"person-{user.pk}", settings.API_RATE
        else:
            who, most = f"address-{address_of(request._request)}", settings.API_ANONYMOUS_RATE
        if most == 0:
            return True
        return _counted(f"nikash-api-{who}") <= most

    def wait(self) -> float:
        return WINDOW - time.time() % WINDOW


def _counted(key: str) -> int:
    """Requests in this minute, this one among them."""
    window = int(time.time()) // WINDOW
    before, n = cache.get(key, (window, 0))
    n = n + 1 if before == window else 1
    cache.set(key, (window, n), WINDOW)
    return int(n)
