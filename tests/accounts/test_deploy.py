"""A site behind HTTPS: Django's own checks, cookies, redirects."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
SITE = {
    "NIKASH_HTTPS": "1",
    "NIKASH_HOSTS": "nikash.example.org",
    "NIKASH_ORIGINS": "https://nikash.example.org",
    "NIKASH_EMAIL_URL": "smtp://user:p%40ss@mail.example.org:587?tls=1",
    "NIKASH_MAIL_FROM": "nikash@example.org",
    "NIKASH_ADMIN_TWO_FACTOR": "1",
}
ASK = """
import io, json
import django
from django.conf import settings
from django.core.management import call_command
settings.STORAGES["staticfiles"] = {
    "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
}
settings.STATIC_ROOT.mkdir()
settings.MIGRATION_MODULES = {name.rpartition(".")[2]: None for name in settings.INSTALLED_APPS}
django.setup()
from django.test import Client
from api.views import document
early = io.StringIO()
call_command("check", deploy=True, stdout=early, stderr=early)  # before there is a table
call_command("migrate", run_syncdb=True, verbosity=0)
said = io.StringIO()
call_command("check", deploy=True, fail_level="WARNING", stdout=said, stderr=said)
plain = Client().get("/login/", headers={"host": "nikash.example.org"})
secure = Client().get("/login/", secure=True, headers={"host": "nikash.example.org"})
alive = Client().get("/health/live/", headers={"host": "nikash.example.org"})
print(json.dumps({
    "checks": said.getvalue(),
    "early": early.getvalue(),
    "scheme": document()["components"]["securitySchemes"]["session"],
    "plain": [plain.status_code, plain.headers.get("Location")],
    "alive": alive.status_code,
    "headers": dict(secure.headers),
    "cookies": {name: dict(value) for name, value in secure.cookies.items()},
    "names": [settings.SESSION_COOKIE_NAME, settings.SESSION_COOKIE_HTTPONLY,
              settings.SESSION_COOKIE_SAMESITE, settings.SESSION_COOKIE_SECURE],
    "mail": [settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_HOST_PASSWORD,
             settings.EMAIL_USE_TLS, settings.DEFAULT_FROM_EMAIL],
}))
"""


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What a site of its own says of itself, in a process of its own."""
    folder = tmp_path_factory.mktemp("deployed")
    environment = {**os.environ, **SITE, "NIKASH_DATA_DIR": str(folder)}
    environment["DATABASE_URL"] = f"sqlite:///{folder / 'db.sqlite3'}"
    environment["DJANGO_SETTINGS_MODULE"] = "config.settings"
    environment.pop("DJANGO_ALLOW_ASYNC_UNSAFE", None)  # of the browser's tests in this process
    done = subprocess.run(
        [sys.executable, "-c", ASK],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return dict(json.loads(done.stdout.splitlines()[-1]))


def test_djangos_checks_for_deployment_find_nothing(found):
    assert "no issues" in found["checks"]
    assert "drf_spectacular" not in found["early"]


def test_the_openapi_document_names_the_cookies_of_https(found):
    assert found["scheme"]["name"] == "__Host-sessionid"
    assert "__Host-csrftoken" in found["scheme"]["description"]


def test_behind_https_everything_is(found):
    assert found["plain"] == [301, "https://nikash.example.org/login/"]
    assert found["alive"] == 200
    hsts = found["headers"]["Strict-Transport-Security"]
    assert hsts == "max-age=31536000; includeSubDomains"
    cookie = found["cookies"]["__Host-csrftoken"]
    assert cookie["secure"] and cookie["path"] == "/" and not cookie["domain"]
    assert found["names"] == ["__Host-sessionid", True, "Lax", True]
    assert found["mail"] == ["mail.example.org", 587, "p@ss", True, "nikash@example.org"]


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("NIKASH_SIGNIN_TRIES", "many", "write a whole number from 1 to 1000, say 10"),
        ("NIKASH_SESSION_HOURS", "0", "write a whole number from 1 to 8760"),
        ("NIKASH_EMAIL_URL", "mail.example.org", "write smtp://user:password@"),
        ("NIKASH_EMAIL_URL", "smtp://a:b@host:port", "NIKASH_EMAIL_URL cannot be read"),
    ],
)
def test_a_value_that_cannot_be_used_is_named(name, value, sentence, monkeypatch):
    from django.core.exceptions import ImproperlyConfigured

    from config import doors

    monkeypatch.setenv(name, value)
    with pytest.raises(ImproperlyConfigured, match=sentence):
        doors.mail()
        doors.number("NIKASH_SIGNIN_TRIES", 10, least=1, most=1000)
        doors.number("NIKASH_SESSION_HOURS", 720, least=1, most=8760)
