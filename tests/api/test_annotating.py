"""An annotator's loop by program: hand out, save, the same twice, give back; nothing unblinded."""

import uuid

import pytest

from annotation.models import Assignment, RatingEvent
from annotation.services import open_campaign
from tests import people


@pytest.fixture
def campaign(db):
    found = people.small_campaign()
    open_campaign(found)
    found.refresh_from_db()
    return found


def answer(score="4", **more):
    return {"key": str(uuid.uuid4()), "sequence": 1, "answer": {"score": score}, **more}


def test_one_request_saves_and_brings_the_next_item(caller, campaign):
    bob = caller("bob")
    first = bob.post(f"work/{campaign.pk}/next/").json()
    assert first["why"] == "item"
    saved = bob.post(f"work/items/{first['item']['id']}/", answer())
    assert saved.status_code == 200, saved.content
    body = saved.json()
    assert body["is_new"] and body["is_complete"]
    assert body["next"]["item"]["id"] != first["item"]["id"]


def test_the_same_answer_twice_is_stored_once(caller, campaign):
    bob = caller("bob")
    pk = bob.post(f"work/{campaign.pk}/next/").json()["item"]["id"]
    given = answer()
    assert bob.post(f"work/items/{pk}/", given).json()["is_new"]
    assert not bob.post(f"work/items/{pk}/", given).json()["is_new"]
    assert RatingEvent.objects.count() == 1
    other = {**given, "answer": {"score": "1"}}
    assert bob.post(f"work/items/{pk}/", other).status_code == 409


def test_a_draft_brings_nothing_further(caller, campaign):
    bob = caller("bob")
    pk = bob.post(f"work/{campaign.pk}/next/").json()["item"]["id"]
    body = bob.post(f"work/items/{pk}/", answer(finish=False)).json()
    assert body["next"] is None and not body["is_complete"]
    shown = bob.get(f"work/items/{pk}/").json()
    assert shown["given"]["answer"] == {"score": "4"}


def test_an_answer_off_the_scale_is_refused(caller, campaign):
    bob = caller("bob")
    pk = bob.post(f"work/{campaign.pk}/next/").json()["item"]["id"]
    refused = bob.post(f"work/items/{pk}/", answer("7"))
    assert refused.status_code == 422
    assert "0 to 6" in refused.json()["error"]["message"]


def test_nothing_tells_who_wrote_a_text(caller, campaign):
    bob = caller("bob")
    pk = bob.post(f"work/{campaign.pk}/next/").json()["item"]["id"]
    bob.post(f"work/items/{pk}/", answer())
    for where in ("work/", f"work/items/{pk}/", f"work/{campaign.pk}/ratings/", "campaigns/"):
        response = bob.get(where)
        assert response.status_code == 200
        assert "secret" not in response.content.decode()
    for where in ("", "ratings/", "exports/nikash/", "live/", "leaks/", "plan/", "members/"):
        assert bob.get(f"campaigns/{campaign.pk}/{where}").status_code == 404


def test_another_persons_item_is_not_found(caller, campaign):
    pk = caller("bob").post(f"work/{campaign.pk}/next/").json()["item"]["id"]
    for name in ("alice", "charlie", "ada"):
        assert caller(name).get(f"work/items/{pk}/").status_code == 404
        assert caller(name).post(f"work/items/{pk}/", answer()).status_code == 404


def test_work_that_is_not_begun_is_given_back(caller, campaign):
    bob = caller("bob")
    pk = bob.post(f"work/{campaign.pk}/next/").json()["item"]["id"]
    n_open = Assignment.objects.filter(state="open").count()
    bob.post(f"work/items/{pk}/", answer(finish=False))
    assert bob.post(f"work/{campaign.pk}/give-back/").json() == {"n": n_open - 1}
    assert Assignment.objects.filter(state="open").count() == 1


def test_ones_own_answers_are_listed(caller, campaign):
    bob = caller("bob")
    pk = bob.post(f"work/{campaign.pk}/next/").json()["item"]["id"]
    bob.post(f"work/items/{pk}/", answer("2", note="odd", flagged=True))
    rows = bob.get(f"work/{campaign.pk}/ratings/?state=done").json()["results"]
    assert [row["id"] for row in rows] == [pk]
    assert rows[0]["given"] == {
        "sequence": 1,
        "is_complete": True,
        "answer": {"score": "2"},
        "note": "odd",
        "flagged": True,
    }
