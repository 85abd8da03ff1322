"""No secret in a log line, in a traceback or in an error report."""

import io
import json
import logging
import sys

import pytest
from django.test import RequestFactory

from config import redacting
from config.redacting import HIDDEN, Redacting, Reporter, redact

HIDDEN_IN_REPORTS = ("AbCdEf123", "q1w2e3r4", "t0k3nt0k3n", "pa55w0rd")
SECRETS = {
    "model key": ("calling gpu with sk-live_0123456789abcdef", "sk-live_0123456789abcdef"),
    "database": ("cannot reach postgres://nikash:pa55w0rd@db:5432/n", "pa55w0rd"),
    "password with signs": ("amqp://u:p%40ss!word/x@host//", "p%40ss!word"),
    "header": ("Authorization: Bearer abc.def-123", "abc.def-123"),
    "header of a dictionary": ("{'Authorization': 'Token 9f8e7d'}", "9f8e7d"),
    "header of WSGI": ("HTTP_COOKIE='sessionid=qwertyuiop; a=b'", "qwertyuiop"),
    "header of an answer": ("Set-Cookie: __Host-sessionid=abcdef123; Path=/", "abcdef123"),
    "session": ("__Host-sessionid=abcdef123", "abcdef123"),
    "bearer": ("sent bearer eyJhbGciOi.eyJz.c2ln", "eyJhbGciOi"),
    "invitation": ("Not Found: /join/AbCdEf-123_456/", "AbCdEf-123_456"),
    "reset": ("GET /account/reset/MQ/c2vlrb-0f1e2d3c4b5a/ 200", "c2vlrb-0f1e2d3c4b5a"),
    "form": ("username=bob&password=hunter2xyz&next=/", "hunter2xyz"),
    "new password": ("new_password1=hunter2xyz&b=1", "hunter2xyz"),
    "json": ('{"password": "hunter2 xyz", "name": "bob"}', "hunter2 xyz"),
    "token in json": ('{"access_token": "ya29.abc", "expires": 1}', "ya29.abc"),
    "query": ("/login/oidc/back/?code=SplxlOBeZQQYbYS6&state=af0ifjsldkj", "SplxlOBeZQQYbYS6"),
    "client secret": ("client_secret=s3cr3tvalue", "s3cr3tvalue"),
}


@pytest.fixture
def log():
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.addFilter(Redacting())
    logger = logging.getLogger("nikash.test_redacting")
    logger.addHandler(handler)
    yield logger, stream
    logger.removeHandler(handler)


@pytest.mark.parametrize("case", SECRETS)
def test_a_secret_is_hidden_and_the_rest_stays(case):
    text, secret = SECRETS[case]
    assert secret not in redact(text)
    assert HIDDEN in redact(text)


@pytest.mark.parametrize(
    "text",
    [
        "Not Found: /campaigns/12/",
        "the token count of 12 rows is 345",
        "tokens per second: 12.5; 300 tokens",
        "https://example.org/a:b/c",
        "job 17 failed: unknown state queued",
        "कुत्रा धावला: 12",
    ],
)
def test_plain_lines_stay_as_they_are(text):
    assert redact(text) == text


def test_this_sites_own_secrets_are_hidden_wherever_they_stand(settings, monkeypatch):
    monkeypatch.setenv("NIKASH_MODEL_KEYS", "gpu=plain-model-key other=second-key-1")
    monkeypatch.setenv("DATABASE_URL", "postgres://n:d%21atabase@db/n")
    redacting._secrets.cache_clear()
    try:
        text = redact(f"a plain-model-key b second-key-1 c d!atabase d {settings.SECRET_KEY}")
        assert text == f"a {HIDDEN} b {HIDDEN} c {HIDDEN} d {HIDDEN}"
    finally:
        redacting._secrets.cache_clear()


def test_arguments_tracebacks_and_extra_fields_are_redacted(log):
    logger, stream = log
    seen = []
    logger.handlers[0].addFilter(lambda record: seen.append(record) or True)
    try:
        raise ValueError("postgres://n:pa55w0rd@db/n")
    except ValueError:
        logger.exception(
            "went to %s", "/join/AbCdEf123/", extra={"headers": {"Cookie": "sessionid=abc12345"}}
        )
    written = stream.getvalue() + json.dumps(seen[0].headers) + seen[0].exc_text
    for secret in ("pa55w0rd", "AbCdEf123", "abc12345"):
        assert secret not in written
    assert "ValueError" in written and "went to /join/" in written


def test_a_line_with_wrong_arguments_is_still_written(log):
    logger, stream = log
    logger.warning("sessionid=abc12345 %d", "x")
    assert "abc12345" not in stream.getvalue() and HIDDEN in stream.getvalue()


def report_of(text: str, request) -> Reporter:
    try:
        raise ValueError(text)
    except ValueError:
        return Reporter(request, *sys.exc_info())


def test_error_reports_are_redacted():
    link, token, key, password = HIDDEN_IN_REPORTS
    request = RequestFactory().get(
        f"/join/{link}/?token={token}", headers={"authorization": f"Bearer {key}"}
    )
    reporter = report_of(f"redis://:{password}@host/0", request)
    for text in (reporter.get_traceback_text(), reporter.get_traceback_html()):
        assert "ValueError" in text
        assert [secret for secret in HIDDEN_IN_REPORTS if secret in text] == []


def test_the_site_writes_its_log_through_the_filter(settings):
    handlers = settings.LOGGING["handlers"].values()
    filters = settings.LOGGING["filters"]
    for handler in handlers:
        classes = {filters[name]["()"] for name in handler["filters"]}
        assert "config.redacting.Redacting" in classes
