"""The playground's API and page: who may, what comes back, refusals as JSON."""

import json

import pytest
from django.test import Client
from django.urls import reverse

from models_app.checkpoints import register_system
from models_app.jobs import run_inline
from models_app.models import PlaygroundRequest
from tests.people import alice, bob, charlie

pytestmark = pytest.mark.django_db
ASK = "/api/playground/"


@pytest.fixture
def systems():
    return [register_system(name=name, backend="echo") for name in ("base", "lora &co")]


def signed_in(person=None, **options):
    client = Client(**options)
    client.force_login(person or alice())
    return client


def post(client, address, body, **headers):
    return client.post(address, json.dumps(body), content_type="application/json", headers=headers)


def asked(client, **body):
    given = {"systems": ["base", "lora &co"], "text": "एक दोन", "blind": True, **body}
    return post(client, ASK, given)


def answered(client, **body):
    number = asked(client, **body).json()["id"]
    run_inline(PlaygroundRequest.objects.get(pk=number))
    return number


def error(response):
    found = response.json()["error"]
    assert found.keys() == {"code", "message", "fields"}
    return response.status_code, found["code"]


def test_ask_look_vote(systems):
    client = signed_in()
    made = asked(client)
    assert made.status_code == 201 and made.json()["state"] == "queued"
    address = f"{ASK}{made.json()['id']}/"
    run_inline(PlaygroundRequest.objects.get())
    found = client.get(address).json()
    assert found["finished"] and found["can_vote"] and "lora" not in json.dumps(found)
    assert [answer["text"] for answer in found["answers"]] == ["दोन एक"] * 2
    voted = post(client, f"{address}vote/", {"choice": "A", "note": "short"})
    assert voted.status_code == 201
    assert {a["system"] for a in voted.json()["answers"]} == {"base", "lora &co"}
    assert error(post(client, f"{address}vote/", {"choice": "A"})) == (409, "conflict")


def test_a_chat_follows(systems):
    client = signed_in()
    first = answered(client, mode="chat", blind=False)
    second = post(client, ASK, {"text": "तीन", "follows": first})
    assert second.status_code == 201 and second.json()["mode"] == "chat"


def test_cancel(systems):
    client = signed_in()
    number = asked(client).json()["id"]
    assert client.post(f"{ASK}{number}/cancel/").json()["state"] == "cancelled"
    assert asked(client).status_code == 201


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({"systems": ["nobody"]}, (422, "bad_input")),
        ({"systems": "base"}, (422, "bad_input")),
        ({"systems": [{}]}, (422, "bad_input")),
        ({"text": ""}, (422, "bad_input")),
        ({"text": 3}, (422, "bad_input")),
        ({"blind": "yes"}, (422, "bad_input")),
        ({"decoding": {"temperature": "hot"}}, (422, "bad_input")),
        ({"colour": "red"}, (422, "bad_input")),
        ({"follows": 99}, (404, "not_found")),
        ({"follows": "x"}, (404, "not_found")),
    ],
)
def test_refusals_are_json(systems, body, expected):
    assert error(asked(signed_in(), **body)) == expected


@pytest.mark.parametrize("body", [b"", b"[1]", b"{", b"\xff"])
def test_a_body_that_is_no_object_is_refused(body):
    response = signed_in().post(ASK, body, content_type="application/json")
    assert error(response) == (422, "bad_input")


def test_full_and_busy(systems, monkeypatch):
    client = signed_in()
    asked(client)
    assert error(asked(client)) == (409, "conflict")
    monkeypatch.setenv("NIKASH_PLAYGROUND_WAITING", "1")
    response = asked(signed_in(charlie()))
    assert error(response) == (503, "full") and response["Retry-After"] == "30"


def test_who_may(systems):
    assert error(Client().get(f"{ASK}1/")) == (401, "sign_in")
    assert error(asked(signed_in(bob()))) == (403, "forbidden")
    number = answered(signed_in())
    stranger = signed_in(charlie())
    assert error(stranger.get(f"{ASK}{number}/")) == (404, "not_found")
    assert error(post(stranger, f"{ASK}{number}/vote/", {"choice": "A"})) == (404, "not_found")
    assert error(stranger.post(f"{ASK}{number}/cancel/")) == (404, "not_found")
    refused = signed_in().get(ASK)
    assert error(refused) == (405, "method") and refused["Allow"] == "POST"


def test_forged_requests_are_refused_in_json(systems):
    client = signed_in(enforce_csrf_checks=True)
    assert error(asked(client)) == (403, "csrf")
    client.get("/models/playground/")
    token = client.cookies["csrftoken"].value
    body = {"systems": ["base"], "text": "one"}
    assert post(client, ASK, body, **{"X-CSRFToken": token}).status_code == 201


def test_the_page_offers_systems_and_shows_votes(systems, django_assert_max_num_queries):
    client = signed_in()
    page = client.get(reverse("models_app:playground")).content.decode()
    assert "Nobody has voted yet" in page and "lora &amp;co" in page and "lora &co" not in page
    for choice in ("A", "tie"):
        number = answered(client)
        post(client, f"{ASK}{number}/vote/", {"choice": choice})
    with django_assert_max_num_queries(12):
        page = client.get(reverse("models_app:playground")).content.decode()
    assert "Share won" in page
    text = client.get(reverse("models_app:playground_votes")).content.decode()
    assert text.startswith("request,voted_at,rater,mode") and text.count("दोन एक") == 4
    assert "alice" not in text


def test_without_systems_the_page_says_so():
    assert (
        "No system generates here yet"
        in signed_in().get(reverse("models_app:playground")).content.decode()
    )
