"""Making, finding and revoking personal tokens; the secret itself is stored nowhere."""

import hashlib
import secrets
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone

from accounts.audit import record
from api.models import Token

PREFIX = "nik_"
SHOWN = len(PREFIX) + 6  # characters by which a person knows a token
MOST_TOKENS = 50
MOST_DAYS = 730


def hash_of(secret: str) -> str:
    """Plain SHA-256: the secret has 256 bits of its own, so nobody can guess it from its hash."""
    return hashlib.sha256(secret.encode("utf-8", "backslashreplace")).hexdigest()


@transaction.atomic
def make_token(
    *, user: Any, name: str, scope: str, days: int | None, request_id: str = ""
) -> tuple[Token, str]:
    """A new token and its secret, which nobody can read again. days : None for no end."""
    secret = PREFIX + secrets.token_urlsafe(32)
    token = Token.objects.create(
        user=user,
        name=name,
        scope=scope,
        start=secret[:SHOWN],
        secret_hash=hash_of(secret),
        expires_at=None if days is None else timezone.now() + timedelta(days=days),
    )
    record(user, "token.make", token, request_id=request_id, scope=scope, days=days)
    return token, secret


@transaction.atomic
def revoke_token(token: Token, *, by: Any, request_id: str = "") -> None:
    """It opens nothing from now on; again changes nothing."""
    revoked = Token.objects.filter(pk=token.pk, revoked_at=None).update(revoked_at=timezone.now())
    if revoked:
        record(by, "token.revoke", token, request_id=request_id)


def token_of(secret: str) -> Token | None:
    """The live token of an active person; notes its use, at most once an hour."""
    if not secret.startswith(PREFIX):
        return None
    found = Token.objects.live().select_related("user").filter(secret_hash=hash_of(secret)).first()
    if found is None or not found.user.is_active:
        return None
    hour = timezone.now().replace(minute=0, second=0, microsecond=0)
    if found.last_used_at != hour:
        Token.objects.filter(pk=found.pk).update(last_used_at=hour)
    return found
