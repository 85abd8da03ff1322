"""Headers of every answer, and pages without a line of script or style in them."""

import re
from typing import Any

import pytest
from django.test import Client

from annotation.models import Campaign
from api.endpoints import Media
from api.resources import RESOURCES
from config.middleware import FILE_POLICY, MOST_OF_NOBODY, POLICY
from metrics.models import Package, ReportRun
from metrics.packages.files import path_of
from metrics.reports.version import data_version
from tests.answers import close
from tests.doors import Crowd, small_worlds
from tests.test_permissions import EXPECTED

pytestmark = pytest.mark.django_db
INLINE = {
    "a style attribute": re.compile(r"<[a-z][^>]*\sstyle\s*=", re.I),
    "a style element": re.compile(r"<style\b", re.I),
    "an event attribute": re.compile(r"<[a-z][^>]*\son[a-z]+\s*=", re.I),
    "a script without a file": re.compile(
        r"<script\b(?![^>]*\bsrc=)(?![^>]*type=\"application/json\")", re.I
    ),
    "an address of script": re.compile(r"(?:href|src|action)\s*=\s*[\"']?\s*javascript:", re.I),
    "another host": re.compile(r"<(?:script|link|img|iframe)\b[^>]*(?:src|href)=\"(?:https?:)?//"),
}
FILE = re.compile(r'attachment; filename="[a-z0-9][a-z0-9_.-]{0,150}"')
SHOWN = ("text/html", "text/javascript", "text/plain", "application/json", "image/svg+xml")
LOOKERS = ("anonymous", "annotator", "researcher", "admin")
STEADY = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}


def wrong_with(answer: Any) -> list[str]:
    """What a page has that it should not, and which header an answer lacks."""
    found = [name for name, value in STEADY.items() if answer.headers.get(name) != value]
    is_file = answer.headers.get("Content-Disposition", "").startswith("attachment")
    if answer.headers["Content-Security-Policy"] != (FILE_POLICY if is_file else POLICY):
        found.append("Content-Security-Policy")
    if "camera=()" not in answer.headers["Permissions-Policy"]:
        found.append("Permissions-Policy")
    kind = answer.headers.get("Content-Type", "")
    if is_file or not kind.startswith(SHOWN):
        found += wrong_with_file(answer)
    is_kept = "no-store" not in answer.headers["Cache-Control"]
    if is_kept and kind.startswith(("text/html", "application/json")):
        found.append("Cache-Control")
    if kind.startswith("text/html") and not is_file:
        page = answer.content.decode()
        found += [what for what, pattern in INLINE.items() if pattern.search(page)]
    close(answer)
    return found


def wrong_with_file(answer: Any) -> list[str]:
    """What somebody takes away: a plain name, for this one time only, for this site only."""
    kept = {part.strip() for part in answer.headers["Cache-Control"].split(",")}
    found = [] if {"no-store", "private"} <= kept else ["Cache-Control"]
    if not FILE.fullmatch(answer.headers.get("Content-Disposition", "")):
        found.append("Content-Disposition")
    if answer.headers["Content-Security-Policy"] != FILE_POLICY:
        found.append("Content-Security-Policy")
    return found


def test_every_page_of_every_person_is_without_inline_script_and_style():
    own, _other = small_worlds()
    crowd = Crowd()
    wrong = {}
    for name in EXPECTED:
        for person in LOOKERS:
            answer = crowd.client(person).get(own.address(name))
            if found := wrong_with(answer):
                wrong[f"{name} for {person}"] = found
    assert wrong == {}


def test_every_file_of_the_api_has_a_name_and_is_kept_nowhere(settings, tmp_path):
    settings.DATA_DIR, settings.API_RATE = tmp_path, 0
    own, _other = small_worlds()
    Campaign.objects.filter(pk=own.campaign.pk).update(name='a";\r\nX: \u202e../y')
    own.campaign.refresh_from_db()
    ReportRun.objects.update(data_version=data_version(own.campaign))
    package = Package.objects.get(campaign=own.campaign)
    Package.objects.filter(pk=package.pk).update(state="done", n_bytes=1)
    path_of(package).parent.mkdir()
    path_of(package).write_bytes(b"x")
    ids = {
        "campaign": own.campaign.pk,
        "package": package.pk,
        "study": own.arguments["studies:detail"][0],
        "format": "nikash",
    }
    client, files = Crowd().client("admin"), 0
    for room in RESOURCES:
        for operation in room.operations:
            if not isinstance(operation.gives, Media):
                continue
            where = re.sub(r"<\w+:(\w+)>", lambda found: str(ids[found[1]]), operation.path)
            answer = client.get(f"/api/v1/{where}")
            assert (operation.name, answer.status_code) == (operation.name, 200)
            assert (operation.name, wrong_with_file(answer)) == (operation.name, [])
            close(answer)
            files += 1
    assert files >= 8


def test_errors_carry_the_headers_too():
    for address in ("/no/such/page/", "/static/no-such-file.css"):
        assert wrong_with(Client().get(address)) == []


@pytest.mark.parametrize("kind", ["multipart/form-data; boundary=x", "text/plain"])
@pytest.mark.parametrize("charset", ["zlib", "hex", "rot13", "undefined"])
def test_a_body_in_a_charset_that_is_none_of_text_is_refused(kind, charset, db):
    body = b'--x\r\nContent-Disposition: form-data; name="username"\r\n\r\nx\r\n--x--'
    answer = Client().generic("POST", "/login/", body, f"{kind}; charset={charset}")
    assert answer.status_code == 400 and wrong_with(answer) == []


@pytest.mark.parametrize("address", ["/login/", "/account/reset/", "/no/such/page/", "/work/"])
def test_files_of_nobody_are_refused_unread(address, db, monkeypatch):
    def read(*arguments):
        raise AssertionError("it was read")

    monkeypatch.setattr("django.http.multipartparser.MultiPartParser.parse", read)
    client = Client(enforce_csrf_checks=True)
    client.cookies["csrftoken"] = "a" * 32
    body = b"x" * (MOST_OF_NOBODY + 1)
    answer = client.generic("POST", address, body, "multipart/form-data; boundary=x")
    assert answer.status_code == 413 and wrong_with(answer) == []


def test_the_policy_lets_no_inline_and_no_other_host_in():
    rules = dict(rule.strip().split(" ", 1) for rule in POLICY.split(";"))
    assert rules["default-src"] == "'none'"
    assert "unsafe" not in POLICY and "http" not in POLICY and "*" not in POLICY
    assert rules["frame-ancestors"] == rules["base-uri"] == rules["object-src"] == "'none'"
    assert FILE_POLICY.endswith("sandbox")


@pytest.mark.parametrize(
    "text",
    ['<p style="a">', "<p onclick='a'>", "<script>", "<STYLE>", '<a href="javascript:a">'],
)
def test_the_look_would_find_it(text):
    assert any(pattern.search(text) for pattern in INLINE.values())
