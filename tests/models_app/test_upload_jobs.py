"""Big files: checked by a worker, confirmed by a person, loaded once, or not at all."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import OperationalError, connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.models import AuditEntry
from api.tokens import make_token
from common import bell
from config.tasks import tidy_up
from models_app import jobs, tasks, upload_jobs, upload_work, uploads
from models_app.models import Dataset, JobQuerySet, Output, System, Upload
from tests.people import ada, alice, small_campaign, small_dataset

pytestmark = pytest.mark.django_db
N = 1200  # rows: several chunks of the loader
HOUR = timedelta(hours=1)
GOOD = "\n".join(["system,key,output", *(f"mine,s{n},text {n}" for n in range(N))]).encode()
BAD = b"system,key,output\nmine,s9999,a\n" + b"mine,s1\n" * 300


@pytest.fixture(autouse=True)
def site(settings: Any, tmp_path: Any) -> None:
    settings.MEDIA_ROOT = tmp_path / "uploads"
    settings.UPLOAD_JOB_BYTES = 1000
    small_dataset("d", N)


@pytest.fixture
def rung(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """What the worker is told; it does nothing by itself."""
    ids: list[int] = []
    monkeypatch.setattr(tasks.uploading, "delay", ids.append)
    monkeypatch.setattr(bell, "_away_since", None)
    return ids


@pytest.fixture
def admin() -> Client:
    client = Client()
    client.force_login(ada())
    return client


def send(client: Client, data: bytes = GOOD, name: str = "big.csv") -> Any:
    file = SimpleUploadedFile(name, data)
    return client.post(reverse("models_app:outputs_upload"), {"file": file, "dataset": "d"})


def address(upload: Upload, deed: str = "") -> str:
    return reverse(f"models_app:upload{deed}", args=[upload.pk])


def fresh() -> Upload:
    return Upload.objects.get()


def work() -> Upload:
    return jobs.run_inline(fresh())


def stored() -> int:
    return Output.objects.filter(system__name="mine").count()


def checked(client: Client) -> Upload:
    send(client)
    return work()


def test_a_big_file_is_checked_confirmed_and_loaded(admin, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        sent = send(admin)
        assert sent.url == address(fresh()) and stored() == 0
        assert "being checked" in admin.get(sent.url).content.decode()
        assert "big.csv" in admin.get(reverse("models_app:outputs_upload")).content.decode()
        assert work().state == "done"
        preview = admin.get(sent.url).content.decode()
        assert "Store it" in preview and "text 9" in preview and f">{N}<" in preview
        assert stored() == 0 and not System.objects.filter(name="mine").exists()
        assert admin.post(address(fresh(), "_confirm")).url == sent.url
        assert "being stored" in admin.get(sent.url).content.decode()
        done = work()
    assert (done.state, done.stored, done.n_done, done.n_total) == ("done", True, N, N)
    page = admin.get(sent.url).content.decode()
    assert f"{N} rows: {N} new" in page
    assert reverse("models_app:dataset_detail", args=[Dataset.objects.get().pk]) in page
    assert stored() == N and not list(uploads.folder().iterdir())
    loaded = AuditEntry.objects.get(action="file.load")
    assert loaded.actor == ada() and loaded.details["file"] == "big.csv"


def test_a_small_file_is_checked_in_the_request(admin):
    shown = send(admin, GOOD[:500].rpartition(b"\n")[0])
    assert "Nothing is stored yet" in shown.content.decode()
    assert not Upload.objects.exists()


def test_problems_are_shown_as_of_small_files(admin, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        send(admin, BAD)
        assert work().state == "failed"
    page = admin.get(address(fresh())).content.decode()
    assert "301 things are wrong" in page and "The first 200 are shown" in page
    rows = re.findall(r'<tr><td class="num">(\d+)</td><td>(\w*)</td>', page)
    assert rows[:2] == [("2", "key"), ("3", "")] and len(rows) == 200
    assert "no segment &#x27;s9999&#x27;" in page and "Try again" not in page
    assert stored() == 0 and not list(uploads.folder().iterdir())
    admin.post(address(fresh(), "_confirm"))
    assert fresh().state == "failed"


def test_it_is_loaded_once_however_often_it_is_told(admin):
    checked(admin)
    for _ in range(2):
        admin.post(address(fresh(), "_confirm"))
    assert AuditEntry.objects.filter(action="upload.confirm").count() == 1
    for _ in range(2):
        tasks.uploading(fresh().pk)
    assert stored() == N and fresh().tries == 1
    # A worker that died after the rows were stored, before it could say so.
    Upload.objects.update(state="running", lease_until=timezone.now() - HOUR)
    assert work().state == "done" and stored() == N
    assert AuditEntry.objects.filter(action="file.load").count() == 1


def test_the_job_of_a_killed_worker_is_done_by_the_next(
    admin, rung, django_capture_on_commit_callbacks
):
    checked(admin)
    upload_jobs.confirm_upload(fresh())
    rows = Upload.objects.filter(pk=fresh().pk)
    assert Upload.objects.claim(fresh().pk, "killed")
    rows.update(lease_until=timezone.now() - HOUR)
    with django_capture_on_commit_callbacks(execute=True):
        assert jobs.requeue_lost() == 1
    assert rung == [fresh().pk]
    assert work().state == "done" and stored() == N


def test_who_holds_the_database_for_long_is_not_taken_for_gone(admin, monkeypatch):
    def locked(*arguments: Any, **fields: Any) -> None:
        raise OperationalError("database is locked")

    send(admin)
    Upload.objects.update(state="running", lease_until=timezone.now() - HOUR)
    monkeypatch.setattr(JobQuerySet, "update", locked)
    assert jobs.requeue_lost() == 0


def test_who_lost_the_lease_stores_nothing(admin, monkeypatch):
    checked(admin)
    upload_jobs.confirm_upload(fresh())

    def overtaken(self: Any, n_rows: int) -> None:
        Upload.objects.update(holder="another")

    monkeypatch.setattr(upload_work._Watch, "__call__", overtaken)
    assert work().state == "running"
    assert stored() == 0 and not fresh().stored


@pytest.mark.parametrize("step", ["check", "load"])
def test_cancelled_while_it_works_nothing_stays(
    admin, step, monkeypatch, django_capture_on_commit_callbacks
):
    def noticed(*arguments: Any, **told: int) -> None:
        uploads.ask_to_stop(fresh().file)

    with django_capture_on_commit_callbacks(execute=True):
        send(admin)
        if step == "load":
            work()
            upload_jobs.confirm_upload(fresh())
        monkeypatch.setattr(uploads, "tell", noticed)
        assert work().state == "cancelled"
    assert stored() == 0 and not list(uploads.folder().iterdir())
    assert "Nothing was stored" in admin.get(address(fresh())).content.decode()
    assert not upload_jobs.resume_upload(fresh())


@pytest.mark.parametrize("when", ["waiting", "checked"])
def test_cancelled_at_rest_nothing_stays(admin, when, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        send(admin)
        if when == "checked":
            work()
        admin.post(address(fresh(), "_cancel"))
    assert fresh().state == "cancelled" and not list(uploads.folder().iterdir())
    admin.post(address(fresh(), "_confirm"))
    assert work().state == "cancelled" and stored() == 0


def test_how_far_it_is_is_told_from_beside_the_transaction(admin):
    checked(admin)
    upload_jobs.confirm_upload(fresh())
    assert Upload.objects.claim(fresh().pk, "a worker")
    uploads.tell(fresh().file, n_done=500, n_total=N, n_rows=500)
    told = admin.get(address(fresh(), "_progress")).json()
    assert (told["n_done"], told["n_total"]) == (500, N) and "500 rows" in told["message"]


def test_a_file_that_a_job_needs_is_kept_and_an_old_preview_is_not(admin, monkeypatch):
    checked(admin)
    upload_jobs.confirm_upload(fresh())
    monkeypatch.setattr(uploads, "KEPT_SECONDS", -1)
    uploads._forget_old()
    assert uploads.is_kept(fresh().file)
    Upload.objects.update(state="done", step="check")
    uploads._forget_old()
    assert "too old; send the file again" in admin.get(address(fresh())).content.decode()
    admin.post(address(fresh(), "_confirm"))
    assert fresh().step == "check"


def test_what_failed_by_itself_may_be_tried_again(admin, monkeypatch):
    def full(*arguments: Any) -> None:
        raise MemoryError

    with monkeypatch.context() as patched:
        patched.setattr(upload_work._Watch, "__call__", full)
        assert checked(admin).state == "failed"
    assert "Try again" in admin.get(address(fresh())).content.decode()
    admin.post(address(fresh(), "_resume"))
    assert work().state == "done"


def test_who_may_load_such_files_no_longer_finds_it_no_longer(admin):
    checked(admin)
    Upload.objects.update(created_by=alice())
    client = Client()
    client.force_login(alice())
    assert client.get(address(fresh())).status_code == 404
    assert client.post(address(fresh(), "_confirm")).status_code == 404


def test_the_api_answers_with_the_job_and_what_came_of_it(client, settings):
    secret = make_token(user=ada(), name="t", scope="write", days=None)[1]
    headers = {"Authorization": f"Bearer {secret}"}

    def load(data: bytes, **fields: str) -> Any:
        body = {"file": SimpleUploadedFile("big.csv", data), "dataset": "d", **fields}
        return client.post("/api/v1/outputs/load/", body, headers=headers)

    def read() -> Any:
        newest = Upload.objects.order_by("pk").last()
        jobs.run_inline(newest)
        return client.get(f"/api/v1/uploads/{newest.pk}/", headers=headers).json()

    sent = load(GOOD, dry_run="true")
    assert sent.status_code == 202
    assert client.get(sent.headers["Location"], headers=headers).json() == sent.json()
    assert sent.json()["kind"] == "upload" and sent.json()["state"] == "queued"
    assert read()["loaded"] == {
        "dry_run": True, "n_rows": N, "n_new": N, "n_unchanged": 0, "notes": ["New systems: mine"]
    }  # fmt: skip
    assert stored() == 0
    load(GOOD)
    assert read()["loaded"]["n_new"] == stored() == N
    load(BAD)
    refused = read()
    assert refused["loaded"] is None and refused["n_problems"] == 301
    assert refused["problems"][0]["row"] == 2 and refused["problems"][0]["column"] == "key"


def of_campaigns(user: Any, n: int) -> None:
    for number in range(n):
        campaign = small_campaign(f"{n}, {number}")
        options = {"campaign": campaign.pk}
        Upload.objects.create(kind="quality", file="x", created_by=user, options=options)


def test_who_may_load_what_they_sent_is_asked_once_for_all():
    user = alice()
    counts = []
    for n in (1, 5):
        of_campaigns(user, n)
        with CaptureQueriesContext(connection) as asked:
            assert list(upload_jobs.uploads_of(user))
        counts.append(len(asked))
    assert counts[0] == counts[1]
    other = small_campaign("another's")
    other.memberships.filter(user=user).delete()
    lost = Upload.objects.create(
        kind="quality", file="x", created_by=user, options={"campaign": other.pk}
    )
    assert lost not in upload_jobs.uploads_of(user) and lost in upload_jobs.uploads_of(ada())


def test_uploads_that_are_long_over_are_forgotten():
    long_ago = timezone.now() - timedelta(days=upload_jobs.KEPT_DAYS, hours=1)
    for state in Upload.State:
        for at in (long_ago, timezone.now()):
            Upload.objects.create(kind="outputs", file="x", state=state, queued_at=at)
    assert tidy_up()["uploads"] == 3
    left = Upload.objects.filter(queued_at__lte=long_ago).values_list("state", flat=True)
    assert set(left) == {"queued", "running"} and Upload.objects.count() == 7
