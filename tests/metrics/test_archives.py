"""A campaign as a site of files: every segment's page, all outputs, nothing from anywhere else."""

import io
import json
import re
import zipfile
from html.parser import HTMLParser
from pathlib import Path, PurePosixPath
from typing import Any

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.test import Client
from django.urls import reverse

from annotation.models import Campaign, Rating
from common.text import text_hash
from metrics.analyses.disagreements import disagreement_table
from metrics.analyses.frame import load_frame
from metrics.analyses.settings import Settings
from metrics.analyses.values import load_values
from metrics.archives import explorer
from metrics.archives.writing import archive_files
from models_app.jobs import run_inline
from models_app.models import Output
from tests import people
from tests.metrics.packing import report_of
from tests.metrics.studies import N_SEGMENTS, scored, study

pytestmark = pytest.mark.django_db
EVIL = "</script><img src=x onerror=alert(1)>\u2028'\"&"


def judged() -> Campaign:
    campaign = study(raters=("zoe@example.org", "r2"))
    Output.objects.filter(segment__key="s1", system__name="base").update(
        text=EVIL, text_hash=text_hash(EVIL)
    )
    Rating.objects.filter(item__segment__key="s1").update(note=f"टीप {EVIL}", flagged=True)
    scored(campaign, ["bleu", "ter"])
    return campaign


def files_of(campaign: Campaign) -> dict[str, bytes]:
    return dict(archive_files(campaign, report_of(campaign)))


def called(content: bytes) -> Any:
    """The argument of a data file's one call."""
    match = re.fullmatch(r"nikash\w+\((.*)\);\n", content.decode(), re.S)
    assert match
    return json.loads(match[1])


class Links(HTMLParser):
    """What a page loads and leads to, and the text of scripts that stand in it."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        self.found += [value for name, value in attrs if name in ("src", "href") and value]


def links_of(content: bytes) -> Links:
    parser = Links()
    parser.feed(content.decode())
    return parser


def test_every_link_and_every_asset_leads_to_a_file_of_the_archive() -> None:
    files = files_of(judged())
    pages = {name for name in files if name.endswith(".html")}
    assert pages >= {"index.html", "explorer.html"}
    assert len([name for name in pages if name.startswith("segments/")]) == N_SEGMENTS
    for page in pages:
        for link in links_of(files[page]).found:
            if not link.startswith("#"):
                parts: list[str] = []
                for part in (PurePosixPath(page).parent / link.partition("#")[0]).parts:
                    parts = parts[:-1] if part == ".." else [*parts, part]
                assert "/".join(parts) in files, (page, link)


def test_no_page_runs_a_script_or_a_style_that_stands_in_it() -> None:
    for name, content in files_of(judged()).items():
        if not name.endswith(".html"):
            continue
        tags = links_of(content).tags
        policy = next(a["content"] for t, a in tags if a.get("http-equiv"))
        assert policy and "unsafe" not in policy and "default-src 'none'" in policy
        for tag, attributes in tags:
            assert tag != "style" and not any(key.startswith("on") for key in attributes)
            assert "style" not in attributes, (name, tag)
            if tag == "script":
                is_data = attributes.get("type") == "application/json"
                assert is_data or attributes.get("src"), name


def test_texts_answers_and_values_stand_escaped_on_their_segment_s_page() -> None:
    files = files_of(judged())
    page = files["segments/02.html"].decode()
    assert "<img src=x" not in page
    assert "&lt;/script&gt;&lt;img src=x onerror=alert(1)&gt;" in page
    for words in ("The dog number 1 ran home.", "कुत्रा क्रमांक 1", "टीप", "flagged", "eff:yes"):
        assert words in page
    assert not any(b"zoe@example.org" in content for content in files.values())
    assert re.search(r"<td>A1\s*</td>", page)


def test_the_explorer_has_every_output_with_the_report_s_gaps() -> None:
    campaign = judged()
    files = files_of(campaign)
    data = called(files["explorer/outputs.js"])
    n = len(data["segment"])
    assert n == 2 * N_SEGMENTS
    for column in (data["system"], data["people"], *data["values"], *data["gaps"]):
        assert len(column) == n
    number, texts = called(files["explorer/texts-0.js"])
    assert (number, len(texts), texts[1][0]) == (0, N_SEGMENTS, EVIL)
    assert b"<" not in files["explorer/texts-0.js"]
    frame = load_frame(campaign)
    rows = disagreement_table(frame, load_values(campaign, frame), Settings())
    widest = next(row for row in rows if row["metric"] == "ter" and row["system"])
    ter = next(i for i, metric in enumerate(data["metrics"]) if metric["name"] == "TER")
    gaps = {
        (data["segments"][data["segment"][i]][0], data["systems"][data["system"][i]]): gap
        for i, gap in enumerate(data["gaps"][ter])
    }
    assert gaps[widest["key"], widest["system"]] == pytest.approx(widest["gap"], abs=1e-4)


def test_texts_are_split_over_files(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(explorer, "SEGMENTS_IN_A_FILE", 5)
    files = files_of(judged())
    parts = [called(files[f"explorer/texts-{n}.js"]) for n in range(3)]
    assert [(number, len(texts)) for number, texts in parts] == [(0, 5), (1, 5), (2, 2)]
    assert called(files["explorer/outputs.js"])["segmentsInAFile"] == 5


def test_the_number_of_queries_does_not_grow_with_segments(
    django_assert_max_num_queries: Any,
) -> None:
    small, large = study(n_segments=3), study("large", n_segments=40)
    runs = [report_of(small), report_of(large)]
    for run in runs:
        with django_assert_max_num_queries(60):
            list(archive_files(run.campaign, run))


def test_a_segment_that_many_judged_has_all_its_answers() -> None:
    campaign = study(raters=[f"r{n:02}" for n in range(30)], n_segments=2)
    page = files_of(campaign)["segments/1.html"].decode()
    assert len(re.findall(r"<td>r29\s*</td>", page)) == 2


def test_the_command_writes_a_site_and_never_over_something_else(tmp_path: Path) -> None:
    judged()
    out = tmp_path / "site"
    call_command("archive", campaign="judged", out=out)
    first = {path: path.read_bytes() for path in out.rglob("*") if path.is_file()}
    call_command("archive", campaign="judged", out=out)
    assert {path: path.read_bytes() for path in out.rglob("*") if path.is_file()} == first
    (tmp_path / "mine").write_text("x")
    with pytest.raises(CommandError, match="has files that are no archive; give a new folder"):
        call_command("archive", campaign="judged", out=tmp_path)
    with pytest.raises(CommandError, match="cannot be written"):
        call_command("archive", campaign="judged", out=tmp_path / "mine")


def test_the_page_gives_it_as_a_zip(client: Client) -> None:
    campaign = judged()
    address = reverse("metrics:archive", args=[campaign.pk])
    client.force_login(people.charlie())
    assert client.get(address).status_code == 404
    client.force_login(people.alice())
    assert client.get(address).url == reverse("metrics:report", args=[campaign.pk])
    report_of(campaign)
    assert client.get(address).status_code == 302
    run_inline(campaign.packages.get())
    answer = client.get(address)
    assert answer.headers["Content-Disposition"] == 'attachment; filename="judged-archive.zip"'
    packed = zipfile.ZipFile(io.BytesIO(b"".join(answer.streaming_content)))
    assert "index.html" in packed.namelist()
    page = client.get(reverse("metrics:report", args=[campaign.pk])).content.decode()
    assert address in page
