"""A campaign by program, from a draft to its ratings."""

import io
import json
import uuid
import zipfile

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from accounts.models import AuditEntry
from annotation.accounts import add_member
from annotation.models import Campaign, Membership
from annotation.services import open_campaign
from models_app.models import GenerationRun
from tests import people


def asked(campaign, name="another", **more):
    systems = list(campaign.systems.values_list("pk", flat=True))
    return {
        "name": name,
        "dataset": campaign.dataset_id,
        "protocol": "sqm",
        "systems": systems,
        **more,
    }


@pytest.fixture
def campaign(db):
    return people.small_campaign()


def test_a_campaign_is_made_filled_and_opened(caller, campaign):
    alice = caller("alice")
    made = alice.post("campaigns/", asked(campaign))
    assert made.status_code == 201, made.content
    pk = made.json()["id"]
    member = alice.post(f"campaigns/{pk}/members/", {"username": "bob", "role": "annotator"})
    assert member.status_code == 201, member.content
    assert alice.get(f"campaigns/{pk}/plan/").json()["n_annotators"] == 1
    opened = alice.post(f"campaigns/{pk}/open/", {"despite_leaks": True})
    assert opened.status_code == 200, opened.content
    assert opened.json()["state"] == "open"
    assert alice.post(f"campaigns/{pk}/close/").json()["state"] == "closed"
    acts = AuditEntry.objects.filter(campaign_id=pk).order_by("pk").values_list("action", flat=True)
    assert {"campaign.make", "member.add", "campaign.open", "campaign.close"} <= set(acts)


def test_what_a_form_refuses_is_told_by_field(caller, campaign):
    refused = caller("alice").post("campaigns/", asked(campaign, name="a/b", raters_per_item=99))
    assert refused.status_code == 422
    assert set(refused.json()["error"]["fields"]) == {"name", "raters_per_item"}
    unknown = caller("alice").post("campaigns/", asked(campaign, colour="red"))
    assert set(unknown.json()["error"]["fields"]) == {"colour"}


def test_a_key_makes_one_campaign_however_often_it_is_sent(caller, campaign):
    alice, key = caller("alice"), str(uuid.uuid4())
    first = alice.post("campaigns/", asked(campaign), Idempotency_Key=key)
    again = alice.post("campaigns/", asked(campaign), Idempotency_Key=key)
    assert (first.status_code, again.status_code) == (201, 201)
    assert again.json() == first.json()
    assert again.headers["Idempotency-Replayed"] == "true"
    other = alice.post("campaigns/", asked(campaign, "third"), Idempotency_Key=key)
    assert other.status_code == 409
    assert Campaign.objects.count() == 2


def test_a_refused_request_leaves_its_key_free(caller, campaign):
    alice, key = caller("alice"), "k"
    assert alice.post("campaigns/", asked(campaign, "a/b"), Idempotency_Key=key).status_code == 422
    assert alice.post("campaigns/", asked(campaign), Idempotency_Key=key).status_code == 201


def test_a_draft_is_changed_by_who_read_it_last(caller, campaign):
    alice = caller("alice")
    made = alice.post("campaigns/", asked(campaign))
    where, tag = f"campaigns/{made.json()['id']}/", made.headers["ETag"]
    changed = alice("put", where, asked(campaign, seed=7), If_Match=tag)
    assert changed.status_code == 200, changed.content
    assert changed.json()["seed"] == 7
    assert alice("put", where, asked(campaign, seed=8), If_Match=tag).status_code == 412
    open_campaign(campaign)
    late = alice("put", f"campaigns/{campaign.pk}/", asked(campaign, "study"))
    assert late.status_code == 409


def test_another_campaigns_ids_are_not_found(caller, campaign):
    other = people.small_campaign("other")
    member = other.memberships.get(role="annotator")
    alice, charlie = caller("alice"), caller("charlie")
    assert charlie.get(f"campaigns/{campaign.pk}/").status_code == 404
    assert charlie.post(f"campaigns/{campaign.pk}/open/").status_code == 404
    assert charlie("delete", f"campaigns/{campaign.pk}/members/{member.pk}/").status_code == 404
    assert alice("delete", f"campaigns/{campaign.pk}/members/{member.pk}/").status_code == 404
    assert Membership.objects.filter(pk=member.pk).exists()


def test_an_invitation_is_shown_once_and_joined(caller, campaign):
    alice = caller("alice")
    made = alice.post(
        f"campaigns/{campaign.pk}/invitations/", {"most_uses": 1, "days": 1}, Idempotency_Key="i"
    )
    assert made.status_code == 201, made.content
    token = made.json()["link"].rstrip("/").rpartition("/")[2]
    again = alice.post(
        f"campaigns/{campaign.pk}/invitations/", {"most_uses": 1, "days": 1}, Idempotency_Key="i"
    )
    assert again.status_code == 409
    listed = alice.get(f"campaigns/{campaign.pk}/invitations/")
    assert token not in listed.content.decode()
    joined = caller("charlie").post("join/", {"token": token})
    assert joined.json() == {"campaign": campaign.pk, "name": campaign.name}
    assert caller("bob").post("join/", {"token": "nothing"}).status_code == 404


def test_ratings_are_listed_streamed_and_exported(caller, campaign):
    open_campaign(campaign)
    alice, bob = caller("alice"), caller("bob")
    pk = bob.post(f"work/{campaign.pk}/next/").json()["item"]["id"]
    for _ in range(3):
        body = {"key": str(uuid.uuid4()), "sequence": 1, "answer": {"score": "3"}}
        pk = bob.post(f"work/items/{pk}/", body).json()["next"]["item"]["id"]
    listed = alice.get(f"campaigns/{campaign.pk}/ratings/?order=oldest").json()["results"]
    assert [row["scores"][0]["value"] for row in listed] == [3.0] * 3
    streamed = alice.get(f"campaigns/{campaign.pk}/ratings.ndjson/")
    lines = b"".join(streamed.streaming_content).decode().splitlines()
    assert [json.loads(line)["id"] for line in lines] == [row["id"] for row in listed]
    packed = alice.get(f"campaigns/{campaign.pk}/exports/nikash/")
    names = zipfile.ZipFile(io.BytesIO(b"".join(packed.streaming_content))).namelist()
    assert "LOSSES.txt" in names
    assert alice.get(f"campaigns/{campaign.pk}/exports/nothing/").status_code == 404
    live = alice.get(f"campaigns/{campaign.pk}/live/")
    assert live.status_code == 200 and live.json()["n_done"] == 3


def test_an_annotator_is_paused_with_a_reason(caller, campaign):
    open_campaign(campaign)
    caller("bob").post(f"work/{campaign.pk}/next/")
    alice, who = caller("alice"), people.bob().annotator.pk
    where = f"campaigns/{campaign.pk}/standings/"
    assert alice("put", f"{where}{who}/", {"state": "paused"}).status_code == 422
    put = alice("put", f"{where}{who}/", {"state": "paused", "reason": "on leave"})
    assert put.json()["state"] == "paused"
    assert alice.get(where).json()["results"][0]["reason"] == "on leave"


def test_a_body_that_is_no_object_is_refused_with_a_key_and_without(caller, campaign):
    for headers in ({}, {"Idempotency_Key": "list"}):
        assert caller("alice").post("campaigns/", [1], **headers).status_code == 422
    broken = caller("alice").client.post(
        "/api/v1/campaigns/",
        "{",
        content_type="application/json",
        headers=caller("alice").headers,
    )
    assert broken.status_code == 400 and broken.json()["error"]["code"] == "malformed"
    form = caller("alice").client.post(
        "/api/v1/campaigns/", {"a": 1}, headers=caller("alice").headers
    )
    assert form.status_code == 415


def test_a_file_is_loaded_and_checked(caller):
    ada = caller("ada")

    def send(dry_run):
        file = SimpleUploadedFile("d.csv", b"key,source\na,One.\nb,Two.\n")
        given = {"file": file, "name": "sent", "source_lang": "en", "target_lang": "mr"}
        where = "/api/v1/datasets/load/"
        return ada.client.post(where, {**given, "dry_run": dry_run}, headers=ada.headers)

    assert send("true").json()["n_new"] == 2
    assert ada.get("datasets/?name=sent").json()["results"] == []
    loaded = send("false")
    assert loaded.json()["n_new"] == 2, loaded.content
    assert ada.get("datasets/?name=sent").json()["results"][0]["n_segments"] == 2


def test_who_makes_a_campaign_gets_the_same_rights_on_the_page_and_here(caller, campaign, client):
    client.force_login(people.alice())
    client.post("/campaigns/new/", asked(campaign, name="page", raters_per_item=1, batch_size=5,
                                         lease_minutes=60, seed=1))  # fmt: skip
    assert caller("alice").post("campaigns/", asked(campaign, name="program")).status_code == 201
    for name in ("page", "program"):
        made = Campaign.objects.get(name=name)
        assert made.created_by == people.alice()
        assert list(made.memberships.values_list("user__username", "role")) == [("alice", "admin")]
        assert AuditEntry.objects.filter(campaign_id=made.pk, action="campaign.make").count() == 1


def test_names_are_told_to_those_who_read_them_on_the_pages(caller, campaign):
    campaign.created_by = people.alice()
    campaign.save()
    for who, role in (("gita", "admin"), ("eve", "auditor"), ("charlie", "auditor")):
        add_member(campaign=campaign, user=getattr(people, who)(), role=role)
    told = {
        who: caller(who).get(f"campaigns/{campaign.pk}/").json()["created_by"]
        for who in ("alice", "gita", "ada", "eve", "charlie", "frank")
    }
    assert told == dict.fromkeys(("alice", "gita", "ada"), "alice") | dict.fromkeys(
        ("eve", "charlie", "frank")
    )


def test_names_of_what_is_no_campaigns_are_for_researchers_alone(caller, campaign, client):
    run = GenerationRun.objects.create(
        system=campaign.systems.first(), dataset=campaign.dataset, created_by=people.alice()
    )
    for who, name in (("charlie", "alice"), ("frank", None)):
        assert caller(who).get(f"generation-runs/{run.pk}/").json()["created_by"] == name
        client.force_login(getattr(people, who)())
        assert ("<td>alice</td>" in client.get("/models/runs/").content.decode()) is bool(name)


def test_the_audit_log_tells_auditors_signs_in_place_of_names(caller, campaign):
    made = caller("ada").post("accounts/", {"username": "sunita", "role": "annotator"})
    assert made.status_code == 201, made.content
    bob = {"username": "bob", "role": "auditor"}
    assert caller("ada").post(f"campaigns/{campaign.pk}/members/", bob).status_code == 201
    add_member(campaign=campaign, user=people.eve(), role="auditor")
    for who in ("frank", "eve", "charlie"):
        log = caller(who).get("audit-log/").content.decode()
        assert not [name for name in ("ada", "bob", "sunita") if f'"{name}"' in log], who
        assert caller(who).get("audit-log/?actor=ada").json()["results"] == []
    assert '"P-' in caller("frank").get("audit-log/").content.decode()
    assert '"ada"' in caller("alice").get(f"audit-log/?campaign={campaign.pk}").content.decode()


@pytest.mark.parametrize("name", ["𝕒𝕝𝕚𝕔𝕖", "Alice", "\u202ealice", "a\0", "<b>", "=1+1", "x" * 999])
def test_a_user_name_that_looks_like_anothers_or_cannot_be_one_is_refused(caller, campaign, name):
    refused = caller("ada").post("accounts/", {"username": name, "role": "annotator"})
    assert refused.status_code == 422 and "username" in refused.json()["error"]["fields"]


@pytest.mark.parametrize("where", ["planner/", "campaigns/", "guidelines/"])
def test_half_a_character_is_refused_wherever_it_stands(caller, campaign, where):
    refused = caller("alice").post(where, {"name": "\ud800", "question": ["\ud800"]})
    assert refused.status_code == 400, refused.content
    assert "half of a character" in refused.json()["error"]["message"]
