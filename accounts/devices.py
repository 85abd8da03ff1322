"""Browsers that an account signed in from: who guesses its password elsewhere locks it out nowhere
but there.

Such a browser holds a signed cookie with a random mark, of no use for signing in; its failed tries
are counted apart from those of all the others.
"""

import secrets

from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponseBase

from accounts.throttle import account_hash

SALT = "nikash.device"
KEPT_SECONDS = 365 * 24 * 3600


def cookie_name() -> str:
    return "__Host-device" if settings.HTTPS else "device"


def mark_of(request: HttpRequest | None, name: str) -> str:
    """The mark of the request's browser where this account signed in from it; "" otherwise."""
    given = request.COOKIES.get(cookie_name(), "") if request is not None else ""
    try:
        account, mark = signing.loads(given, salt=SALT, max_age=KEPT_SECONDS)
    except signing.BadSignature:
        return ""
    return str(mark) if account == account_hash(name) else ""


def remember(request: HttpRequest, response: HttpResponseBase, name: str) -> None:
    """From now on this browser is one that the account signed in from."""
    mark = mark_of(request, name) or secrets.token_urlsafe(12)
    response.set_cookie(
        cookie_name(),
        signing.dumps([account_hash(name), mark], salt=SALT),
        max_age=KEPT_SECONDS,
        secure=settings.HTTPS,
        httponly=True,
        samesite="Lax",
    )
