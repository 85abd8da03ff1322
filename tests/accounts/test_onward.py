"""Nobody is led to another site by an address that somebody gave them."""

import pytest
from django.test import Client

from tests import people

pytestmark = pytest.mark.django_db
ELSEWHERE = (
    "https://example.com/",
    "//example.com",
    "///example.com",
    "/\\example.com",
    "\\\\example.com",
    "javascript:alert(1)",
    "http:example.com",
    "/\t/example.com",
    "https:///example.com",
    "\x01//example.com",
    " //example.com",
)


@pytest.mark.parametrize("where", ELSEWHERE)
def test_signing_in_choosing_a_language_and_signing_out_stay_here(where):
    people.bob()
    client = Client()
    fields = {"username": "bob", "password": people.PASSWORD, "next": where}
    answers = [
        client.post("/login/", fields),
        client.get("/login/", {"next": where}),
        client.post("/i18n/setlang/", {"language": "mr", "next": where}),
        client.post("/i18n/setlang/", {"language": "mr"}, headers={"referer": where}),
        client.post("/logout/", {"next": where}),
    ]
    assert [answer.status_code for answer in answers] == [302] * 5
    for answer in answers:
        address = answer.headers["Location"]
        assert address.startswith("/") and address[1:2] not in ("/", "\\"), address
