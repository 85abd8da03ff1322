"""How often one may try: failed tries of an account and of an address, counted in the database.

A try is written down before it is judged, so that many at once cannot slip past the count; one
that succeeds is struck out again, one that is refused for their number is not kept.
"""

import math
import unicodedata
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Q
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.utils.translation import ngettext

from accounts.models_signing_in import SignInTry
from common.errors import NikashError

PER_ADDRESS = 10  # an office or a school shares an address


class TooMany(NikashError):
    """Refused unseen; says after how many minutes it makes sense to try again."""

    def __init__(self, until: datetime) -> None:
        self.seconds = max(1, math.ceil((until - timezone.now()).total_seconds()))
        minutes = math.ceil(self.seconds / 60)
        super().__init__(
            ngettext(
                "Too many failed tries. Try again in %(minutes)d minute.",
                "Too many failed tries. Try again in %(minutes)d minutes.",
                minutes,
            )
            % {"minutes": minutes}
        )


def begin(name: str, address: str, device: str = "") -> SignInTry:
    """Write a try down; raises TooMany where this name or this address failed too often.

    name : what is tried, whether or not there is such an account
    address : where it comes from; "" is not counted
    device : the mark of a browser that the account signed in from, whose tries are its own
    """
    window = timedelta(minutes=settings.SIGNIN_MINUTES)
    now = timezone.now()
    SignInTry.objects.filter(at__lt=now - 2 * window).delete()
    this = SignInTry.objects.create(
        at=now, account=account_hash(name, device), address=_hash(f"address:{address}")
    )
    counted = Q(account=this.account) | Q(address=this.address)
    others = SignInTry.objects.filter(counted, at__gt=now - window).exclude(pk=this.pk)
    rows = list(others.order_by("-at").values_list("at", "account", "address"))
    of_account = [at for at, account, _ in rows if account == this.account]
    of_address = [at for at, _, place in rows if address and place == this.address]
    tries = settings.SIGNIN_TRIES
    limits = ((of_account, tries), (of_address, tries * PER_ADDRESS))
    reached = [times[limit - 1] for times, limit in limits if len(times) >= limit]
    if reached:
        this.delete()
        raise TooMany(max(reached) + window)
    return this


def succeed(this: SignInTry) -> None:
    """Forget the failed tries of this account; those of others from its address stay."""
    SignInTry.objects.filter(account=this.account).delete()


def account_hash(name: str, device: str = "") -> str:
    """What stands for a name, and for one at a device, in the tries; letters of any width alike."""
    same = unicodedata.normalize("NFKC", name).casefold()
    return _hash(f"device:{device}:{same}" if device else f"name:{same}")


def _hash(text: str) -> str:
    return salted_hmac("nikash.throttle", text, algorithm="sha256").hexdigest()[:32]
