import io
import json
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from hypothesis import given, settings
from hypothesis import strategies as st

from annotation.importing import load_ratings
from annotation.models import (
    Annotator,
    Campaign,
    ErrorSpan,
    Item,
    Rating,
    RatingEvent,
    RatingScore,
)
from annotation.protocols import PROTOCOLS
from common.errors import NikashError
from common.tables import BadTable, Table
from models_app.loading.common import Loaded
from models_app.models import Dataset
from tests import files
from tests.people import small_dataset, small_system

HEADER = b"rater,system,key,score\n"
GOOD = HEADER + b"r1,base,s0,5\nr2,base,s0,0\nr1,lora,s0,6\nr1,base,s1,3\n"
MQM = "system\tseg_id\trater\tsource\ttarget\tcategory\tseverity\n"

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def dataset() -> Dataset:
    dataset = small_dataset("d", 3)
    small_system("base", dataset)
    small_system("lora", dataset, "तो कुत्रा {number} वेळा धावला, {number} वेळा.")
    return dataset


def load(data: bytes | str, file: str = "a.csv", **options: Any) -> Loaded:
    content = data.encode() if isinstance(data, str) else data
    dataset = Dataset.objects.get(name="d")
    options = {"campaign": "c", "protocol": "sqm"} | options
    return load_ratings(Table(io.BytesIO(content), file), dataset=dataset, **options)


def load_mqm(*rows: str, **options: Any) -> Loaded:
    options = {"format_name": "wmt-mqm", "protocol": None} | options
    return load(MQM + "\n".join(rows), "a.tsv", **options)


def n_stored() -> list[int]:
    models = (Campaign, Annotator, Item, Rating, RatingEvent, RatingScore, ErrorSpan)
    return [model.objects.count() for model in models]


def refusal(data: bytes | str, file: str = "a.csv", **options: Any) -> NikashError:
    before = n_stored()
    with pytest.raises(NikashError) as caught:
        load(data, file, **options)
    assert n_stored() == before
    return caught.value


def reasons(data: bytes | str, file: str = "a.csv", **options: Any) -> list[tuple[Any, Any, str]]:
    problem = refusal(data, file, **options)
    assert isinstance(problem, BadTable)
    return [(bad.row, bad.column, bad.reason) for bad in problem.problems]


def test_ratings_become_a_closed_campaign_with_its_log() -> None:
    loaded = load(GOOD)
    assert str(loaded) == "4 rows: 4 new, 0 already there."
    assert loaded.sample[0] == {"rater": "r1", "system": "base", "key": "s0", "score": "5"}
    campaign = Campaign.objects.get()
    assert (campaign.state, campaign.origin, campaign.protocol) == ("closed", "imported", "sqm")
    assert {system.name for system in campaign.systems.all()} == {"base", "lora"}
    assert n_stored() == [1, 2, 3, 4, 4, 4, 0]
    assert all(Rating.objects.values_list("is_complete", flat=True))


def test_loading_twice_changes_nothing() -> None:
    load(GOOD)
    before = n_stored()
    assert str(load(GOOD)) == "4 rows: 0 new, 4 already there."
    assert n_stored() == before
    assert load(GOOD + b"r2,base,s1,1\n").n_new == 1
    assert Item.objects.count() == before[2]


def test_a_dry_run_stores_nothing() -> None:
    assert load(GOOD, dry_run=True).n_new == 4
    assert n_stored() == [0] * 7


def test_a_stored_rating_is_never_overwritten() -> None:
    load(GOOD)
    [(row, _, reason)] = reasons(GOOD.replace(b"r1,base,s0,5", b"r1,base,s0,4"))
    assert row == 2
    assert "another rating of 'r1' is stored for this output" in reason


@pytest.mark.parametrize(
    "score",
    ["7", "-1", "abc", "NaN", "inf", "-inf", "", " ", "3.5", "5,5", "=5", "1_0", "९", "9" * 5000],
)
def test_a_score_off_the_scale_is_refused(score: str) -> None:
    data = f"rater;system;key;score\nr1;base;s0;{score}\n".replace(",", "،").replace(";", "\t")
    [(row, column, reason)] = reasons(data, "a.tsv")
    assert (row, column) == (2, "score")
    assert reason.endswith("is not on the scale; write a whole number from 0 to 6")
    assert len(reason) < 200


@pytest.mark.parametrize(
    "score", [True, False, None, [5], {"value": 5}, 5.5, 7, 10**400, "x" * 10**6]
)
@pytest.mark.parametrize("protocol", ["sqm", "da"])
def test_a_json_score_of_another_kind_is_refused(score: Any, protocol: str) -> None:
    if protocol == "da" and score in (5.5, 7):
        score = 100.5
    line = json.dumps({"rater": "r1", "system": "base", "key": "s0", "score": score})
    [(row, column, reason)] = reasons(line.encode(), "a.jsonl", protocol=protocol)
    assert (row, column) == (1, "score")
    assert "write a" in reason or "write one" in reason
    assert len(reason) < 200


@pytest.mark.parametrize("score", ["101", "-0.1", "abc", "NaN", "inf", "", "1_0", "1e400"])
def test_a_direct_assessment_outside_0_to_100_is_refused(score: str) -> None:
    [(row, column, _)] = reasons(HEADER + f"r1,base,s0,{score}\n".encode(), protocol="da")
    assert (row, column) == (2, "score")


@pytest.mark.parametrize("score", [0, 6, "3", " 2 ", 4.0, "5.0"])
def test_a_point_of_the_scale_is_stored(score: Any) -> None:
    line = json.dumps({"rater": 1, "system": "base", "key": "s0", "score": score})
    load(line.encode(), "a.jsonl")
    assert RatingScore.objects.get().value == float(score)
    assert Annotator.objects.get().code == "1"


def test_every_bad_row_is_named_and_nothing_is_stored() -> None:
    data = GOOD + (
        b"r1,base,s0,5\nr1,base,s9,1\nr1,none,s0,1\n,base,s0,1\nr1,lora,s1,7\nr1,lora\n"
        b"r\x07,base,s0,1\n" + b"x" * 101 + b",base,s0,1\nr1,lora,,1\n"
    )
    found = reasons(data)
    assert [(row, column) for row, column, _ in found] == [
        (6, None),
        (7, "key"),
        (8, "system"),
        (9, "rater"),
        (10, "score"),
        (11, None),
        (12, "rater"),
        (13, "rater"),
        (14, "key"),
    ]
    assert found[0][2] == "repeats the rating of row 2; keep one"
    assert found[1][2] == "the dataset has no segment 's9'"
    assert "load it with load_outputs first" in found[2][2]


@pytest.mark.parametrize("case", files.BAD)
@pytest.mark.parametrize("format_name", ["ratings", "wmt-mqm"])
def test_a_bad_file_is_refused_by_the_command(case: str, format_name: str, tmp_path: Path) -> None:
    path = files.write_bad(tmp_path, case)
    with pytest.raises(CommandError) as caught:
        call_command(
            "load_ratings", str(path), "--dataset=d", "--campaign=c", f"--format={format_name}"
        )
    assert path.name in str(caught.value)
    assert n_stored() == [0] * 7


@pytest.mark.parametrize("name", ["", ".", "..", "a/b", "a\n", "x" * 101, "\ud800"])
def test_a_campaign_that_cannot_be_called_so_is_refused(name: str, tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_bytes(GOOD)
    with pytest.raises(CommandError, match=r"name|campaign"):
        call_command("load_ratings", str(tmp_path / "a.csv"), "--dataset=d", f"--campaign={name}")
    assert n_stored() == [0] * 7


def test_a_campaign_of_another_kind_keeps_its_ratings() -> None:
    load(GOOD)
    assert "give another name" in refusal(GOOD, protocol="da").message
    Campaign.objects.update(origin=Campaign.Origin.ANNOTATED)
    assert "give another name" in refusal(GOOD).message


def test_a_protocol_of_more_than_one_score_is_refused_at_once() -> None:
    problem = refusal(GOOD, protocol="mqm")
    assert not isinstance(problem, BadTable)
    assert "more than one score; use another format" in problem.message
    assert "fits the protocol mqm" in refusal(MQM, format_name="wmt-mqm").message


@pytest.mark.parametrize("protocol", PROTOCOLS.names())
@pytest.mark.parametrize("format_name", ["ratings", "wmt-mqm"])
def test_no_protocol_breaks_a_format(protocol: str, format_name: str) -> None:
    data = b"rater,system,key,seg_id,score,source,target,category,severity\n"
    data += b"r1,base,s0,s0,1,a,b,Style,Minor\n"
    try:
        assert load(data, protocol=protocol, format_name=format_name).n_rows == 1
    except NikashError as problem:
        assert problem.message


def test_unknown_formats_and_protocols_are_named() -> None:
    assert "no protocol called 'x'" in refusal(GOOD, protocol="x").message
    assert "no format called 'x'" in refusal(GOOD, format_name="x").message


def test_marked_errors_become_spans_in_code_points() -> None:
    loaded = load_mqm(
        "base\ts0\tr1\tThe dog\tकुत्रा 0 <v>धावला</v>.\tAccuracy/Mistranslation\tMajor",
        "base\ts0\tr1\tThe <v>dog</v>\tकुत्रा 0 धावला.\tSource error\tneutral",
        "base\ts1\tr1\t\t\tNo-error\tNo-error",
    )
    assert (loaded.n_rows, loaded.notes) == (2, [])
    target, source = ErrorSpan.objects.order_by("pk")
    assert (target.start, target.end, target.quoted) == (9, 14, "धावला")
    assert target.output.text[target.start : target.end] == target.quoted
    assert (source.side, source.start, source.end, source.quoted) == ("source", 4, 7, "dog")
    assert sorted(RatingScore.objects.values_list("value", flat=True)) == [0.0, 5.0]


def test_a_span_is_found_again_by_its_text_or_kept_without_a_place() -> None:
    loaded = load_mqm(
        "base\ts0\tr1\t\tXX कुत्रा 0 <v>धावला</v>.\tStyle\tMinor",
        "lora\ts0\tr1\t\t<v>0 वेळा</v> X\tStyle\tMinor",
        "base\ts1\tr1\t\tकुत्रा <v>1\tStyle\tMinor",
        "base\ts2\tr1\t\tकुत्रा 2 धावला.\tAccuracy/Omission\tMajor",
    )
    assert loaded.notes == [
        "2 spans were found again by their quoted text",
        "1 of them stand in several places; the nearest was taken",
        "1 spans have no place: their text is not in the stored text",
    ]
    places = ErrorSpan.objects.order_by("pk").values_list("start", "quoted")
    assert list(places) == [(9, "धावला"), (10, "0 वेळा"), (None, ""), (None, "")]


def test_bad_rows_of_an_mqm_table_are_named() -> None:
    rows = [
        "base\ts0\tr1\t\tx\tStyle\tHuge",
        "base\ts0\tr1\t\tx\tStyle\t",
        f"base\ts0\tr1\t\tx\t{'x' * 121}\tMinor",
        "base\ts9\tr1\t\tx\tStyle\tMinor",
        "none\ts0\tr1\t\tx\tStyle\tMinor",
        "base\ts0\t\t\tx\tStyle\tMinor",
    ]
    with pytest.raises(BadTable) as caught:
        load_mqm(*rows)
    assert [(bad.row, bad.column) for bad in caught.value.problems] == [
        (2, "severity"),
        (3, "severity"),
        (4, "category"),
        (5, "key"),
        (6, "system"),
        (7, "rater"),
    ]
    assert "no severity 'huge'; write neutral, minor" in caught.value.problems[0].reason
    assert n_stored() == [0] * 7


@settings(max_examples=40, deadline=None)
@given(
    changes=st.lists(st.tuples(st.integers(0, 10**6), st.integers(0, 255)), max_size=5),
    is_mqm=st.booleans(),
)
def test_damaged_bytes_load_wholly_or_not_at_all(
    changes: list[tuple[int, int]], is_mqm: bool
) -> None:
    row = "base\ts0\tr1\tThe dog\tकुत्रा 0 <v>धावला</v>.\tStyle\tMajor\n"
    data = bytearray((MQM + row).encode() if is_mqm else GOOD)
    for place, byte in changes:
        data[place % len(data)] = byte
    options = {"format_name": "wmt-mqm", "protocol": "mqm"} if is_mqm else {}
    before = n_stored()
    try:
        load(bytes(data), "a.tsv" if is_mqm else "a.csv", dry_run=True, **options)
    except NikashError as problem:
        assert problem.message
    assert n_stored() == before
