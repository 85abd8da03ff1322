"""Secrets stay out of every log line and error report, wherever a library puts them."""

import logging
import os
import re
import traceback
from collections.abc import Mapping
from functools import cache
from typing import Any
from urllib.parse import unquote, urlsplit

from django.conf import settings
from django.views.debug import ExceptionReporter

HIDDEN = "[hidden]"
SHORTEST = 6  # a shorter secret would hide ordinary words
PATTERNS = (
    # user:password@ of an address
    (
        re.compile(r"(\b[a-z][a-z0-9+.-]{0,30}://[^\s:/@]*:)[^\s'\"<>]{1,300}(?=@)", re.I),
        r"\1" + HIDDEN,
    ),
    # headers, as they are written, as a dictionary shows them, and as WSGI calls them
    (
        re.compile(
            r"((?:HTTP_|\b)(?:proxy[-_])?(?:authorization|(?:set[-_])?cookie|x[-_]api[-_]key"
            r"|x[-_]csrftoken)['\"]?\s*[:=]\s*)(?:(['\"]).*?\2|[^\r\n]+)",
            re.I,
        ),
        r"\1" + HIDDEN,
    ),
    (re.compile(r"\b(bearer|basic|token)\s+(?=\S*[\d_=])[\w.~+/=-]{8,}", re.I), r"\1 " + HIDDEN),
    # links that open something
    (re.compile(r"(/join/)[^\s/?#'\"<>&]+"), r"\1" + HIDDEN),
    (re.compile(r"(/account/reset/[^\s/?#'\"<>&]+/)[^\s/?#'\"<>&]+"), r"\1" + HIDDEN),
    # fields of forms, of queries, of JSON and of dictionaries
    (
        re.compile(
            r"((?:\b|_)(?:old_|new_)?(?:passw(?:or)?d\d?|secret(?:_key)?|api_?key|sessionid"
            r"|csrfmiddlewaretoken|csrftoken|(?:access_|id_|refresh_)?token|client_secret"
            r"|code_verifier)['\"]?\s*(?:=|:)\s*)(?:(['\"]).*?\2|[^\s&,;})\]]+)",
            re.I,
        ),
        r"\1" + HIDDEN,
    ),
    (re.compile(r"([?&](?:code|state|nonce)=)[^\s&'\"<>]+"), r"\1" + HIDDEN),
    (re.compile(r"\bsk-[\w-]{6,}"), HIDDEN),
)
SECRET_FIELD = re.compile(r"passw|secret|token|key|code|state|session", re.I)
PLAIN = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}


def redact(text: str) -> str:
    """The text without this site's own secrets, and without whatever looks like one."""
    for secret in _secrets():
        text = text.replace(secret, HIDDEN)
    for pattern, instead in PATTERNS:
        text = pattern.sub(instead, text)
    return text


class Redacting(logging.Filter):
    """For handlers: what they write has no secret in message, traceback or extra fields."""

    def filter(self, record: logging.LogRecord) -> bool:
        try:
            message = record.getMessage()
        except (TypeError, ValueError, KeyError):
            message = str(record.msg)
        record.msg, record.args = redact(message), ()
        if record.exc_info and record.exc_info[0] is not None:
            record.exc_text = "".join(traceback.format_exception(*record.exc_info)).rstrip()
        if record.exc_text:
            record.exc_text = redact(record.exc_text)
        if record.stack_info:
            record.stack_info = redact(record.stack_info)
        for name in set(vars(record)) - PLAIN:
            setattr(record, name, _redacted(getattr(record, name)))
        return True


class Reporter(ExceptionReporter):
    """Django's error reports, mailed or shown while debugging."""

    def get_traceback_html(self) -> str:
        return self._redacted(super().get_traceback_html())

    def get_traceback_text(self) -> str:
        return self._redacted(super().get_traceback_text())

    def _redacted(self, text: str) -> str:
        """The query's secrets stand in tables of names and values, where no pattern sees them."""
        query = self.request.GET if self.request is not None else {}
        for name, value in query.items():
            if SECRET_FIELD.search(name) and value:
                text = text.replace(value, HIDDEN)
        return redact(text)


def _redacted(value: Any) -> Any:
    if isinstance(value, str):
        return redact(value)
    if isinstance(value, bytes):
        return redact(value.decode("utf-8", "replace"))
    if isinstance(value, Mapping):
        return {_redacted(key): _redacted(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_redacted(inner) for inner in value]
    return value


@cache
def _secrets() -> tuple[str, ...]:
    """This site's own, longest first."""
    found = {settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS, settings.EMAIL_HOST_PASSWORD}
    found |= {str(one.get("PASSWORD") or "") for one in settings.DATABASES.values()}
    for pair in os.environ.get("NIKASH_MODEL_KEYS", "").replace(",", " ").split():
        found.add(pair.partition("=")[2])
    urls = ("DATABASE_URL", "CELERY_BROKER_URL", "NIKASH_CACHE_URL", "NIKASH_EMAIL_URL")
    for name in urls:
        if password := urlsplit(os.environ.get(name, "")).password:
            found |= {password, unquote(password)}
    found.add(settings.METRICS_TOKEN)
    if settings.OIDC is not None:
        found.add(settings.OIDC.secret)
    return tuple(sorted((one for one in found if len(one) >= SHORTEST), key=len, reverse=True))
