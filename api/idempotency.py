"""The same request sent again does nothing again: its first answer is kept and repeated."""

import hashlib
import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.db import IntegrityError, OperationalError, connection, transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from rest_framework.request import Request
from rest_framework.response import Response

from api.errors import Unprocessable
from api.models import KeptAnswer
from common.errors import Conflict

HEADER = "Idempotency-Key"
KEPT = timedelta(hours=24)
LONGEST = 200
AGAIN = "Idempotency-Replayed"


def once(request: Request, act: Callable[[], Response], *, has_secret: bool = False) -> Response:
    """`act`, or its kept answer where the request's key was used before.

    The key is stored in the transaction of the act itself: a process that dies leaves neither, and
    of two requests at once the second waits for the first. Only what was done is kept, refusals
    are not. has_secret : the answer holds what is shown once; it is not stored, and a repeated
    request is told so.
    """
    key = request.headers.get(HEADER)
    if key is None:
        return act()
    if not 0 < len(key) <= LONGEST or not key.isprintable():
        told = _("The key must have 1 to %(n)s printable characters.") % {"n": LONGEST}
        raise Unprocessable(told, {HEADER: [told]})
    digest = _digest(request)
    forget_old(request.user)
    try:
        with transaction.atomic():
            kept, is_new = _claimed(request.user, key, digest)
            if is_new:
                response = act()
                kept.status = response.status_code
                kept.body = "" if has_secret else json.dumps(response.data, default=str)
                kept.save(update_fields=["status", "body"])
                return response
    except OperationalError as problem:
        if "lock" in str(problem):
            raise Conflict(_("The first request with this key is still in progress.")) from problem
        raise
    return _again(kept, digest)


def _claimed(user: Any, key: str, digest: str) -> tuple[KeptAnswer, bool]:
    """The row of this key; it is new for one request only."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL lock_timeout = '10s'")
    try:
        with transaction.atomic():
            return KeptAnswer.objects.create(user=user, key=key, request_hash=digest), True
    except IntegrityError:
        return KeptAnswer.objects.get(user=user, key=key), False


def _again(kept: KeptAnswer, digest: str) -> Response:
    if kept.request_hash != digest:
        raise Conflict(_("This key was used for another request; make a new key for this one."))
    if kept.status is None:
        raise Conflict(_("The first request with this key is still in progress."))
    if not kept.body:
        raise Conflict(_("This was done already; what it showed once is not shown again."))
    return Response(json.loads(kept.body), status=kept.status, headers={AGAIN: "true"})


def _digest(request: Request) -> str:
    """Of method, address and what was sent; a file by its bytes."""
    digest = hashlib.sha256(f"{request.method} {request.get_full_path()}\n".encode())
    given = request.data if hasattr(request.data, "items") else {"": request.data}
    for name, value in sorted(given.items()):
        digest.update(json.dumps([name, _plain(value)], sort_keys=True, default=str).encode())
    for name, file in sorted(request.FILES.items()):
        digest.update(f"{name} {file.name}\n".encode("utf-8", "backslashreplace"))
        for chunk in file.chunks():
            digest.update(chunk)
        file.seek(0)
    return digest.hexdigest()


def _plain(value: Any) -> Any:
    return "file" if hasattr(value, "chunks") else value


def forget_old(user: Any) -> None:
    """Keys are kept for a day."""
    KeptAnswer.objects.filter(user=user, created_at__lt=timezone.now() - KEPT).delete()
