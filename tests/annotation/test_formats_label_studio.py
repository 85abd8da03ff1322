"""Label Studio's JSON: everything said comes back; exports of others come in."""

import copy
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


@pytest.mark.parametrize("protocol", ["mqm", "esa", "sqm", "da"])
@settings(max_examples=15, deadline=None)
@given(data=st.data())
def test_annotations_come_back_exactly(protocol: str, data: Any) -> None:
    study = data.draw(exchange.studies(protocol, more_texts=("a\tb\r\nc <v>",)))
    with exchange.forgotten(), tempfile.TemporaryDirectory() as folder:
        campaign = exchange.store(study)
        assert exchange.exported(campaign, "label-studio", Path(folder)) == []
        loaded = exchange.loaded(
            Path(folder, "tasks.json"),
            "label-studio",
            dataset=campaign.dataset,
            campaign="again",
            protocol=protocol,
        )
        assert loaded.notes == []
        again = exchange.said(Campaign.objects.get(name="again"))
        assert again == exchange.said(campaign)


@pytest.fixture
def dataset() -> Any:
    dataset = small_dataset("d", 2)
    small_system("base", dataset)
    return dataset


REGION = {"start": 9, "end": 14, "text": "धावला"}
TASK: dict[str, Any] = {
    "id": 1234,
    "data": {"source": "The dog ran 0 times.", "target": "कुत्रा 0 धावला.", "system": "base"},
    "annotations": [
        {
            "id": 5678,
            "completed_by": 42,
            "result": [
                {
                    "id": "r1",
                    "from_name": "mqm",
                    "to_name": "target",
                    "type": "labels",
                    "value": {**REGION, "labels": ["Accuracy/Mistranslation"]},
                },
                {
                    "id": "r1",
                    "from_name": "severity",
                    "to_name": "target",
                    "type": "choices",
                    "value": {**REGION, "choices": ["Major"]},
                },
                {
                    "id": "s1",
                    "from_name": "sqm",
                    "to_name": "target",
                    "type": "rating",
                    "value": {"rating": 2},
                },
            ],
            "was_cancelled": False,
            "ground_truth": False,
            "lead_time": 34.6,
            "created_at": "2026-07-06T06:06:25.927570Z",
        }
    ],
    "predictions": [],
}


def load(folder: Path, dataset: Any, tasks: Any, **options: Any) -> Loaded:
    path = folder / "a.json"
    path.write_text(tasks if isinstance(tasks, str) else json.dumps(tasks), encoding="utf-8")
    options = {"campaign": "c"} | options
    return exchange.loaded(path, "label-studio", dataset=dataset, **options)


def changed(*path: Any, value: Any) -> list[dict[str, Any]]:
    """One task with the value at a path replaced."""
    task = copy.deepcopy(TASK)
    inner: Any = task
    for name in path[:-1]:
        inner = inner[name]
    inner[path[-1]] = value
    return [task]


def test_an_export_of_label_studio_comes_in(dataset: Any, tmp_path: Path) -> None:
    load(tmp_path, dataset, [TASK])
    span = ErrorSpan.objects.get()
    assert (span.quoted, span.category, span.severity, span.start) == (
        "धावला",
        "Accuracy/Mistranslation",
        "major",
        9,
    )
    rating = Rating.objects.get()
    assert (rating.annotator.code, rating.active_seconds) == ("42", 34.6)
    assert rating.updated_at.isoformat() == "2026-07-06T06:06:25.927570+00:00"
    load(tmp_path, dataset, [TASK], campaign="stars", protocol="sqm")
    assert RatingScore.objects.get(rating__item__campaign__name="stars").value == 2


@pytest.mark.parametrize("seconds", [10**400, 1e300, -1, True, "34"])
def test_seconds_that_are_none_are_left_out(seconds: Any, dataset: Any, tmp_path: Path) -> None:
    load(tmp_path, dataset, changed("annotations", 0, "lead_time", value=seconds))
    assert Rating.objects.get().active_seconds is None


def test_other_ways_to_say_it(dataset: Any, tmp_path: Path) -> None:
    results = [
        {"id": "a", "to_name": "src", "type": "labels", "value": {"start": 4, "end": 7}},
        {
            "id": "a",
            "type": "taxonomy",
            "value": {"start": 4, "end": 7, "taxonomy": [["Fluency", "Grammar"]]},
        },
        {"id": "a", "type": "textarea", "value": {"start": 4, "end": 7, "text": ["a note"]}},
        {"id": "b", "type": "labels", "value": {"start": 8, "end": 13, "text": "धावला"}},
    ]
    results[0]["value"]["labels"] = ["minor"]
    results[3]["value"]["labels"] = ["Major"]
    [task] = changed("annotations", 0, "result", value=results)
    skipped = {**TASK["annotations"][0], "was_cancelled": True}
    task["annotations"] += [task["annotations"][0], skipped]
    task["data"]["translation"] = task["data"].pop("target")
    loaded = load(tmp_path, dataset, [task], columns={"target": "translation"})
    assert loaded.notes == [
        "2 spans were found again by their quoted text",
        "1 annotations were skipped by their raters",
        "1 annotations were given again by the same rater; the last counts",
    ]
    source, target = ErrorSpan.objects.order_by("pk")
    assert (source.side, source.category, source.note) == ("source", "Fluency/Grammar", "a note")
    assert (target.start, target.category, target.severity) == (9, "", "major")


RESULT = ("annotations", 0, "result")
BAD: dict[str, tuple[Any, str]] = {
    "empty": ("", "the file is empty"),
    "cut off": (json.dumps([TASK])[:-30], "not JSON"),
    "an object": ({}, "is no list of tasks"),
    "not a number": ('[{"data": NaN}]', "NaN is not a JSON number"),
    "a task of another kind": ([5], "row 1: a task has data and a list of annotations"),
    "no annotations": (changed("annotations", value={}), "a list of annotations"),
    "no system": (changed("data", value={"source": "x"}), "row 1, column system: is missing"),
    "an unknown system": (changed("data", "system", value="nope"), "no output of system 'nope'"),
    "an unknown source": (changed("data", "source", value="x"), "no segment with the source 'x'"),
    "an annotation of another kind": (changed("annotations", 0, value=5), "5 is no annotation"),
    "nobody": (changed("annotations", 0, "completed_by", value=None), "names no rater"),
    "no results": (changed(*RESULT, value=None), "column result: is no list of results"),
    "a result of another kind": (changed(*RESULT, value=[5]), "is no list of results"),
    "a result without value": (changed(*RESULT, 0, "value", value=5), "'r1' has no value"),
    "an offset in words": (changed(*RESULT, 0, "value", "start", value="9"), "are no offsets"),
    "an offset below 0": (changed(*RESULT, 0, "value", "start", value=-1), "are no offsets"),
    "no severity": (changed(*RESULT, 1, "value", "choices", value=[]), "no severity ''"),
    "no time": (changed("annotations", 0, "created_at", value="soon"), "'soon' is no time"),
}


@pytest.mark.parametrize("case", BAD)
def test_a_bad_task_is_named(case: str, dataset: Any, tmp_path: Path) -> None:
    tasks, reason = BAD[case]
    with pytest.raises(NikashError) as caught:
        load(tmp_path, dataset, tasks)
    assert "a.json" in caught.value.message
    assert reason in caught.value.message
    assert Campaign.objects.count() == Rating.objects.count() == 0


def test_a_score_is_needed_where_the_protocol_asks_for_one(dataset: Any, tmp_path: Path) -> None:
    tasks = changed(*RESULT, value=TASK["annotations"][0]["result"][:2])
    for protocol, reason in {"sqm": "has no score", "esa": "None is not a number"}.items():
        with pytest.raises(NikashError, match=reason):
            load(tmp_path, dataset, tasks, protocol=protocol)
