"""The page on which a person makes and revokes tokens."""

import re

from django.test import Client

from api.models import Token
from tests import people


def signed_in(person):
    client = Client()
    client.force_login(person)
    return client


def test_a_new_token_is_shown_once_and_opens_the_door(db):
    client = signed_in(people.alice())
    made = client.post("/account/tokens/", {"name": "script", "scope": "read", "days": "30"})
    secret = re.search(r"nik_[\w-]{20,}", made.content.decode())[0]
    assert secret not in client.get("/account/tokens/").content.decode()
    answer = Client().get("/api/v1/me/", headers={"Authorization": f"Bearer {secret}"})
    assert answer.json()["username"] == "alice" and answer.json()["scope"] == "read"


def test_a_token_is_revoked_by_its_own_person_only(db):
    alice, bob = signed_in(people.alice()), signed_in(people.bob())
    alice.post("/account/tokens/", {"name": "script", "scope": "write", "days": ""})
    pk = Token.objects.get().pk
    assert bob.post(f"/account/tokens/{pk}/revoke/").status_code == 404
    assert alice.post(f"/account/tokens/{pk}/revoke/").status_code == 302
    assert not Token.objects.live().exists()


def test_a_name_with_markup_is_refused(db):
    page = signed_in(people.alice()).post("/account/tokens/", {"name": "<b>", "scope": "read"})
    assert page.status_code == 422 and not Token.objects.exists()


def test_the_reference_is_a_page_without_a_script_of_its_own(db):
    page = Client().get("/api/v1/docs/").content.decode()
    assert "/api/v1/campaigns/" in page
    assert not re.search(r"<script(?![^>]*\bsrc=)|<style|\bon\w+=|https?://(?!localhost)", page)
