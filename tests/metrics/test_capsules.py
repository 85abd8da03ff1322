"""A capsule leaves with all that a study's numbers rest on, and replays to the same report."""

import hashlib
import io
import json
import uuid
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from annotation.models import Annotator, Assignment, Campaign, Guideline, Rating, RatingScore
from annotation.participation import participation_of, set_standing
from annotation.services import claim_work, open_campaign, submit_rating
from annotation.simulation import SimulatedRater, simulate
from common.errors import Conflict, NikashError
from metrics.capsules import opening
from metrics.capsules.writing import MANIFEST, write_capsule
from metrics.models import MetricScore, SegmentScore
from models_app.jobs import run_inline
from models_app.models import (
    Adapter,
    Checkpoint,
    Dataset,
    GenerationRun,
    Output,
    PromptTemplate,
    System,
)
from tests import people
from tests.metrics.packing import FAST, bytes_of, files_of, packed, replayed, report_of
from tests.metrics.studies import scored, study

pytestmark = pytest.mark.django_db
COUNTED = (Campaign, Dataset, Output, Rating, RatingScore, SegmentScore, MetricScore, Annotator)


def simulated(protocol: str) -> Campaign:
    campaign = people.small_campaign("study", protocol, n_segments=12, raters_per_item=3)
    open_campaign(campaign)
    campaign.refresh_from_db()
    simulate(campaign, [SimulatedRater(f"sim-{n}", n) for n in range(3)])
    scored(campaign, ["chrf"])
    return campaign


def judged() -> Campaign:
    campaign = study(systems=("base", "lora", "ref"), human=("ref",))
    scored(campaign)
    return campaign


def marked() -> Campaign:
    """MQM: two raters mark the beginning of some outputs, each in a manner of their own."""
    campaign = people.small_campaign("study", "mqm", raters_per_item=2)
    open_campaign(campaign)
    campaign.refresh_from_db()
    for number, code in enumerate(("r1", "r2")):
        rater = Annotator.objects.create(code=code)
        claim_work(rater, campaign)
        for assignment in Assignment.objects.filter(annotator=rater).order_by("item__position"):
            position = assignment.item.position
            severity = ("minor", "major")[(position + number) % 2]
            text = assignment.item.slots.get().output.text
            place = {"side": "target", "start": 0, "end": len(text), "quoted": text}
            error = {**place, "category": "Style/Awkward", "severity": severity, "note": ""}
            submit_rating(
                assignment=assignment,
                key=uuid.uuid4(),
                sequence=1,
                answer={"outputs": {"0": {"errors": [error] * (position % 3)}}},
            )
    scored(campaign, ["chrf"])
    return campaign


STUDIES: dict[str, Callable[[], Campaign]] = {
    "judged": judged,
    "no metric": study,
    "marked": marked,
    "sqm": lambda: simulated("sqm"),
    "sidebyside": lambda: simulated("sidebyside"),
    "questionnaire": lambda: simulated("questionnaire"),
}


@pytest.mark.parametrize("name", STUDIES)
def test_a_capsule_replays_to_the_identical_report(name: str, tmp_path: Path) -> None:
    campaign = STUDIES[name]()
    data = bytes_of(campaign)
    before = [kind._default_manager.count() for kind in COUNTED]
    found = replayed(data, tmp_path)
    assert (found.differences, found.made_with, found.notes) == ([], [], [])
    assert found.n_cells > 20 * found.n_rounded
    assert [kind._default_manager.count() for kind in COUNTED] == before
    assert bytes_of(campaign) == data


@pytest.mark.parametrize("with_excluded", [False, True])
def test_excluded_annotators_count_as_they_did(with_excluded: bool, tmp_path: Path) -> None:
    campaign = study(raters=("r1", "r2", "r3"))
    standing = participation_of(campaign, Annotator.objects.get(code="r2"))
    set_standing(standing, "excluded", reason="always 3", user=people.alice())
    data = bytes_of(campaign, FAST._replace(with_excluded=with_excluded))
    assert replayed(data, tmp_path).is_identical
    assert json.loads(files_of(data)["report.json"])["counts"]["raters"] == 2 + with_excluded


def test_it_replays_without_anything_of_the_study_here(tmp_path: Path) -> None:
    data = bytes_of(judged())
    RatingScore.objects.all().delete()
    SegmentScore.objects.all().delete()
    assert replayed(data, tmp_path).is_identical


def test_adapters_stay_behind_and_tuned_systems_stay_tuned(tmp_path: Path) -> None:
    campaign = with_model()
    rater = Annotator.objects.create(code="r1")
    claim_work(rater, campaign)
    for n, assignment in enumerate(Assignment.objects.filter(annotator=rater)):
        submit_rating(
            assignment=assignment,
            key=uuid.uuid4(),
            sequence=1,
            answer={"score": n % 7},
            guess=("tuned", "not_tuned", "cannot_tell")[n % 3],
        )
    data = bytes_of(campaign)
    assert json.loads(files_of(data)["report.json"])["blinding"][0]["n"] == 12
    assert replayed(data, tmp_path).is_identical
    assert replayed(data, tmp_path, keep_as="copy").is_identical
    copy = Campaign.objects.get(name="copy")
    assert copy.options["quality"]["tuned"] == ["secret-lora of study"]


def with_model() -> Campaign:
    """A campaign whose second system is an adapter on a base model in somebody's folder."""
    Guideline.objects.create(name="rules", version=2, language="mr", text="नियम\n1. वाचा")
    campaign = people.small_campaign("study", "sqm", guideline="rules", guideline_version=2)
    campaign.options = {"quality": {"ask_guess": True}}
    campaign.batch_size = 50
    campaign.save()
    base = Checkpoint.objects.create(
        name="gemma", location="/home/alice/gemma", architecture="causal", content_hash="a" * 64
    )
    adapter = Adapter.objects.create(
        name="lora", checkpoint=base, location="org/lora", revision="abc", content_hash="b" * 64
    )
    System.objects.filter(name="secret-lora of study").update(
        kind="model",
        backend="huggingface",
        adapter=adapter,
        checkpoint=base,
        template=PromptTemplate.objects.create(name="plain", text="उत्तर द्या: {source}"),
        decoding={"seed": 7, "temperature": 0},
    )
    GenerationRun.objects.create(
        system=System.objects.get(name="secret-lora of study"),
        dataset=campaign.dataset,
        state="done",
        holder="a-host/1",
        environment={"checkpoint": {"location": "/home/alice/gemma", "sha256": "a" * 64}},
    )
    open_campaign(campaign)
    campaign.refresh_from_db()
    return campaign


def test_models_prompts_settings_and_guidelines_are_in_it() -> None:
    files = files_of(bytes_of(with_model()))
    made_by = json.loads(files["models.json"])
    assert made_by["checkpoints"][0]["sha256"] == "a" * 64
    assert (
        made_by["adapters"][0] | {"sha256": "b" * 64, "revision": "abc"} == made_by["adapters"][0]
    )
    system = made_by["systems"][1]
    assert (system["adapter"], system["decoding"]["seed"], system["is_tuned"]) == ("lora", 7, True)
    assert made_by["generation"][0]["environment"]["checkpoint"]["location"] == (
        "a folder called gemma"
    )
    assert files["prompts/plain.txt"].decode() == "उत्तर द्या: {source}"
    assert files["guidelines/rules v2 mr.md"].decode() == "नियम\n1. वाचा"
    assert not any(word in data for data in files.values() for word in (b"/home/", b"a-host"))


def test_the_manifest_names_every_file_with_its_hash() -> None:
    files = files_of(bytes_of(judged()))
    listed = json.loads(files.pop(MANIFEST))["files"]
    assert [entry["name"] for entry in listed] == list(files)
    for entry in listed:
        data = files[entry["name"]]
        assert entry["sha256"] == hashlib.sha256(data).hexdigest()
        assert entry["bytes"] == len(data)
    assert "12 segments of data of judged (en to mr)" in files["README.md"].decode()


def test_codes_that_tell_who_somebody_is_are_numbered_in_their_order(tmp_path: Path) -> None:
    campaign = study(raters=("zoe@example.org", "bob", "x9"))
    people.bob()
    campaign.dataset.segments.filter(key="s0").update(extra={"author": "Asha Patil"})
    Annotator.objects.update(author_name="Asha Patil")
    data = bytes_of(campaign)
    files = files_of(data)
    whole = b"".join(files.values())
    assert not any(name in whole for name in (b"zoe@example.org", b"Asha", b'"bob"'))
    rows = json.loads(files["report.json"])["annotators"]
    assert [row["annotator"] for row in rows] == ["A1", "A2", "A3"]
    assert b'"author":["author 1"]' in files["campaign.jsonl"]
    assert replayed(data, tmp_path).is_identical


def test_who_does_not_consent_leaves_without_a_profile(tmp_path: Path) -> None:
    campaign = study()
    told = {"dialect": "Varhadi", "region": "Nagpur"}
    Annotator.objects.update(origin="person", **told)
    Annotator.objects.filter(code="r2").update(consented_at=timezone.now())
    for rater in Annotator.objects.all():
        participation_of(campaign, rater)
    data = bytes_of(campaign)
    lines = map(json.loads, files_of(data)["campaign.jsonl"].splitlines())
    said = {line.get("code") or line["annotator"]: line for line in lines if "Varhadi" in str(line)}
    assert set(said) == {"r2"}
    assert replayed(data, tmp_path).is_identical


def test_a_changed_answer_and_a_changed_value_are_named_cell_by_cell(tmp_path: Path) -> None:
    files = files_of(bytes_of(judged()))
    del files[MANIFEST]
    report = json.loads(files["report.json"])
    report["systems"][0]["score"] += 1
    report["counts"]["raters"] = 7
    files["report.json"] = json.dumps(report).encode()
    found = replayed(packed(files), tmp_path)
    name = report["systems"][0]["system"]
    paths = {one.path: (one.then, one.now) for one in found.differences}
    assert set(paths) == {"counts.raters", f"systems[system={name}].score"}
    assert paths["counts.raters"] == (7, 2)
    path = tmp_path / "study.zip"
    with pytest.raises(CommandError, match=rf"2 of {found.n_cells} cells differ") as caught:
        call_command("replay", str(path))
    assert caught.value.returncode == 1


def test_a_difference_in_the_last_digits_is_rounding(tmp_path: Path) -> None:
    files = files_of(bytes_of(judged()))
    del files[MANIFEST]
    report = json.loads(files["report.json"])
    report["systems"][0]["score"] *= 1 + 1e-15
    report["generated_with"]["versions"]["numpy"] = "1.0"
    files["report.json"] = json.dumps(report).encode()
    found = replayed(packed(files), tmp_path)
    assert (found.is_identical, found.n_rounded) == (True, 1)
    assert found.made_with[0].startswith("numpy 1.0, now ")


def test_it_is_kept_under_a_new_name_and_never_over_what_is_there(tmp_path: Path) -> None:
    campaign = judged()
    data = bytes_of(campaign)
    assert replayed(data, tmp_path, keep_as="copy").is_identical
    copy = Campaign.objects.get(name="copy")
    assert copy.dataset != campaign.dataset
    before = [kind._default_manager.count() for kind in COUNTED]
    for taken in ("copy", "judged", "data of judged"):
        with pytest.raises(Conflict, match="is there already; give another name"):
            replayed(data, tmp_path, keep_as=taken)
    assert [kind._default_manager.count() for kind in COUNTED] == before


def test_a_capsule_whose_data_change_meanwhile_is_refused() -> None:
    campaign = judged()
    run = report_of(campaign)
    campaign.items.first().ratings.first().delete()
    with pytest.raises(Conflict, match="changed while its capsule was written"):
        write_capsule(campaign, run, io.BytesIO())


def bomb(monkeypatch: pytest.MonkeyPatch) -> bytes:
    monkeypatch.setattr(opening, "MOST_BYTES", 10_000)
    return packed({"campaign.jsonl": b"0" * 20_000})


def renamed(name: str) -> bytes:
    return packed({name: b"x"})


def newer() -> bytes:
    data = bytearray(packed({"campaign.jsonl": b"x"}))
    data[data.rindex(b"PK\x01\x02") + 6] = 239
    return bytes(data)


def encrypted() -> bytes:
    data = bytearray(packed({"campaign.jsonl": b"x"}))
    place = data.rindex(b"PK\x01\x02")
    data[place + 8] |= 1
    return bytes(data)


def spoiled(files: dict[str, bytes]) -> bytes:
    """The manifest of other files."""
    whole = files_of(packed(files))
    whole["report.json"] = b"{}"
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as out:
        for name, data in whole.items():
            out.writestr(name, data)
    return buffer.getvalue()


WHOLE = dict.fromkeys(("campaign.jsonl", "metrics.jsonl", "models.json"), b"{}\n")
BAD: dict[str, tuple[Callable[[pytest.MonkeyPatch], bytes], str]] = {
    "no zip": (lambda _m: b"key,source\n", "is no .zip file, or is cut off"),
    "cut off": (lambda _m: packed(WHOLE)[:-30], "is no .zip file, or is cut off"),
    "a bomb": (bomb, "unpacks to 20,"),
    "a way up": (lambda _m: renamed("../../etc/passwd"), "no plain file"),
    "a root": (lambda _m: renamed("/etc/passwd"), "no plain file"),
    "a drive": (lambda _m: renamed("C:/x"), "no plain file"),
    "a folder": (lambda _m: packed({"x/": b""}), "is in the manifest and not"),
    "a version to come": (lambda _m: newer(), "is no .zip file"),
    "encrypted": (lambda _m: encrypted(), "no plain file"),
    "too many": (
        lambda _m: packed({f"tables/{n}.csv": b"" for n in range(1001)}),
        "more than 1,000 files",
    ),
    "not whole": (lambda _m: packed(WHOLE), "'report.json' is missing; this is no whole capsule"),
    "spoiled": (
        lambda _m: spoiled(WHOLE | {"report.json": b"{ }"}),
        "its SHA-256 differs",
    ),
    "one more": (lambda _m: spoiled(WHOLE), "is in the capsule and not in the manifest"),
    "no report": (lambda _m: packed(WHOLE | {"report.json": b"[1]"}), "how it was made"),
    "endless": (
        lambda _m: packed(
            WHOLE
            | {"report.json": b'{"generated_with": {"settings": {"resamples": 1000000000000}}}'}
        ),
        "has the setting resamples = 1000000000000",
    ),
    "no campaign": (
        lambda _m: packed(WHOLE | {"report.json": b'{"generated_with": {"settings": {}}}'}),
        "campaign.jsonl, row 1",
    ),
}


@pytest.mark.parametrize("case", BAD)
def test_what_is_no_capsule_is_refused_with_a_sentence(
    case: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make, reason = BAD[case]
    before = [kind._default_manager.count() for kind in COUNTED]
    with pytest.raises(NikashError) as caught:
        replayed(make(monkeypatch), tmp_path)
    assert reason in caught.value.message
    assert [kind._default_manager.count() for kind in COUNTED] == before


@pytest.mark.parametrize(
    ("field", "value", "reason"),
    [
        ("system", "nope", "is no output of the campaign"),
        ("metric", "nope", "has no signature in the first line"),
        ("value", "5", "'5' is not a number"),
        ("value", 1e16, "1e+16 is not a number"),
        ("statistics", [None], "is no list of numbers"),
        ("statistics", [], "has no rows of 0 numbers"),
    ],
)
def test_a_bad_metric_value_is_named(field: str, value: Any, reason: str, tmp_path: Path) -> None:
    files = files_of(bytes_of(judged()))
    del files[MANIFEST]
    lines = [json.loads(line) for line in files["metrics.jsonl"].splitlines()]
    row = next(n for n, line in enumerate(lines) if line["record"] == "value")
    lines[row][field] = value
    files["metrics.jsonl"] = "\n".join(map(json.dumps, lines)).encode()
    with pytest.raises(NikashError) as caught:
        replayed(packed(files), tmp_path)
    assert f"metrics.jsonl, row {row + 1}" in caught.value.message
    assert reason in caught.value.message


def test_the_commands_write_and_replay(tmp_path: Path, capsys: pytest.CaptureFixture) -> None:
    judged()
    path = tmp_path / "new" / "study.zip"
    call_command("capsule", campaign="judged", out=path)
    first = path.read_bytes()
    call_command("capsule", campaign="judged", out=path)
    assert path.read_bytes() == first
    assert list(path.parent.iterdir()) == [path]
    call_command("replay", str(path))
    said = capsys.readouterr()
    assert said.out.startswith("identical: ")
    assert "files are what the manifest says" in said.err
    with pytest.raises(CommandError, match=r"does not end in \.zip; write --out study\.zip"):
        call_command("capsule", campaign="judged", out=tmp_path / "study")
    with pytest.raises(CommandError, match="cannot be opened"):
        call_command("replay", str(tmp_path / "nope.zip"))
    (tmp_path / "file").write_text("")
    with pytest.raises(CommandError, match="cannot be written"):
        call_command("capsule", campaign="judged", out=tmp_path / "file" / "a.zip")


def test_the_page_gives_the_capsule_of_the_data_as_they_are(client: Client, tmp_path: Path) -> None:
    campaign = judged()
    address = reverse("metrics:capsule", args=[campaign.pk])
    client.force_login(people.charlie())
    assert client.get(address).status_code == 404
    client.force_login(people.alice())
    assert client.get(address).url == reverse("metrics:report", args=[campaign.pk])
    report_of(campaign)
    assert client.get(address).status_code == 302
    run_inline(campaign.packages.get())
    answer = client.get(address)
    assert answer.headers["Content-Disposition"] == 'attachment; filename="judged-capsule.zip"'
    assert replayed(b"".join(answer.streaming_content), tmp_path).is_identical
    page = client.get(reverse("metrics:report", args=[campaign.pk])).content.decode()
    assert address in page
