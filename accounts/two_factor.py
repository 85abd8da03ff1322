"""A second factor: codes of an app on a phone (RFC 6238) and ten recovery codes for the drawer."""

import secrets
from base64 import b32encode
from binascii import unhexlify
from typing import Any

import segno
from django.conf import settings
from django.db import transaction
from django.http import HttpRequest
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _
from django_otp.plugins.otp_static.models import StaticDevice
from django_otp.plugins.otp_totp.models import TOTPDevice, default_key

from accounts import throttle
from accounts.access import is_admin
from common.errors import BadInput

VERIFIED = "two_factor"  # in a session whose person gave a code
N_CODES = 10
LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"
NAME = "app"


def has_device(user: Any) -> bool:
    return TOTPDevice.objects.filter(user=user, confirmed=True).exists()


def is_satisfied(request: HttpRequest) -> bool:
    """Whether the person of a request may do what admins may, as far as codes are concerned.

    Always true for those who are no admins, and where NIKASH_ADMIN_TWO_FACTOR is off. A session
    must have begun with a code; a token (`request.auth` is set) must be of somebody who set
    two-factor up. Asks the database in the last case only.
    """
    if not settings.ADMIN_TWO_FACTOR or not is_admin(request.user):
        return True
    if getattr(request, "auth", None) is not None:
        return has_device(request.user)
    session = getattr(request, "session", None)
    return session is not None and bool(session.get(VERIFIED))


def new_key() -> str:
    return str(default_key())


def readable(key: str) -> str:
    """The key as one types it into an app: groups of four letters and digits."""
    text = b32encode(unhexlify(key)).decode()
    return " ".join(text[at : at + 4] for at in range(0, len(text), 4))


def picture(user: Any, key: str) -> str:
    """A QR code of the key as a data: address of an SVG."""
    address = TOTPDevice(user=user, key=key).config_url
    return str(segno.make(address, error="m").svg_data_uri(scale=5, border=4, light="#fff"))


def set_up(user: Any, key: str, code: str) -> list[str]:
    """Keep the key once its app has shown a right code; the recovery codes, readable now only.

    Raises BadInput for a wrong code.
    """
    with transaction.atomic():
        take_away(user)
        device = TOTPDevice.objects.create(user=user, key=key, name=NAME, confirmed=True)
        is_right = device.verify_token(_plain(code))
        if not is_right:
            transaction.set_rollback(True)
    if not is_right:
        raise BadInput(
            _("This code is not right. Check that your phone's clock is, and try again.")
        )
    return new_codes(user)


@transaction.atomic
def new_codes(user: Any) -> list[str]:
    """Ten new recovery codes of about 49 bits; only their keyed hashes are stored."""
    StaticDevice.objects.filter(user=user).delete()
    device = StaticDevice.objects.create(user=user, name=NAME, confirmed=True)
    halves = ["".join(secrets.choice(LETTERS) for _ in range(5)) for _ in range(2 * N_CODES)]
    codes = [f"{one}-{two}" for one, two in zip(halves[::2], halves[1::2], strict=True)]
    for code in codes:
        device.token_set.create(token=_hash(user, _plain(code)))
    return codes


def n_codes_left(user: Any) -> int:
    return sum(device.token_set.count() for device in StaticDevice.objects.filter(user=user))


def check(user: Any, code: str, address: str) -> bool:
    """Whether this is the app's code of now, or a recovery code; neither works a second time.

    Raises TooMany after too many wrong ones, of whichever kind.
    """
    attempt = throttle.begin(f"code {user.pk}", address)
    plain = _plain(code)
    kind = TOTPDevice if len(plain) == 6 and plain.isdigit() else StaticDevice
    token = plain if kind is TOTPDevice else _hash(user, plain)
    with transaction.atomic():
        device = kind.objects.select_for_update().filter(user=user, confirmed=True).first()
        if device is None:
            return False
        is_allowed, why = device.verify_is_allowed()
        is_right = is_allowed and device.verify_token(token)
    if not is_allowed:
        attempt.delete()
        raise throttle.TooMany(why.get("locked_until") or timezone.now())
    if is_right:
        throttle.succeed(attempt)
    return bool(is_right)


@transaction.atomic
def take_away(user: Any) -> bool:
    """No second factor any more; whether there was one."""
    StaticDevice.objects.filter(user=user).delete()
    return bool(TOTPDevice.objects.filter(user=user).delete()[0])


def _plain(code: str) -> str:
    return "".join(sign for sign in code.lower() if sign.isalnum() and sign.isascii())[:32]


def _hash(user: Any, code: str) -> str:
    """16 hexadecimal digits, which is what django-otp's column holds."""
    return salted_hmac("nikash.recovery", f"{user.pk}:{code}", algorithm="sha256").hexdigest()[:16]
