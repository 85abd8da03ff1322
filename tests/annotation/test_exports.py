"""Ratings leave by the command and by the campaign's page, and come in by the upload page."""

import io
import json
import re
import zipfile
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.test import Client
from django.urls import reverse

from annotation.exporting import fitting_formats
from annotation.formats import FORMATS
from annotation.models import Campaign, Rating
from annotation.protocols import PROTOCOLS
from models_app.models import Dataset
from tests import people
from tests.annotation import exchange

pytestmark = pytest.mark.django_db
ASIDE = {"note": "टीप", "flagged": False, "active_seconds": None}
STUDY: dict[str, Any] = {
    "protocol": "sqm",
    "sources": ["a", "b"],
    "outputs": {("=base", 0): "कुत्रा", ("=base", 1): "मांजर"},
    "ratings": [
        ("r1", "=base", 0, {"score": 4}, ASIDE),
        ("@r2", "=base", 0, {"score": "cannot_judge"}, ASIDE),
    ],
}


@pytest.fixture
def campaign() -> Campaign:
    campaign = exchange.store(STUDY)
    campaign.memberships.create(user=people.alice(), role="researcher")
    return campaign


def client_of(user: Any) -> Client:
    client = Client()
    client.force_login(user)
    return client


def export(*words: str) -> None:
    call_command("export_ratings", "--campaign=first", *words)


def test_the_command_writes_files_and_tells_what_is_lost(
    campaign: Campaign, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "new" / "folder"
    export("--format=ratings", f"--out={folder}")
    told = capsys.readouterr()
    assert told.out == ""
    assert "Lost: 2 notes of raters are not in a table of scores\n" in told.err
    assert "Lost: 1 answer “cannot judge” is not in a table of scores\n" in told.err
    assert sorted(path.name for path in folder.iterdir()) == ["ratings.csv", "ratings.jsonl"]
    [line] = (folder / "ratings.jsonl").read_text("utf-8").splitlines()
    assert json.loads(line) == {"rater": "r1", "system": "=base", "key": "k0", "score": 4}
    assert (folder / "ratings.csv").read_text("utf-8").splitlines() == [
        "rater,system,key,score",
        "r1,'=base,k0,4",
    ]


def test_it_writes_over_files_only_when_told(campaign: Campaign, tmp_path: Path) -> None:
    (tmp_path / "ratings.csv").write_text("mine")
    with pytest.raises(CommandError, match=r"ratings\.csv is there already"):
        export("--format=ratings", f"--out={tmp_path}")
    assert [path.name for path in tmp_path.iterdir()] == ["ratings.csv"]
    assert (tmp_path / "ratings.csv").read_text() == "mine"
    export("--format=ratings", f"--out={tmp_path}", "--force")
    assert (tmp_path / "ratings.csv").read_text("utf-8") != "mine"
    with pytest.raises(CommandError, match="cannot be written"):
        export("--format=ratings", f"--out={tmp_path / 'ratings.csv'}")


def test_it_refuses_what_cannot_be(campaign: Campaign, tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="fits the protocol mqm, not"):
        export("--format=wmt-mqm", f"--out={tmp_path}")
    with pytest.raises(CommandError, match="there is no campaign called 'nope'; known: first"):
        call_command("export_ratings", "--campaign=nope", "--format=ratings", f"--out={tmp_path}")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["ratings", "mtme", "pearmut", "label-studio", "nikash"])
def test_the_page_sends_every_fitting_format_as_a_zip(name: str, campaign: Campaign) -> None:
    client = client_of(people.alice())
    url = reverse("annotation:campaign_export", args=[campaign.pk, name])
    page = client.get(reverse("annotation:campaign_detail", args=[campaign.pk])).content.decode()
    assert f'href="{url}"' in page
    response = client.get(url)
    assert response.headers["Content-Disposition"] == f'attachment; filename="first-{name}.zip"'
    data = b"".join(response.streaming_content)
    packed = zipfile.ZipFile(io.BytesIO(data))
    assert packed.testzip() is None
    files = {file: packed.read(file) for file in packed.namelist()}
    lost = files.pop("LOSSES.txt").decode()
    assert ("Nothing of the ratings is lost." in lost) == (name == "label-studio")
    expected = FORMATS.get(name).export(campaign)
    assert files == {file: b"".join(pieces) for file, pieces in expected.files.items()}


def test_the_page_offers_only_what_fits(campaign: Campaign) -> None:
    fitting = [name for name, _ in fitting_formats(campaign)]
    assert fitting == ["label-studio", "mtme", "nikash", "pearmut", "ratings"]
    client = client_of(people.alice())
    response = client.get(reverse("annotation:campaign_export", args=[campaign.pk, "wmt-mqm"]))
    assert response.status_code == 302
    page = client.get(response.headers["Location"]).content.decode()
    assert "fits the protocol mqm" in page
    url = reverse("annotation:campaign_export", args=[campaign.pk, "nope"])
    assert client.get(url).status_code == 404


@pytest.mark.parametrize("protocol", PROTOCOLS.names())
@pytest.mark.parametrize("name", FORMATS.names())
def test_every_format_takes_or_refuses_every_protocol(name: str, protocol: str) -> None:
    study = {"protocol": protocol, "sources": ["a"], "outputs": {("b", 0): "c"}, "ratings": []}
    campaign = exchange.store(study)
    if name in dict(fitting_formats(campaign)):
        files = FORMATS.get(name).export(campaign).files
        assert all(isinstance(b"".join(pieces), bytes) for pieces in files.values())


def test_a_folder_and_json_come_in_by_the_page(
    campaign: Campaign, tmp_path: Path, settings: Any
) -> None:
    settings.MEDIA_ROOT = tmp_path / "uploads"
    client, url = client_of(people.ada()), reverse("annotation:ratings_upload")
    for name, file in {
        "mtme": None,
        "label-studio": "tasks.json",
        "nikash": "campaign.jsonl",
    }.items():
        exchange.exported(campaign, name, tmp_path / name)
        path = tmp_path / name / file if file else exchange.zipped(tmp_path / name)
        dataset = "" if name == "nikash" else campaign.dataset.name
        fields = {"format": name, "campaign": f"by {name}", "dataset": dataset, "protocol": "sqm"}
        with path.open("rb") as opened:
            page = client.post(url, {**fields, "file": opened}).content.decode()
        match = re.search('name="token" value="([^"]+)"', page)
        assert match, page
        assert client.post(url, {"token": match[1]}).status_code == 302
        stored = Rating.objects.filter(item__campaign__name=f"by {name}")
        assert stored.count() == (1 if name == "mtme" else 2)
    assert Dataset.objects.count() == 1


@pytest.mark.parametrize(
    ("name", "file", "reason"),
    [
        ("mtme", "a.csv", "this is no .zip file"),
        ("ratings", "a.zip", "the name must end in .csv, .tsv or .jsonl"),
        ("label-studio", "a.xlsx", "or in .json; or in .zip"),
        ("ratings", "a.csv", "Choose the dataset that was judged."),
    ],
)
def test_a_file_of_another_kind_is_refused(
    name: str, file: str, reason: str, campaign: Campaign, tmp_path: Path, settings: Any
) -> None:
    settings.MEDIA_ROOT = tmp_path / "uploads"
    upload = io.BytesIO(b"rater,system,key,score\n")
    upload.name = file
    dataset = "" if reason.startswith("Choose") else campaign.dataset.name
    fields = {"format": name, "campaign": "c", "dataset": dataset, "file": upload}
    response = client_of(people.ada()).post(reverse("annotation:ratings_upload"), fields)
    assert response.status_code == 422
    assert reason in response.content.decode()
