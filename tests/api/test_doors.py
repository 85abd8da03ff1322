"""Tokens, sessions, and the one shape of refusals."""

import zlib
from datetime import timedelta

import pytest
from django.core.management import call_command
from django.test import Client
from django.utils import timezone

from accounts.models import AuditEntry
from api.errors import error_body
from api.models import Token
from api.tokens import make_token, revoke_token, token_of
from tests import people


def shape(response):
    """Status and code of a refusal, whose shape is checked."""
    body = response.json()
    assert set(body) == {"error"}
    assert set(body["error"]) == {"code", "message", "fields", "request_id"}
    assert body["error"]["message"]
    return response.status_code, body["error"]["code"]


def test_a_token_says_who_asks(caller):
    found = caller("alice").get("me/").json()
    assert found == {
        "username": "alice",
        "is_researcher": True,
        "is_admin": False,
        "scope": "write",
    }


def test_only_the_hash_of_a_token_is_stored(db):
    token, secret = make_token(user=people.alice(), name="mine", scope="read", days=1)
    row = Token.objects.filter(pk=token.pk).values().get()
    assert secret.startswith("nik_") and secret not in map(str, row.values())
    assert AuditEntry.objects.get(action="token.make").subject_name == "mine"


def test_a_session_may_ask_too_but_changes_nothing_without_the_csrf_token(db):
    client = Client(enforce_csrf_checks=True)
    client.force_login(people.alice())
    token, _secret = make_token(user=people.alice(), name="mine", scope="read", days=1)
    assert client.get("/api/v1/me/").status_code == 200
    assert shape(client.delete(f"/api/v1/me/tokens/{token.pk}/")) == (403, "forbidden")


@pytest.mark.parametrize("how", ["revoked", "past", "inactive", "unknown"])
def test_a_token_that_opens_nothing_is_refused(db, how):
    user = people.alice()
    token, secret = make_token(user=user, name="mine", scope="write", days=1)
    if how == "revoked":
        revoke_token(token, by=user)
    elif how == "past":
        Token.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    elif how == "inactive":
        type(user).objects.update(is_active=False)
    else:
        secret = "nik_nothing"
    response = Client().get("/api/v1/me/", headers={"Authorization": f"Bearer {secret}"})
    assert shape(response) == (401, "sign_in")
    assert response.headers["WWW-Authenticate"].startswith("Bearer")


def test_use_is_noted_to_the_hour(db):
    _token, secret = make_token(user=people.alice(), name="mine", scope="read", days=None)
    token_of(secret)
    used = Token.objects.get().last_used_at
    assert used is not None and (used.minute, used.second, used.microsecond) == (0, 0, 0)


def test_nobody_is_asked_to_sign_in(caller):
    assert shape(caller(None).get("me/")) == (401, "sign_in")


def test_a_reading_token_changes_nothing(caller):
    reader = caller("alice", "read")
    pk = reader.get("me/tokens/").json()["results"][0]["id"]
    assert shape(reader("delete", f"me/tokens/{pk}/")) == (403, "forbidden")


def test_another_persons_token_is_not_found(caller):
    alice, bob = caller("alice"), caller("bob")
    pk = alice.get("me/tokens/").json()["results"][0]["id"]
    assert shape(bob("delete", f"me/tokens/{pk}/")) == (404, "not_found")
    assert alice("delete", f"me/tokens/{pk}/").status_code == 204
    assert shape(alice.get("me/")) == (401, "sign_in")


def test_an_address_that_does_not_exist_says_so_in_the_same_shape(caller):
    assert shape(caller("alice").get("nothing/")) == (404, "not_found")
    assert shape(caller("alice").get("me")) == (404, "not_found")


def test_the_wrong_method_is_refused(caller):
    assert shape(caller("alice")("put", "me/", {})) == (405, "method")


def test_a_parameter_that_does_not_exist_is_named(caller):
    response = caller("alice").get("me/tokens/?page=2")
    assert shape(response) == (422, "bad_input")
    assert "page" in response.json()["error"]["fields"]


@pytest.mark.parametrize("field", ["protocol", "name", "systems", "x" * 200_000])
def test_a_refusal_repeats_little_of_what_was_sent(field, caller):
    for long in ("y" * 200_000, "\n" * 200_000, ["z" * 9_000] * 20, "\u202e" * 100_000):
        answer = caller("alice").post("campaigns/", {field: long})
        assert shape(answer) == (422, "bad_input")
        assert len(answer.content) < 30_000 and "\u202e" not in answer.json()["error"]["message"]


def test_a_long_sentence_is_cut_in_its_middle():
    told = error_body(422, f"{'y' * 50_000} is no number", fields={"a": ["b" * 9_000]})["error"]
    assert told["message"].endswith("y is no number") and len(told["message"]) < 700
    assert len(told["fields"]["a"][0]) < 700


BODIES = {
    "lists in lists": (b"[" * 50_000, "", 400),
    "objects in objects": (b'{"a":' * 50_000, "", 400),
    "too much": (b'{"name": "%s"}' % (b"x" * 6_000_000), "", 413),
    "a packed body": (zlib.compress(b'{"name": "x"}'), "; charset=zlib", 400),
    "digits": (b'{"name": %s}' % (b"9" * 6_000), "", 400),
}


@pytest.mark.parametrize("case", BODIES)
def test_a_body_that_is_a_bomb_is_refused(case, caller):
    body, charset, status = BODIES[case]
    alice = caller("alice")
    kind = f"application/json{charset}"
    answer = alice.client.generic("POST", "/api/v1/campaigns/", body, kind, headers=alice.headers)
    assert shape(answer)[0] == status


def test_pages_go_on_where_they_ended(caller):
    alice = caller("alice")
    for number in range(4):
        make_token(user=people.alice(), name=f"t{number}", scope="read", days=None)
    first = alice.get("me/tokens/?limit=2&order=oldest").json()
    make_token(user=people.alice(), name="later", scope="read", days=None)
    names = [row["name"] for row in first["results"]]
    following = first["next"]
    while following:
        page = alice.get(following.partition("/api/v1/")[2]).json()
        names += [row["name"] for row in page["results"]]
        following = page["next"]
    assert names == ["test", "t0", "t1", "t2", "t3", "later"]


def test_too_many_requests_are_told_when_to_come_again(caller, settings):
    settings.API_RATE, settings.API_ANONYMOUS_RATE = 2, 1
    alice, nobody = caller("alice"), caller(None)
    assert [alice.get("me/").status_code for _ in range(3)] == [200, 200, 429]
    assert [nobody.get("me/").status_code for _ in range(2)] == [401, 429]
    last = alice.get("me/")
    assert shape(last) == (429, "too_many_requests")
    assert 0 < int(last.headers["Retry-After"]) <= 61


def test_each_person_is_counted_alone(caller, settings):
    settings.API_RATE = 1
    assert caller("alice").get("me/").status_code == 200
    assert caller("bob").get("me/").status_code == 200


def test_the_schema_is_there_for_everybody(db):
    response = Client().get("/api/v1/schema/")
    assert response.json()["openapi"].startswith("3.")


def test_the_schema_is_made_without_a_warning_and_is_valid(db, tmp_path):
    made = tmp_path / "schema.yml"
    call_command("spectacular", "--fail-on-warn", "--validate", "--file", str(made))
    assert made.stat().st_size > 100_000
