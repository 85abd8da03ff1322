"""Appraise's scores and batches: out and in again; real exports, old and new."""

import csv
import io
import json
import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from annotation.models import Campaign, ErrorSpan, Rating, RatingScore
from common.errors import NikashError
from models_app.loading.common import Loaded
from tests.annotation import exchange
from tests.people import small_dataset, small_system

pytestmark = pytest.mark.django_db
MISSING = {"side": "target", "start": None, "end": None, "quoted": ""}


def kept(one: dict[str, Any]) -> dict[str, Any]:
    errors = [
        error | {"note": ""} | (MISSING if _is_missing(error) else {}) for error in one["errors"]
    ]
    return {**one, "errors": errors, "note": "", "flagged": False}


def _is_missing(error: dict[str, Any]) -> bool:
    return error["side"] == "source" or error["start"] in (None, error["end"])


@pytest.mark.parametrize("protocol", ["mqm", "esa", "da"])
@settings(max_examples=15, deadline=None)
@given(data=st.data())
def test_scores_come_back_but_for_what_is_lost(protocol: str, data: Any) -> None:
    study = data.draw(exchange.studies(protocol, more_texts=("a\tb\r\nc",)))
    with exchange.forgotten(), tempfile.TemporaryDirectory() as name:
        campaign = exchange.store(study)
        folder = Path(name, "out")
        losses = exchange.exported(campaign, "appraise", folder)
        first = exchange.said(campaign)
        n_notes = sum(bool(one["note"]) for one in first.values())
        assert any("of a rater" in loss or "of raters" in loss for loss in losses) >= bool(n_notes)
        if not first:
            return
        where = exchange.zipped(folder) if data.draw(st.booleans()) else folder
        loaded = exchange.loaded(
            where, "appraise", dataset=campaign.dataset, campaign="again", protocol=protocol
        )
        assert loaded.notes == []
        again = exchange.said(Campaign.objects.get(name="again"))
        assert again == {place: kept(one) for place, one in first.items()}


def test_batches_are_appraises(tmp_path: Path) -> None:
    outputs = {(system, n): f"{system} {n}" for system in ("base", "lora") for n in range(3)}
    study = {"protocol": "esa", "sources": ["a", "b", "c"], "outputs": outputs, "ratings": []}
    exchange.exported(exchange.store(study), "appraise", tmp_path)
    [batch] = json.loads((tmp_path / "batches.json").read_text("utf-8"))
    assert batch["task"] == {
        "batchNo": 1,
        "randomSeed": 1,
        "requiredAnnotations": 1,
        "sourceLanguage": "eng",
        "targetLanguage": "mar",
    }
    assert [item["documentID"] for item in batch["items"]] == [
        "d0#base",
        "d0#base",
        "d0#lora",
        "d0#lora",
        "d1#base",
        "d1#lora",
    ]
    assert batch["items"][1] == {
        "mqm": [],
        "documentID": "d0#base",
        "sourceID": "data of first",
        "targetID": "base",
        "sourceText": "b",
        "targetText": "base 1",
        "itemType": "TGT",
        "_item": "k1",
        "itemID": 1,
        "isCompleteDocument": False,
    }


@pytest.fixture
def dataset() -> Any:
    dataset = small_dataset("d", 2)
    small_system("ONLINE-A", dataset, "तो 😀 कुत्रा {number} धावला.")
    small_system("ONLINE-B", dataset, "तो 😀 कुत्रा {number} धावला.")
    return dataset


MARK = {"start_i": 6, "end_i": 11, "severity": "minor", "error_type": None}


def row(score: Any = 47, marks: Any = (), **changes: Any) -> list[Any]:
    cells = {
        "user": "engmar6e10",
        "system": "wmt23.ONLINE-A",
        "item": "s0",
        "kind": "TGT",
        "source": "eng",
        "target": "mar",
        "score": score,
        "document": "latimes.160885#ONLINE-A",
        "complete": "False",
        "mqm": marks if isinstance(marks, str) else json.dumps(list(marks)),
        "start": "1717331169.499",
        "end": "1717331231.326",
    }
    return list((cells | changes).values())


def load(folder: Path, dataset: Any, *rows: list[Any], **options: Any) -> Loaded:
    text = io.StringIO(newline="")
    csv.writer(text).writerows(rows)
    path = folder / "scores.csv"
    path.write_text(text.getvalue(), encoding="utf-8", newline="")
    where = options.pop("where", path)
    return exchange.loaded(where, "appraise", dataset=dataset, campaign="c", **options)


def test_an_export_of_appraise_comes_in(dataset: Any, tmp_path: Path) -> None:
    missing = {"start_i": "missing", "end_i": "missing", "severity": "minor", "error_type": None}
    far = MARK | {"start_i": 448, "end_i": 466}
    python = "[{'start_i': 6, 'end_i': 11, 'severity': 'major', 'error_type': None}]"
    loaded = load(
        tmp_path,
        dataset,
        row(marks=[MARK, missing, far]),
        row(90.5, python, item="s1", system="wmt23.ONLINE-A+ONLINE-B"),
        row(kind="BAD"),
        row(kind="chk"),
        row(50, user="second")[:7],
        row(60, user="second")[:7],
    )
    assert loaded.notes == [
        "1 spans have no place: their text is not in the stored text",
        "2 rows are control items (BAD, REF, CHK); left out",
        "1 outputs were judged again; the last counts",
    ]
    first = Rating.objects.order_by("pk")[0]
    assert (first.active_seconds, first.updated_at.timestamp()) == (61.827, 1717331231.326)
    assert [span.quoted for span in first.spans.order_by("pk")] == ["कुत्रा", "", ""]
    scores = RatingScore.objects.filter(criterion="score").order_by("pk")
    assert list(scores.values_list("output__system__name", "value")) == [
        ("ONLINE-A", 47),
        ("ONLINE-A", 90.5),
        ("ONLINE-B", 90.5),
        ("ONLINE-A", 60),
    ]


def test_kinds_of_errors_are_paths(dataset: Any, tmp_path: Path) -> None:
    marks = [MARK | {"error_type": ["Accuracy", "Mistranslation"]}, MARK | {"error_type": "Style"}]
    load(tmp_path, dataset, row(0, marks), protocol="mqm")
    assert list(ErrorSpan.objects.order_by("pk").values_list("category", flat=True)) == [
        "Accuracy/Mistranslation",
        "Style",
    ]


def test_batches_say_what_an_item_is(dataset: Any, tmp_path: Path) -> None:
    item = {
        "documentID": "d0#ONLINE-A",
        "targetID": "ONLINE-A",
        "sourceText": "The dog ran 1 times.",
        "targetText": "Well, तो 😀 कुत्रा 1 धावला.",
        "_item": "ONLINE-A | 209",
        "itemID": 10,
    }
    (tmp_path / "batches.json").write_text(json.dumps([{"items": [item], "task": {}}]))
    marks = [MARK | {"start_i": 12, "end_i": 17}]
    loaded = load(tmp_path, dataset, row(marks=marks, item="10", system="ONLINE-A"), where=tmp_path)
    assert loaded.notes == ["1 spans were found again by their quoted text"]
    span = ErrorSpan.objects.select_related("output__segment").get()
    assert (span.quoted, span.output.segment.key) == ("कुत्रा", "s1")


BAD = {
    "a score in words": (row("high"), "column score: 'high' is not a number"),
    "a score that is no number": (row("NaN"), "nan is outside the scale"),
    "marks cut off": (row(marks='[{"start_i": 6'), "column mqm: not JSON"),
    "marks that run": (row(marks="__import__('os')"), "is no list of marked errors"),
    "marks of another kind": (row(marks="[5]"), "is no list of marked errors"),
    "an offset in words": (row(marks=[MARK | {"start_i": "6"}]), "are no offsets"),
    "no severity": (row(marks=[MARK | {"severity": None}]), "has no severity or kind in words"),
    "an unknown severity": (row(marks=[MARK | {"severity": "huge"}]), "no severity 'huge'"),
    "an unknown system": (row(system="nope"), "no output of system 'nope'"),
    "an unknown segment": (row(item="99"), "the dataset has no segment '99'"),
    "nobody": (row(user=" "), "'' names no rater"),
    "few columns": (row()[:6], "6 columns where at least 7 are wanted"),
    "times in words": (row(start="then"), "are no times"),
}


@pytest.mark.parametrize("case", BAD)
def test_a_bad_row_is_named(case: str, dataset: Any, tmp_path: Path) -> None:
    bad, reason = BAD[case]
    with pytest.raises(NikashError) as caught:
        load(tmp_path, dataset, row(item="s1"), bad)
    assert "scores.csv, row 2" in caught.value.message
    assert reason in caught.value.message
    assert Campaign.objects.count() == Rating.objects.count() == 0


def test_files_that_are_no_export_are_refused(dataset: Any, tmp_path: Path) -> None:
    for name, data, reason in (
        ("a.csv", b"", "the file is empty"),
        ("a.csv", b'u,s,"cut', "the file ends inside a quoted cell"),
        ("a.csv", b"\xff\xfe", "not UTF-8 text"),
        ("a.zip", b"PK", "this is no .zip file"),
    ):
        (tmp_path / name).write_bytes(data)
        with pytest.raises(NikashError, match=reason):
            exchange.loaded(tmp_path / name, "appraise", dataset=dataset, campaign="c")
    folder = tmp_path / "folder"
    folder.mkdir()
    with pytest.raises(NikashError, match=r"holds no \.csv file"):
        exchange.loaded(folder, "appraise", dataset=dataset, campaign="c")
    (folder / "scores.csv").write_text("a\n")
    for batches in ("{}", "[5]", '[{"items": [{}]}]', "[", '[{"items": NaN}]'):
        (folder / "b.json").write_text(batches)
        with pytest.raises(NikashError, match=r"folder/b\.json"):
            exchange.loaded(folder, "appraise", dataset=dataset, campaign="c")
