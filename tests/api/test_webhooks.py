"""Webhooks: told once it is certain, signed, to public addresses only, again until it is taken."""

import hashlib
import hmac
import json
import threading
import uuid
from collections.abc import Iterator
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest
from django.db import transaction
from django.test import Client
from django.utils import timezone

from accounts.models import AuditEntry
from annotation.models import Campaign
from annotation.services import claim_work, close_campaign, open_campaign, submit_rating
from api.models import Delivery, Webhook
from api.webhooks.events import announce_complete
from api.webhooks.managing import MOST, delete_webhook, make_webhook, try_webhook
from api.webhooks.models import TOLD, Event
from api.webhooks.sending import MOST_FAILED, WAITS, check_url, send_due, signature
from common.errors import BadInput
from models_app.jobs import request_cancel, run_inline
from models_app.models import CorpusReport, Job
from tests import people
from tests.models_app.corpora import small_corpus

pytestmark = pytest.mark.django_db
EVERYTHING = [str(event) for event in TOLD]


class Ear:
    """A server on this machine that keeps what it is told."""

    def __init__(self) -> None:
        self.heard: list[tuple[dict[str, str], bytes]] = []
        self.status = 200
        ear = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                ear.heard.append((dict(self.headers), body))
                self.send_response(ear.status)
                self.send_header("Location", "http://127.0.0.1:1/")
                self.end_headers()

            def log_message(self, *_: Any) -> None:
                pass

        self.server = HTTPServer(("127.0.0.1", 0), Handler)
        self.host = f"127.0.0.1:{self.server.server_port}"
        self.url = f"http://{self.host}/told?x=1"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()


@pytest.fixture
def ear(settings: Any) -> Iterator[Ear]:
    ear = Ear()
    settings.WEBHOOK_HOSTS = [ear.host]
    yield ear
    ear.server.shutdown()
    ear.server.server_close()


@pytest.fixture
def campaign() -> Campaign:
    return people.small_campaign(n_segments=2)


def hook(campaign: Campaign | None, ear: Ear) -> tuple[Webhook, str]:
    return make_webhook(campaign=campaign, url=ear.url, events=EVERYTHING, user=people.alice())


def test_a_campaign_tells_that_it_opens_and_closes_and_signs_it(campaign: Any, ear: Ear) -> None:
    _, secret = hook(campaign, ear)
    other = people.small_campaign("other")
    open_campaign(other)
    open_campaign(campaign)
    close_campaign(campaign)
    assert send_due() == 2 and send_due() == 0
    told = [json.loads(body) for _, body in ear.heard]
    assert [one["event"] for one in told] == ["campaign.opened", "campaign.closed"]
    assert told[1]["campaign"] == {"id": campaign.pk, "name": "study", "state": "closed"}
    headers, body = ear.heard[0]
    moment, _, signed = headers["Nikash-Signature"].partition(",v1=")
    moment = moment.removeprefix("t=")
    assert (
        signed
        == hmac.new(secret.encode(), moment.encode() + b"." + body, hashlib.sha256).hexdigest()
    )
    assert headers["Nikash-Signature"] == signature(secret, body, int(moment))
    assert headers["Nikash-Delivery"] == told[0]["id"] == str(Delivery.objects.last().key)


def test_what_was_undone_is_never_told(campaign: Any, ear: Ear) -> None:
    hook(campaign, ear)
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        open_campaign(campaign)
        raise ZeroDivisionError
    assert not Delivery.objects.exists()


def test_the_site_tells_how_jobs_end(ear: Ear) -> None:
    hook(None, ear)
    lost = {"kind": "audit", "tries": Job.MAX_TRIES}
    job = CorpusReport.objects.create(corpus=small_corpus(), **lost)
    run_inline(job)
    request_cancel(CorpusReport.objects.create(corpus=job.corpus, kind="audit"))
    send_due()
    told = [json.loads(body) for _, body in ear.heard]
    assert [one["event"] for one in told] == ["job.failed", "job.cancelled"]
    assert told[0]["job"]["kind"] == "corpusreport" and told[0]["job"]["error"]


def test_a_campaign_is_complete_once(campaign: Any, ear: Ear) -> None:
    hook(campaign, ear)
    open_campaign(campaign)
    campaign.refresh_from_db()
    bob = people.bob().annotator
    claim_work(bob, campaign)
    for assignment in bob.assignments.order_by("position"):
        assert announce_complete() == 0
        submit_rating(assignment=assignment, key=uuid.uuid4(), sequence=1, answer={"score": 3})
    assert announce_complete() == 1 and announce_complete() == 0
    assert Delivery.objects.filter(event=Event.CAMPAIGN_COMPLETE).count() == 1


@pytest.mark.parametrize("status", [500, 302, 404])
def test_what_is_not_taken_is_tried_again_and_given_up_in_the_end(
    campaign: Any, ear: Ear, status: int
) -> None:
    ear.status = status
    webhook, _ = hook(campaign, ear)
    try_webhook(webhook, people.alice())
    for number, wait in enumerate(WAITS, start=1):
        before = timezone.now()
        assert send_due() == 0
        delivery = Delivery.objects.get()
        assert (delivery.state, delivery.n_tries, delivery.status) == ("waiting", number, status)
        assert delivery.next_try_at >= before + timedelta(seconds=wait)
        Delivery.objects.update(next_try_at=timezone.now())
    send_due()
    assert Delivery.objects.get().state == "failed"
    assert len({headers["Nikash-Delivery"] for headers, _ in ear.heard}) == 1
    assert len(ear.heard) == len(WAITS) + 1


def test_who_never_answers_is_left_alone_and_starts_again_with_a_try(
    campaign: Any, ear: Ear
) -> None:
    webhook, _ = hook(campaign, ear)
    Webhook.objects.update(n_failed=MOST_FAILED - 1)
    ear.status = 500
    try_webhook(webhook, people.alice())
    Webhook.objects.update(n_failed=MOST_FAILED - 1)
    Delivery.objects.update(n_tries=len(WAITS))
    send_due()
    webhook.refresh_from_db()
    assert not webhook.is_active and "20 events in a row" in webhook.stopped_why
    ear.status = 204
    try_webhook(webhook, people.alice())
    assert send_due() == 1
    webhook.refresh_from_db()
    assert webhook.is_active and webhook.n_failed == 0


def test_gone_stops_at_once(campaign: Any, ear: Ear) -> None:
    webhook, _ = hook(campaign, ear)
    ear.status = 410
    try_webhook(webhook, people.alice())
    send_due()
    webhook.refresh_from_db()
    assert not webhook.is_active and "410" in webhook.stopped_why


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1:8000/",
        "https://localhost/",
        "https://169.254.169.254/latest/meta-data/",
        "https://[::ffff:10.0.0.1]/",
        "http://example.org/",
        "ftp://example.org/",
        "https://user:secret@example.org/",
        "file:///etc/passwd",
        "nowhere",
    ],
)
def test_addresses_that_may_not_be_called_are_refused(campaign: Any, url: str) -> None:
    with pytest.raises(BadInput):
        make_webhook(campaign=campaign, url=url, events=EVERYTHING, user=people.alice())
    assert not Webhook.objects.exists()


def test_a_name_that_only_begins_like_an_allowed_one_needs_https(settings: Any) -> None:
    settings.WEBHOOK_HOSTS = ["hooks.internal"]
    with pytest.raises(BadInput, match="must begin with https://"):
        check_url("http://hooks.internal.example.org/")


def test_a_name_that_leads_inside_later_is_not_called(campaign: Any, ear: Ear, settings: Any):
    webhook, _ = hook(campaign, ear)
    settings.WEBHOOK_HOSTS = []
    try_webhook(webhook, people.alice())
    assert send_due() == 0 and ear.heard == []
    assert "open internet" in Delivery.objects.get().error


def test_making_and_deleting_is_in_the_log_without_the_address(campaign: Any, ear: Ear) -> None:
    webhook, secret = hook(campaign, ear)
    delete_webhook(webhook, people.alice())
    entries = AuditEntry.objects.filter(action__startswith="webhook.")
    assert {entry.action for entry in entries} == {"webhook.make", "webhook.delete"}
    assert all("told" not in str(entry.details) for entry in entries)
    assert not Webhook.objects.exists() and secret


def signed_in(user: Any) -> Client:
    client = Client()
    client.force_login(user)
    return client


def test_the_page_makes_shows_tries_and_deletes(campaign: Any, ear: Ear) -> None:
    client = signed_in(people.alice())
    assert "None yet." in client.get("/webhooks/").content.decode()
    wrong = client.post("/webhooks/", {"campaign": campaign.pk, "url": "https://localhost/x",
                                       "events": ["job.done"]})  # fmt: skip
    assert wrong.status_code == 422 and "open internet" in wrong.content.decode()
    posted = {"campaign": campaign.pk, "url": ear.url, "events": ["job.done", "campaign.closed"]}
    made = client.post("/webhooks/", posted).content.decode()
    assert "never shown again" in made and "campaign.closed, job.done" in made
    pk = Webhook.objects.get().pk
    stranger = signed_in(people.charlie())
    assert stranger.post(f"/webhooks/{pk}/try/").status_code == 404
    assert stranger.post(f"/webhooks/{pk}/delete/").status_code == 404
    assert client.post(f"/webhooks/{pk}/try/").status_code == 302
    assert send_due() == 1
    assert "delivered" in client.get("/webhooks/").content.decode()
    assert client.post(f"/webhooks/{pk}/delete/").status_code == 302
    assert not Webhook.objects.exists()


def test_the_site_s_own_are_for_admins(campaign: Any, ear: Ear) -> None:
    posted = {"campaign": "", "url": ear.url, "events": ["job.done"]}
    assert signed_in(people.alice()).post("/webhooks/", posted).status_code == 422
    assert signed_in(people.bob()).get("/webhooks/").status_code == 403
    assert signed_in(people.ada()).post("/webhooks/", posted).status_code == 200
    assert Webhook.objects.get().campaign is None


def test_programs_make_and_read_them(campaign: Any, ear: Ear) -> None:
    client = signed_in(people.alice())
    body = {"campaign": campaign.pk, "url": ear.url, "events": ["campaign.closed"]}
    made = client.post("/api/v1/webhooks/", body, content_type="application/json")
    assert made.status_code == 201 and made.json()["secret"]
    pk = made.json()["webhook"]["id"]
    assert client.get("/api/v1/webhooks/").json()["results"][0]["id"] == pk
    assert client.post(f"/api/v1/webhooks/{pk}/try/").status_code == 201
    sent = client.get(f"/api/v1/webhooks/{pk}/deliveries/").json()["results"]
    assert [one["event"] for one in sent] == ["test"]
    assert signed_in(people.charlie()).get(f"/api/v1/webhooks/{pk}/").status_code == 404
    assert client.delete(f"/api/v1/webhooks/{pk}/").status_code == 204


def test_there_are_not_too_many(campaign: Any, ear: Ear) -> None:
    for _ in range(MOST):
        hook(campaign, ear)
    with pytest.raises(BadInput, match="delete one first"):
        hook(campaign, ear)


def test_the_documented_check_takes_what_is_sent(campaign: Any, ear: Ear) -> None:
    webhook, secret = hook(campaign, ear)
    try_webhook(webhook, people.alice())
    send_due()
    page = (Path(__file__).parents[2] / "docs" / "webhooks.md").read_text(encoding="utf-8")
    code = page.split("```python\n")[1].split("```")[0]
    known: dict[str, Any] = {}
    exec(code, known)
    headers, body = ear.heard[0]
    assert known["is_genuine"](secret, headers["Nikash-Signature"], body)
    assert not known["is_genuine"](secret, headers["Nikash-Signature"], body + b" ")
    assert not known["is_genuine"]("other", headers["Nikash-Signature"], body)
