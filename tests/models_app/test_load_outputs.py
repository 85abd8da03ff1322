import csv
import io
import json
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from hypothesis import given, settings
from hypothesis import strategies as st

from common.errors import NikashError
from common.tables import BadTable, Table
from common.text import text_hash
from models_app.loading.common import Loaded
from models_app.loading.outputs import load_outputs
from models_app.models import Dataset, Output, System
from tests import files
from tests.people import small_dataset

GOOD = b"system,key,output\nbase,s0,a\nbase,s1,b\nref,s0,\n"

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def dataset() -> Dataset:
    return small_dataset("d", 3)


def load(data: bytes, file: str = "a.csv", **options: Any) -> Loaded:
    dataset = Dataset.objects.get(name="d")
    return load_outputs(Table(io.BytesIO(data), file), dataset=dataset, **options)


def stored() -> set[tuple[str, str, str]]:
    return set(Output.objects.values_list("system__name", "segment__key", "text"))


def n_stored() -> tuple[int, int]:
    return Output.objects.count(), System.objects.count()


def refusal(data: bytes, file: str = "a.csv", **options: Any) -> NikashError:
    before = n_stored()
    with pytest.raises(NikashError) as caught:
        load(data, file, **options)
    assert n_stored() == before
    return caught.value


def reasons(data: bytes, file: str = "a.csv", **options: Any) -> list[tuple[Any, Any, str]]:
    problem = refusal(data, file, **options)
    assert isinstance(problem, BadTable)
    return [(bad.row, bad.column, bad.reason) for bad in problem.problems]


def test_outputs_become_systems_without_weights() -> None:
    loaded = load(GOOD)
    assert str(loaded) == (
        "3 rows: 3 new, 0 already there. New systems: base, ref. "
        "Taken as human, left out of metric comparisons: ref."
    )
    assert stored() == {("base", "s0", "a"), ("base", "s1", "b"), ("ref", "s0", "")}
    assert System.objects.get(name="base").kind == System.Kind.IMPORTED
    assert System.objects.get(name="ref").kind == System.Kind.HUMAN
    assert Output.objects.get(text="a").text_hash == text_hash("a")


def test_one_system_may_be_named_for_the_whole_file() -> None:
    load(b"key,output\ns0,=1+1\n", system="my system")
    assert stored() == {("my system", "s0", "=1+1")}


def test_a_person_may_be_named() -> None:
    load(b"system,key,output\nTranslator,s0,a\n", human=["Translator"])
    assert System.objects.get().kind == System.Kind.HUMAN


def test_loading_twice_changes_nothing() -> None:
    load(GOOD)
    before = n_stored()
    assert str(load(GOOD)) == "3 rows: 0 new, 3 already there."
    assert n_stored() == before


def test_a_dry_run_stores_nothing() -> None:
    loaded = load(GOOD, dry_run=True)
    assert (loaded.n_new, loaded.sample[0]["output"]) == (3, "a")
    assert n_stored() == (0, 0)


def test_a_stored_text_is_never_overwritten() -> None:
    load(GOOD)
    [(row, column, reason)] = reasons(b"system,key,output\nbase,s2,new\nbase,s1,other\n")
    assert (row, column) == (3, "output")
    assert "give the new version another system name" in reason


def test_every_bad_row_is_named_and_nothing_is_stored() -> None:
    data = (
        b"system,key,output\nbase,s0,a\nbase,s0,b\nbase,s9,c\n,s0,d\n/b,s0,e\n..,s0,f\n"
        b"base,,g\nbase,s1\nbase,s2,\0\n"
    )
    found = reasons(data)
    assert [(row, column) for row, column, _ in found] == [
        (3, "key"),
        (4, "key"),
        (5, "system"),
        (6, "system"),
        (7, "system"),
        (8, "key"),
        (9, None),
        (10, "output"),
    ]
    assert found[0][2] == "system 'base' has an output for 's0' already in row 2; keep one"
    assert found[1][2] == "the dataset 'd' has no segment 's9'"
    assert found[3][2].startswith("'/b' cannot be the name: Write 1 to 100 characters")


@pytest.mark.parametrize(
    "cells, column, words",
    [
        ({"output": None}, "output", "write the text, or an empty one"),
        ({"output": ["a"]}, "output", "['a'] is not text"),
        ({"output": {"text": "a"}}, "output", "is not text"),
        ({"output": True}, "output", "True is not text"),
        ({"output": "\ud800"}, None, "half of a character"),
        ({"system": ["base"]}, "system", "is not text"),
        ({"system": "x" * 101}, "system", "101 characters; 100 is the most"),
        ({"system": "a\u0000"}, None, "NUL character"),
        ({"system": "a\u0007"}, "system", "control characters"),
        ({"system": "a\u202eb"}, "system", "control characters"),
        ({"key": {}}, "key", "is not text"),
        ({"key": 0}, "key", "has no segment '0'"),
    ],
)
def test_a_json_value_of_another_kind_is_refused(
    cells: dict[str, Any], column: str | None, words: str
) -> None:
    row = {"system": "base", "key": "s0", "output": "a"} | cells
    [(number, found, reason)] = reasons(json.dumps(row).encode(), "a.jsonl")
    assert (number, found) == (1, column)
    assert words in reason


def test_a_whole_number_is_a_text_and_a_key() -> None:
    load(b'{"system": 7, "key": "s0", "output": 42}', "a.jsonl")
    assert stored() == {("7", "s0", "42")}


@pytest.mark.parametrize("name", [".", "..", "/a", "a/../b", " a", "a\nb", "x" * 101])
def test_a_system_that_cannot_be_called_so_is_refused_once(name: str) -> None:
    problem = refusal(b"key,output\ns0,a\n", system=name)
    assert "cannot be the name" in problem.message
    assert not isinstance(problem, BadTable)


@pytest.mark.parametrize("case", files.BAD)
def test_a_bad_file_is_refused_by_the_command(case: str, tmp_path: Path) -> None:
    path = files.write_bad(tmp_path, case)
    with pytest.raises(CommandError) as caught:
        call_command("load_outputs", str(path), "--dataset=d", "--map=key=key")
    assert path.name in str(caught.value)
    assert n_stored() == (0, 0)


@pytest.mark.parametrize("place", [".", "nowhere.csv"])
def test_a_file_that_is_none_is_refused_by_the_command(place: str, tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="cannot be opened"):
        call_command("load_outputs", str(tmp_path / place), "--dataset=d")


def test_an_unknown_dataset_is_named_with_the_known_ones(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="no dataset called 'x'; known: d"):
        call_command("load_outputs", str(tmp_path / "a.csv"), "--dataset=x")


def test_an_unknown_field_of_a_map_is_named() -> None:
    table = Table(io.BytesIO(GOOD), "a.csv", {"outputs": "output"})
    with pytest.raises(NikashError, match="'outputs': there is no such field"):
        load_outputs(table, dataset=Dataset.objects.get())


def test_a_large_file_takes_few_queries(django_assert_max_num_queries: Any) -> None:
    rows = [("base", f"s{n % 3}", "x") for n in range(3)]
    text = io.StringIO(newline="")
    csv.writer(text).writerows([("system", "key", "output"), *rows])
    with django_assert_max_num_queries(11):  # one writes the audit log
        load(text.getvalue().encode())


@settings(max_examples=40, deadline=None)
@given(
    changes=st.lists(st.tuples(st.integers(0, 10**6), st.integers(0, 255)), max_size=5),
    file=st.sampled_from(["a.csv", "a.jsonl"]),
)
def test_damaged_bytes_load_wholly_or_not_at_all(changes: list[tuple[int, int]], file: str) -> None:
    lines = [{"system": "base", "key": f"s{n}", "output": "शब्द"} for n in range(3)]
    data = bytearray(GOOD if file == "a.csv" else "\n".join(map(json.dumps, lines)).encode())
    for place, byte in changes:
        data[place % len(data)] = byte
    Output.objects.all().delete()
    System.objects.all().delete()
    try:
        loaded = load(bytes(data), file)
    except NikashError:
        assert n_stored() == (0, 0)
    else:
        assert Output.objects.count() == loaded.n_rows == loaded.n_new
