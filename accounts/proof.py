"""Is it still the same person? Asked before something that locks others, or oneself, out."""

import time

from django.contrib.auth.hashers import check_password
from django.http import HttpRequest
from django.utils.translation import gettext as _

from accounts import devices, throttle
from accounts.address import address_of
from accounts.sessions import BEGUN
from common.errors import BadInput

FRESH_SECONDS = 15 * 60


def check_person(request: HttpRequest, password: str | None) -> None:
    """Raises BadInput or TooMany unless the password is right.

    An account without a password here must have signed in within the last quarter of an hour.
    """
    user = request.user
    if not user.has_usable_password():
        if time.time() - request.session.get(BEGUN, 0) > FRESH_SECONDS:
            raise BadInput(_("Sign out, sign in again, and do this within a quarter of an hour."))
        return
    name = user.get_username()
    attempt = throttle.begin(name, address_of(request), devices.mark_of(request, name))
    if not check_password(password or "", user.password):
        raise BadInput(_("This is not your password."))
    throttle.succeed(attempt)
