"""How many requests a person, or an address nobody signed in from, may send in a minute.

The minute begins with the first of them. Counted in Django's cache, which all web processes share:
one entry for each who asks, with the minute's beginning and the count in it. Two requests at the
same instant may count as one; the limit is there against floods, not for bookkeeping. The pages,
and so the annotators' loop, are not counted here.
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
        n, self.seconds_left = _counted(f"nikash-api-{who}")
        return n <= most

    def wait(self) -> float:
        return self.seconds_left


def _counted(key: str) -> tuple[int, float]:
    """Requests in this minute, this one among them, and the seconds until it ends."""
    now = time.time()
    began, n = cache.get(key, (now, 0))
    if not 0 <= now - began < WINDOW:
        began, n = now, 0
    cache.set(key, (began, n + 1), WINDOW)
    return n + 1, began + WINDOW - now
