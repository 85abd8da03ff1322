"""The web server before the site, as deploy/nginx.conf has it: what it lets through and writes."""

import re
from pathlib import Path

import pytest
from django.conf import settings
from django.urls import get_resolver

from api.resources import RESOURCES
from config import gunicorn
from models_app.views.upload import UploadView

CONFIGURATION = Path(settings.BASE_DIR, "deploy", "nginx.conf").read_text("utf-8")
MEGABYTE = 2**20


def place_of(address: str) -> str:
    """The rules of the location that nginx takes: the first pattern that fits, else the rest."""
    for pattern, rules in re.findall(r"location ~ (\S+) \{(.*?)\}", CONFIGURATION, re.S):
        if re.search(pattern, address):
            return rules
    return ""


def upload_pages() -> list[str]:
    found = []

    def walk(patterns, prefix):
        for one in patterns:
            route = prefix + str(one.pattern)
            if hasattr(one, "url_patterns"):
                walk(one.url_patterns, route)
            elif issubclass(getattr(one.callback, "view_class", object), UploadView):
                found.append("/" + re.sub(r"<\w+:\w+>", "1", route))

    walk(get_resolver().url_patterns, "")
    return found


def test_files_come_in_where_they_are_loaded_and_nowhere_else():
    bodies = [
        f"/api/v1/{re.sub(r'<[^>]+>', '1', operation.path)}"
        for room in RESOURCES
        for operation in room.operations
        if operation.takes and operation.takes.has_files
    ]
    assert len(bodies) == 5 and len(upload_pages()) == 5
    for address in (*bodies, *upload_pages()):
        assert "client_max_body_size 520m" in place_of(address), address
    assert settings.MAX_UPLOAD_MB < 520
    assert "520m" not in place_of("/login/") and "520m" not in place_of("/annotate/1/")


def test_a_usual_request_may_be_as_big_as_the_site_takes():
    usual = re.search(r"\n {8}client_max_body_size (\d+)m;", CONFIGURATION)
    assert int(usual[1]) * MEGABYTE > settings.DATA_UPLOAD_MAX_MEMORY_SIZE


@pytest.mark.parametrize(
    "address",
    ["/join/s3cret/", "//join/s3cret", "/account/reset/MQ/s3cret/", "/account//reset/MQ//s3cret/"],
)
def test_no_line_of_its_log_holds_what_opens_something(address):
    hidden = re.findall(r'^\s+"~([^"]+)" (/\S+\.\.\.);$', CONFIGURATION, re.M)
    shown = next((instead for pattern, instead in hidden if re.search(pattern, address)), address)
    assert "s3cret" not in shown


def test_what_a_client_says_of_proxies_is_believed_nowhere():
    for header in ("X-Forwarded-For", "X-Forwarded-Proto", "X-Forwarded-Host", "Forwarded"):
        assert len(re.findall(rf"proxy_set_header {header} ", CONFIGURATION)) == 1
    assert (gunicorn.forwarder_headers, gunicorn.secure_scheme_headers) == ("", {})
