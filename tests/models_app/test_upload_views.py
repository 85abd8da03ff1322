"""Preview, confirm, refuse: the three upload pages behave alike."""

import gzip
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from django.conf import settings
from django.core import signing
from django.test import Client
from django.urls import reverse

from annotation.models import Campaign, Rating
from models_app import uploads
from models_app.models import Dataset, Output, Segment, System
from tests import files
from tests.people import ada, alice, bob, small_dataset, small_system

pytestmark = pytest.mark.django_db


class Page(NamedTuple):
    url: str
    good: bytes
    fields: dict[str, str]
    stored: Callable[[], int]


PAGES = {
    "dataset": Page(
        "models_app:dataset_upload",
        b"key,source\n1,<script>alert(1)</script>\n2,b\n",
        {"name": "new", "source_lang": "en", "target_lang": "mr"},
        Segment.objects.filter(dataset__name="new").count,
    ),
    "outputs": Page(
        "models_app:outputs_upload",
        b"system,key,output\nmine,s0,<script>alert(1)</script>\nmine,s1,b\n",
        {"dataset": "d"},
        Output.objects.filter(system__name="mine").count,
    ),
    "ratings": Page(
        "annotation:ratings_upload",
        b"rater,system,key,score\n<script>alert(1)</script>,base,s0,1\nr2,base,s0,2\n",
        {"dataset": "d", "campaign": "c", "format": "ratings", "protocol": "sqm"},
        Rating.objects.count,
    ),
}
every_page = pytest.mark.parametrize("page", PAGES.values(), ids=PAGES)


@pytest.fixture(autouse=True)
def upload_folder(settings: Any, tmp_path: Path) -> Path:
    settings.MEDIA_ROOT = tmp_path / "uploads"
    small_system("base", small_dataset("d", 3))
    return settings.MEDIA_ROOT


@pytest.fixture
def admin() -> Client:
    return signed_in(ada())


def signed_in(person: Any) -> Client:
    client = Client(raise_request_exception=True)
    client.force_login(person)
    return client


def send(
    client: Client, page: Page, data: bytes | None = None, file: str = "a.csv", **fields: str
) -> Any:
    """The form as a browser sends it, under a file name that nobody has tidied."""
    parts = [
        f'--x\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode()
        for name, value in {**page.fields, **fields}.items()
    ]
    head = f'--x\r\nContent-Disposition: form-data; name="file"; filename="{file}"\r\n'
    content = page.good if data is None else data
    body = b"".join([*parts, head.encode(), b"\r\n", content, b"\r\n--x--\r\n"])
    return client.post(reverse(page.url), body, content_type="multipart/form-data; boundary=x")


def token_of(response: Any) -> str:
    return re.search(r'name="token" value="([^"]+)"', response.content.decode())[1]


def confirm(client: Client, page: Page, token: str) -> Any:
    return client.post(reverse(page.url), {"token": token})


@every_page
def test_a_checked_file_is_stored_once_it_is_confirmed(page: Page, admin: Client) -> None:
    preview = send(admin, page)
    assert preview.status_code == 200
    assert "Nothing is stored yet" in preview.content.decode()
    assert page.stored() == 0
    done = confirm(admin, page, token_of(preview))
    assert done.status_code == 302
    assert page.stored() == 2
    assert admin.get(done.url).status_code == 200
    assert not list(uploads.folder().iterdir())


@every_page
def test_html_in_cells_and_names_is_shown_as_text(page: Page, admin: Client) -> None:
    for data in (page.good, page.good + b"<script>x</script>\n"):
        shown = send(admin, page, data, "<img src=x>.csv").content.decode()
        assert "<script>alert" not in shown
        assert "<script>x" not in shown
        assert "<img src=x>" not in shown
    assert "&lt;script&gt;alert" in send(admin, page).content.decode()


@every_page
def test_the_second_confirmation_stores_nothing_more(page: Page, admin: Client) -> None:
    token = token_of(send(admin, page))
    confirm(admin, page, token)
    again = confirm(admin, page, token)
    assert again.status_code == 422
    assert "already used or is too old; send the file again" in again.content.decode()
    second = send(admin, page).content.decode()
    assert "already there" in second
    assert page.stored() == 2


@every_page
@pytest.mark.parametrize("case", files.BAD)
def test_a_bad_file_shows_what_is_wrong_and_stores_nothing(
    page: Page, case: str, admin: Client
) -> None:
    name, data = files.BAD[case]
    refused = send(admin, page, data, name)
    text = refused.content.decode()
    assert refused.status_code == 422
    assert 'name="token"' not in text
    assert page.stored() == 0
    assert not Dataset.objects.filter(name="new").exists()
    assert not Campaign.objects.exists()
    assert not list(uploads.folder().iterdir())
    if data:  # an empty file is refused by the form itself
        assert "Nothing was stored." in text
        assert "0 things" not in text


def test_every_bad_row_stands_in_the_table_of_problems(admin: Client) -> None:
    page = PAGES["outputs"]
    text = send(admin, page, b"system,key,output\nmine,s9,a\nmine\n,s0,b\n").content.decode()
    assert "3 things are wrong" in text
    rows = re.findall(r'<tr><td class="num">(\d+)</td><td>(\w*)</td>', text)
    assert rows == [("2", "key"), ("3", ""), ("4", "system")]


@every_page
def test_only_admins_come_in(page: Page) -> None:
    url = reverse(page.url)
    for person in (alice(), bob()):
        client = signed_in(person)
        assert client.get(url).status_code == 403
        assert send(client, page).status_code == 403
    stranger = Client()
    assert stranger.get(url).status_code == 302
    assert send(stranger, page).url.startswith(reverse("login"))
    assert not uploads.folder().exists() or not list(uploads.folder().iterdir())


@every_page
def test_a_token_of_somebody_else_is_refused(page: Page, admin: Client) -> None:
    token = token_of(send(admin, page))
    other = alice()
    other.is_staff = True
    other.save()
    assert confirm(signed_in(other), page, token).status_code == 422
    assert confirm(signed_in(bob()), page, token).status_code == 403
    assert page.stored() == 0


@pytest.mark.parametrize("token", ["", "x", "a:b:c", "é:é:é", "\0", "W10:1abc:def", "9" * 10_000])
@every_page
def test_a_forged_token_is_refused(page: Page, token: str, admin: Client) -> None:
    assert confirm(admin, page, token).status_code == 422
    assert page.stored() == 0


def test_a_token_is_no_way_to_another_file_or_page(admin: Client, upload_folder: Path) -> None:
    (upload_folder.parent / "secret.csv").write_bytes(PAGES["dataset"].good)
    user, options = ada().pk, PAGES["dataset"].fields
    outside = uploads.seal(user, "dataset", "../secret.csv", "a.csv", options)
    assert confirm(admin, PAGES["dataset"], outside).status_code == 422
    token = token_of(send(admin, PAGES["dataset"]))
    assert confirm(admin, PAGES["outputs"], token).status_code == 422
    other_salt = signing.dumps([user, "dataset", "a.csv", "a.csv", options], salt="other")
    assert confirm(admin, PAGES["dataset"], other_salt).status_code == 422


@every_page
def test_a_preview_older_than_a_day_is_refused(
    page: Page, admin: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    token = token_of(send(admin, page))
    monkeypatch.setattr(uploads, "KEPT_SECONDS", -1)
    refused = confirm(admin, page, token)
    assert refused.status_code == 422
    assert "this preview is too old; send the file again" in refused.content.decode()


def test_what_changed_since_the_preview_is_checked_again(admin: Client) -> None:
    token = token_of(send(admin, PAGES["outputs"]))
    Dataset.objects.all().delete()
    refused = confirm(admin, PAGES["outputs"], token)
    assert refused.status_code == 422
    assert "there is no dataset called" in refused.content.decode()
    assert not System.objects.filter(name="mine").exists()


@pytest.mark.parametrize(
    "name",
    [
        "../../evil.csv",
        "C:\\\\evil.csv",
        "x" * 300 + ".csv",
        "a\tb.csv",
        "मराठी.csv",
        "-.csv",
        "a/.csv.csv",
    ],
)
def test_a_file_may_be_called_anything_and_stays_in_the_folder(
    name: str, admin: Client, upload_folder: Path
) -> None:
    preview = send(admin, PAGES["dataset"], file=name)
    assert preview.status_code == 200
    [kept] = upload_folder.iterdir()
    assert re.fullmatch(r"[0-9a-f]{32}\.csv", kept.name)
    assert kept.stat().st_mode & 0o077 == 0 or upload_folder.stat().st_mode & 0o077 == 0
    assert confirm(admin, PAGES["dataset"], token_of(preview)).status_code == 302


@pytest.mark.parametrize(
    "name", ["a.exe", "csv", ".csv", "a.csv.exe", "a.gz", "a.csv/", "-", "", ".."]
)
def test_a_name_without_a_known_ending_is_refused(name: str, admin: Client) -> None:
    refused = send(admin, PAGES["dataset"], file=name)
    assert refused.status_code == 422
    assert not Dataset.objects.filter(name="new").exists()


def test_a_packed_file_is_read(admin: Client) -> None:
    page = PAGES["dataset"]
    preview = send(admin, page, gzip.compress(page.good), "A.CSV.GZ")
    assert confirm(admin, page, token_of(preview)).status_code == 302
    assert page.stored() == 2


def test_a_file_over_the_limit_is_refused(admin: Client, settings: Any) -> None:
    settings.MAX_UPLOAD_MB = 0
    refused = send(admin, PAGES["dataset"])
    assert refused.status_code == 422
    assert "has more than 0 MB; split it" in refused.content.decode()


@pytest.mark.parametrize(
    "fields",
    [
        {"name": ""},
        {"name": ".."},
        {"name": "<b>x</b>"},
        {"source_lang": "english!"},
        {"columns": "key"},
        {"columns": "key="},
        {"columns": "kye=key"},
        {"columns": "domain=nowhere"},
        {"licence": "x" * 101},
    ],
)
def test_bad_fields_are_refused_beside_the_field(fields: dict[str, str], admin: Client) -> None:
    refused = send(admin, PAGES["dataset"], **fields)
    assert refused.status_code == 422
    assert "<b>x</b>" not in refused.content.decode()
    assert not Dataset.objects.filter(name="new").exists()


def test_columns_may_be_renamed(admin: Client) -> None:
    page = PAGES["dataset"]
    data = page.good.replace(b"key", b"seg_id")
    preview = send(admin, page, data, columns="key=seg_id")
    confirm(admin, page, token_of(preview))
    assert page.stored() == 2


def test_a_forgotten_upload_is_deleted_a_day_later(
    admin: Client, upload_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    send(admin, PAGES["dataset"])
    [old] = upload_folder.iterdir()
    monkeypatch.setattr(uploads, "KEPT_SECONDS", -1)
    send(admin, PAGES["outputs"])
    assert old not in list(upload_folder.iterdir())


def test_uploads_are_kept_apart_from_what_is_served() -> None:
    assert "uploads" in str(settings.MEDIA_ROOT)
    assert Client().get("/media/a.csv").status_code in (302, 404)
