"""Pearmut's annotations: out and in again but for what is declared lost; logs of others."""

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
MISSING = {"side": "target", "start": None, "end": None, "quoted": "", "note": ""}


def kept(one: dict[str, Any]) -> dict[str, Any]:
    errors = [error | (MISSING if _is_missing(error) else {"note": ""}) for error in one["errors"]]
    return {**one, "errors": errors, "flagged": False}


def _is_missing(error: dict[str, Any]) -> bool:
    return error["side"] == "source" or error["start"] in (None, error["end"])


@pytest.mark.parametrize("protocol", ["mqm", "esa", "sqm", "da"])
@settings(max_examples=15, deadline=None)
@given(data=st.data())
def test_annotations_come_back_but_for_what_is_lost(protocol: str, data: Any) -> None:
    study = data.draw(exchange.studies(protocol, more_texts=("a\tb\r\nc",)))
    with exchange.forgotten(), tempfile.TemporaryDirectory() as folder:
        campaign = exchange.store(study)
        losses = exchange.exported(campaign, "pearmut", Path(folder))
        first = {
            place: one
            for place, one in exchange.said(campaign).items()
            if one["score"] != "cannot_judge"
        }
        assert any("[missing]" in loss for loss in losses) == any(
            error["side"] == "source" or (error["start"] is not None and _is_missing(error))
            for one in first.values()
            for error in one["errors"]
        )
        if not first:
            return
        loaded = exchange.loaded(
            Path(folder, "annotations.jsonl"),
            "pearmut",
            dataset=campaign.dataset,
            campaign="again",
            protocol=protocol,
        )
        assert loaded.notes == []
        again = exchange.said(Campaign.objects.get(name="again"))
        assert again == {place: kept(one) for place, one in first.items()}


def test_the_campaign_is_pearmuts(tmp_path: Path) -> None:
    error = MISSING | {"category": "Style", "severity": "minor"}
    aside = {"note": "टीप", "flagged": False, "active_seconds": 2.5}
    study = {
        "protocol": "mqm",
        "sources": ["a", "b"],
        "outputs": {("base", 0): "x😀y", ("base", 1): "z"},
        "ratings": [
            ("r1", "base", 0, {"errors": [error | {"start": 1, "end": 2, "quoted": "😀"}]}, aside)
        ],
    }
    exchange.exported(exchange.store(study), "pearmut", tmp_path)
    campaign = json.loads((tmp_path / "campaign.json").read_text("utf-8"))
    assert campaign["campaign_id"] == "first"
    assert campaign["info"]["protocol"] == "MQM"
    assert campaign["info"]["mqm_categories"]["Accuracy"][0] == "Mistranslation"
    assert campaign["data"][0] == [
        {"item_id": "k0", "src": "a", "tgt": {"base": "x😀y"}, "ref": "संदर्भ 0"}
    ]
    [line] = (tmp_path / "annotations.jsonl").read_text("utf-8").splitlines()
    said = json.loads(line)
    assert said["annotation"][0]["base"]["error_spans"] == [
        {"start_i": 1, "end_i": 2, "severity": "minor", "category": "Style"}
    ]
    assert (said["user_id"], said["item_i"], said["comment"]) == ("r1", 0, "टीप")
    times = [action["time"] for action in said["actions"]]
    assert times[1] - times[0] == 2.5


@pytest.fixture
def dataset() -> Any:
    dataset = small_dataset("d", 2)
    small_system("base", dataset)
    return dataset


SPAN = {"start_i": 9, "end_i": 13, "severity": "minor", "category": None}


def line(number: int = 0, user: str = "u1", **changes: Any) -> dict[str, Any]:
    said = {
        "user_id": user,
        "item_i": number,
        "annotation": [{"BASE": {"score": 35, "error_spans": [SPAN], "textfield": None}}],
        "actions": [{"time": 1771315377.413, "action": "load"}, {"time": 1771315382.15}],
        "item": [
            {
                "item_id": f"cs_#_{number}",
                "src": f"The dog ran {number} times.",
                "tgt": {"BASE": f"कुत्रा {number} धावला."},
            }
        ],
    }
    return said | changes


def load(folder: Path, dataset: Any, *lines: Any, **options: Any) -> Loaded:
    path = folder / "a.jsonl"
    path.write_text("\n".join(json.dumps(line) for line in lines), encoding="utf-8")
    return exchange.loaded(path, "pearmut", dataset=dataset, campaign="c", **options)


def test_a_log_of_pearmut_comes_in(dataset: Any, tmp_path: Path) -> None:
    missing = {"start_i": 15, "end_i": 23, "severity": "major", "category": None}
    load(
        tmp_path,
        dataset,
        line(annotation=[{"BASE": {"score": 35.5, "error_spans": [SPAN, missing]}}]),
        line(1),
    )
    span, gone, _ = ErrorSpan.objects.order_by("pk")
    assert (span.quoted, span.start, span.category) == ("धावला", 9, "")
    assert (gone.start, gone.severity) == (None, "major")
    rating = Rating.objects.order_by("pk")[0]
    assert rating.answer["outputs"]["0"]["score"] == 35.5
    assert rating.active_seconds == 4.737
    assert rating.updated_at.timestamp() == 1771315382.15


def test_the_last_word_counts_and_resets_cancel(dataset: Any, tmp_path: Path) -> None:
    later = line(annotation=[{"BASE": {"score": 90, "error_spans": []}}])
    loaded = load(
        tmp_path,
        dataset,
        line(),
        line(1),
        line(1, annotation="__RESET__"),
        line(user="u2"),
        {"user_id": "u2", "annotation": "__RESET__"},
        line("welcome_0"),
        line("random_3"),
        line(1, user="u3", annotation=[{"BASE": {"score": None, "error_spans": []}}]),
        later,
    )
    assert loaded.notes == [
        "2 documents are forms, tutorials or tests of attention; left out",
        "1 annotations have no score; left out",
    ]
    scores = RatingScore.objects.filter(criterion="score")
    assert list(scores.values_list("value", flat=True)) == [90]


BAD: dict[str, tuple[dict[str, Any], str]] = {
    "a score off the scale": (
        line(annotation=[{"BASE": {"score": 101, "error_spans": []}}]),
        "101 is outside the scale",
    ),
    "an annotation that is a number": (line(annotation=[5]), "has no annotation by models"),
    "a model that is a number": (line(annotation=[{"BASE": 5}]), "5 is no annotation"),
    "spans that are none": (
        line(annotation=[{"BASE": {"score": 1, "error_spans": [1]}}]),
        "error_spans is a list of objects",
    ),
    "an offset in words": (
        line(annotation=[{"BASE": {"score": 1, "error_spans": [SPAN | {"start_i": "9"}]}}]),
        "'9' is no offset",
    ),
    "a span backwards": (
        line(annotation=[{"BASE": {"score": 1, "error_spans": [SPAN | {"end_i": 3}]}}]),
        "does not lie in the text",
    ),
    "an unknown severity": (
        line(annotation=[{"BASE": {"score": 1, "error_spans": [SPAN | {"severity": None}]}}]),
        "no severity ''",
    ),
    "an unknown system": (line(annotation=[{"nope": {"score": 1}}]), "no output of system 'nope'"),
    "an unknown segment": (line(item=[{"item_id": "x", "src": "y", "tgt": {}}]), "no segment 'x'"),
    "a user without name": (line(user=""), "is empty; write a name"),
    "no items": (line(item=None), "or no item"),
}


@pytest.mark.parametrize("case", BAD)
def test_a_bad_line_is_named(case: str, dataset: Any, tmp_path: Path) -> None:
    bad, reason = BAD[case]
    with pytest.raises(NikashError) as caught:
        load(tmp_path, dataset, line(1), bad)
    assert "a.jsonl, row 2" in caught.value.message
    assert reason in caught.value.message
    assert Campaign.objects.count() == Rating.objects.count() == 0


@pytest.mark.parametrize("text", ["", '{"user_id": "u1", "annot', '{"user_id": NaN}', "[1]"])
def test_a_file_that_is_no_log_is_refused(text: str, dataset: Any, tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text(text)
    with pytest.raises(NikashError, match=r"a\.jsonl"):
        exchange.loaded(tmp_path / "a.jsonl", "pearmut", dataset=dataset, campaign="c")
    assert Campaign.objects.count() == 0
