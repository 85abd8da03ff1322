"""From a proven password to a session: the second factor in between, the audit log beside it."""

import time
from typing import Any

from django.contrib.auth import get_user_model, login
from django.contrib.auth.backends import ModelBackend
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, resolve_url
from django.utils.http import url_has_allowed_host_and_scheme

from accounts import audit, two_factor

WAITING = "waiting_for_code"
WAIT_SECONDS = 5 * 60
BACKEND = f"{ModelBackend.__module__}.{ModelBackend.__qualname__}"


def enter(request: HttpRequest, user: Any, onward: str, *, way: str = "password") -> HttpResponse:
    """Sign in somebody whose password (or provider) was right, or ask for their code first.

    onward : address on this site where they go then; another site's leads to the start page.
    Whether they are in already, `request.user.is_authenticated` tells afterwards.
    """
    onward = safe_address(request, onward)
    if not two_factor.has_device(user):
        _complete(request, user, way=way)
        return redirect(onward)
    request.session[WAITING] = {
        "user": user.pk,
        "hash": user.get_session_auth_hash(),
        "since": int(time.time()),
        "onward": onward,
        "way": way,
    }
    return redirect("login_code")


def waiting(request: HttpRequest) -> tuple[Any, str] | None:
    """Who is to give a code in this session, and where they go then; None: nobody (any more)."""
    kept = request.session.get(WAITING)
    if not kept or not 0 <= time.time() - kept["since"] < WAIT_SECONDS:
        return None
    user = get_user_model().objects.filter(pk=kept["user"], is_active=True).first()
    if user is None or user.get_session_auth_hash() != kept["hash"]:
        return None
    return user, kept["onward"]


def enter_with_code(request: HttpRequest, user: Any) -> None:
    way = request.session.pop(WAITING)["way"]
    _complete(request, user, way=f"{way} and code")
    request.session[two_factor.VERIFIED] = True


def refuse(request: HttpRequest | None, name: str, why: str) -> None:
    """Write a failed sign-in down. A name of no account is not kept: it may be a password."""
    user = get_user_model().objects.filter(username=name).first()
    audit.record(None, "signin.failed", user, why=why)


def safe_address(request: HttpRequest, address: str) -> str:
    """The address where it is one of this site, else the start page."""
    is_ours = url_has_allowed_host_and_scheme(
        address, {request.get_host()}, require_https=request.is_secure()
    )
    return address if is_ours else resolve_url("home")


def _complete(request: HttpRequest, user: Any, *, way: str) -> None:
    login(request, user, backend=BACKEND)
    audit.record(user, "signin", user, way=way)
