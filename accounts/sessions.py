"""Open sessions: how long they last, a list of one's own, and ending them for every process."""

import re
import time
from datetime import datetime
from importlib import import_module
from typing import Any

from django.conf import settings
from django.contrib.auth.signals import user_logged_in
from django.http import HttpRequest
from django.utils import timezone

from accounts.models_signing_in import OpenSession

BEGUN, SEEN = "begun", "seen"
HOUR = 3600
BROWSERS = ("Edg", "OPR", "SamsungBrowser", "Firefox", "Chrome", "Safari")
NAMES = {"Edg": "Edge", "OPR": "Opera", "SamsungBrowser": "Samsung Internet"}
SYSTEMS = {
    "Android": "Android",
    "iPhone": "iPhone",
    "iPad": "iPad",
    "Windows": "Windows",
    "Mac OS X": "macOS",
    "CrOS": "ChromeOS",
    "Linux": "Linux",
}


def remember(request: HttpRequest) -> None:
    """Write down that this session is open; called whenever somebody signed in."""
    session = request.session
    session[BEGUN] = session[SEEN] = int(time.time())
    if session.session_key is None:
        session.create()
    hour = _hour()
    OpenSession.objects.update_or_create(
        key=session.session_key,
        defaults={
            "user": request.user,
            "device": device_of(request),
            "begun_at": timezone.now(),
            "seen_at": hour,
        },
    )


def has_ended(request: HttpRequest) -> bool:
    """Whether the session of a signed-in person is over: too old, or an admin's too long idle.

    Asks the database nothing; writes once an hour that the session was seen.
    """
    session, now = request.session, int(time.time())
    begun, seen = session.get(BEGUN), session.get(SEEN)
    if begun is None or seen is None:
        remember(request)
        return False
    idle = settings.SESSION_IDLE_HOURS * HOUR
    if now - begun >= settings.SESSION_COOKIE_AGE:
        return True
    if idle and request.user.is_staff and now - seen >= idle + HOUR:
        return True
    if now - seen >= HOUR:
        session[SEEN] = now
        session.set_expiry(max(1, begun + settings.SESSION_COOKIE_AGE - now))
        OpenSession.objects.filter(key=session.session_key).update(seen_at=_hour())
    return False


def sessions_of(user: Any) -> list[OpenSession]:
    """The person's sessions that still work, last seen first."""
    engine = _store()
    rows = list(OpenSession.objects.filter(user=user))
    gone = [row.pk for row in rows if not engine().exists(row.key)]
    if gone:
        OpenSession.objects.filter(pk__in=gone).delete()
    return [row for row in rows if row.pk not in gone]


def end(session: OpenSession) -> None:
    """The session's row goes, and with it the session in every process that looks for it."""
    _store()(session.key).delete()
    session.delete()


def end_all(user: Any, *, but: str | None = None) -> int:
    """End the person's sessions, except that with the key `but`; how many there were."""
    rows = list(OpenSession.objects.filter(user=user).exclude(key=but or ""))
    for row in rows:
        end(row)
    return len(rows)


def device_of(request: HttpRequest) -> str:
    """Browser and system, without versions, from what the browser says; "" where it is silent."""
    said = request.headers.get("User-Agent", "")
    browser = next((name for name in BROWSERS if re.search(rf"\b{name}", said)), "")
    system = next((name for mark, name in SYSTEMS.items() if mark in said), "")
    return ", ".join(word for word in (NAMES.get(browser, browser), system) if word)


def _hour() -> datetime:
    return timezone.now().replace(minute=0, second=0, microsecond=0)


def _store() -> Any:
    return import_module(settings.SESSION_ENGINE).SessionStore


def _on_sign_in(sender: Any, request: HttpRequest | None, user: Any, **_: Any) -> None:
    if request is not None and hasattr(request, "session"):
        request.user = user
        request.has_signed_in = True  # type: ignore[attr-defined]  # accounts.middleware looks
        remember(request)


user_logged_in.connect(_on_sign_in, dispatch_uid="accounts.sessions")
