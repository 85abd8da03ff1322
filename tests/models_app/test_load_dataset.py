import csv
import gzip
import io
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from common.errors import BadInput, NikashError
from common.tables import BadTable, Table
from models_app.loading.common import Loaded
from models_app.loading.dataset import load_dataset
from models_app.models import Dataset, Segment
from tests import files
from tests.servers import Store

ROOT = Path(__file__).resolve().parents[2]
NAMES = {"name": "d", "source_lang": "en", "target_lang": "mr"}
GOOD = b"key,source,reference\n1,a,b\n2,c,d\n"

pytestmark = pytest.mark.django_db


def load(data: bytes, file: str = "a.csv", **options: Any) -> Loaded:
    return load_dataset(Table(io.BytesIO(data), file), **(NAMES | options))


def refusal(data: bytes, file: str = "a.csv", **options: Any) -> NikashError:
    before = (Dataset.objects.count(), Segment.objects.count())
    with pytest.raises(NikashError) as caught:
        load(data, file, **options)
    assert (Dataset.objects.count(), Segment.objects.count()) == before
    return caught.value


def reasons(data: bytes, file: str = "a.csv") -> list[tuple[int | None, str | None, str]]:
    problem = refusal(data, file)
    assert isinstance(problem, BadTable)
    return [(bad.row, bad.column, bad.reason) for bad in problem.problems]


def stored() -> list[tuple[Any, ...]]:
    names = ("key", "source", "references", "document", "domain", "context", "extra", "position")
    return list(Segment.objects.values_list(*names))


def test_all_columns_are_stored_as_received() -> None:
    data = (
        "key,source,reference,reference2,document,domain,context,formula\n"
        ' 1 ," स्रोत ","=ref",,d,health,c,=1+1\n'
        "k 2,b,r1,r2,,,,\n"
    )
    loaded = load(data.encode())
    assert str(loaded) == "2 rows: 2 new, 0 already there."
    assert stored() == [
        ("1", " स्रोत ", ["=ref"], "d", "health", "c", {"formula": "=1+1"}, 0),
        ("k 2", "b", ["r1", "r2"], "", "", "", {}, 1),
    ]


def test_json_lines_may_hold_whole_numbers_lists_and_nested_extras() -> None:
    row = {"key": 7, "source": "a", "references": ["x", "y"], "extra": {"a": [1, None]}}
    load(json.dumps(row).encode(), "a.jsonl")
    assert stored() == [("7", "a", ["x", "y"], "", "", "", {"extra": {"a": [1, None]}}, 0)]


def test_numbered_references_keep_their_numbers_order() -> None:
    load(b"key,reference 10,source,reference_2,reference\n1,ten,a,two,one\n")
    assert Segment.objects.get().references == ["one", "two", "ten"]


def test_loading_twice_changes_nothing() -> None:
    load(GOOD)
    before = stored()
    assert str(load(GOOD)) == "2 rows: 0 new, 2 already there."
    assert str(load(GOOD + b"3,e,f\n")) == "3 rows: 1 new, 2 already there."
    assert stored()[:2] == before
    assert Segment.objects.last().position == 2


def test_a_dry_run_counts_and_stores_nothing() -> None:
    loaded = load(GOOD, dry_run=True)
    assert (loaded.n_new, len(loaded.sample)) == (2, 2)
    assert not Dataset.objects.exists()


@pytest.mark.parametrize(
    "changed, column",
    [
        (b"key,source,reference\n1,a,b\n2,other,d\n", "source"),
        (b"key,source,reference\n1,a,b\n2,c,other\n", "references"),
        (b"key,source,reference,domain\n1,a,b,\n2,c,d,news\n", "domain"),
        (b"key,source,reference,more\n1,a,b,\n2,c,d,x\n", None),
    ],
)
def test_a_stored_text_is_never_overwritten(changed: bytes, column: str | None) -> None:
    load(GOOD)
    before = stored()
    [(row, found, reason)] = reasons(changed)
    assert (row, found) == (3, column)
    assert "texts are never overwritten: load it into a new dataset" in reason
    assert stored() == before


def test_other_languages_for_a_stored_name_are_refused() -> None:
    load(GOOD)
    assert "exists with languages en to mr" in str(refusal(GOOD, source_lang="hi"))


def test_every_bad_row_is_named_and_nothing_is_stored() -> None:
    data = (
        b"key,source,domain\n1,a,\n1,b,\n,c,\n4, ,\n5\n6\x07,d,\n7,e," + b"x" * 101 + b"\n8,\0,\n"
    )
    assert reasons(data) == [
        (3, "key", "'1' stands already in row 2; keys must differ"),
        (4, "key", "is empty; write a name"),
        (5, "source", "is empty; write the text"),
        (6, None, "1 cells where the header has 3; check separators and quotation marks"),
        (7, "key", "has control characters; write a plain name"),
        (8, "domain", "has more than 100 characters"),
        (9, "source", "has a NUL byte; remove it"),
    ]


@pytest.mark.parametrize(
    "cells, column, words",
    [
        ({"key": None, "source": "a"}, "key", "is missing; write"),
        ({"key": True, "source": "a"}, "key", "True is not text"),
        ({"key": 1.5, "source": "a"}, "key", "1.5 is not text"),
        ({"key": "x" * 201, "source": "a"}, "key", "has 201 characters; 200 is the most"),
        ({"key": "1", "source": {"en": "a"}}, "source", "{'en': 'a'} is not text"),
        ({"key": "1", "source": ["a"]}, "source", "['a'] is not text"),
        ({"key": "1", "source": False}, "source", "False is not text"),
        ({"key": "1", "source": None}, "source", "is missing; write"),
        ({"key": "1", "source": "a", "document": [1]}, "document", "[1] is not text"),
        ({"key": "1", "source": "a", "reference": {"a": 1}}, "reference", "a list of texts"),
        ({"key": "1", "source": "a", "references": [["b"]]}, "reference", "a list of texts"),
        ({"key": "1", "source": "\ud800"}, None, "half of a character"),
        ({"key": "1", "source": "a", "more": {"b": ["\ud800"]}}, None, "half of a character"),
    ],
)
def test_a_json_value_of_another_kind_is_refused(
    cells: dict[str, Any], column: str | None, words: str
) -> None:
    good = json.dumps({"key": "0", "source": "a"})
    data = f"{good}\n{json.dumps(cells)}\n".encode()
    [(row, found, reason)] = reasons(data, "a.jsonl")
    assert (row, found) == (2, column)
    assert words in reason


@pytest.mark.parametrize("case", files.BAD)
def test_a_bad_file_is_refused_by_the_command(case: str, tmp_path: Path) -> None:
    path = files.write_bad(tmp_path, case)
    with pytest.raises(CommandError) as caught:
        call_command("load_dataset", str(path), "--name=d", "--source-lang=en", "--target-lang=mr")
    assert path.name in str(caught.value)
    assert not Dataset.objects.exists()


@pytest.mark.parametrize(
    "name",
    ["", " ", ".", "..", "a/b", "a\\b", "<b>", "a\nb", "a\n", "x" * 101, "a\u202eb", "\ud800"],
)
def test_a_name_that_cannot_be_one_is_refused(name: str, tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_bytes(GOOD)
    with pytest.raises(CommandError, match="name"):
        call_command(
            "load_dataset",
            str(tmp_path / "a.csv"),
            f"--name={name}",
            "--source-lang=en",
            "--target-lang=mr",
        )
    assert not Dataset.objects.exists()


@pytest.mark.parametrize("name", ["a b", "मराठी २०२४", "...", "it's"])
def test_a_name_may_have_spaces_and_any_script(name: str) -> None:
    load(GOOD, name=name)
    assert Dataset.objects.get().name == name


@pytest.mark.parametrize("language", ["english", "e", "en_IE", "en ", "x" * 40, "en-" + "a" * 9])
def test_a_language_that_is_no_tag_is_refused(language: str) -> None:
    assert "language tag" in str(refusal(GOOD, target_lang=language))


@pytest.mark.parametrize("pair", ["key", "key=", "=seg_id", "=", ""])
def test_a_map_that_cannot_be_read_is_refused(pair: str, tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_bytes(GOOD)
    with pytest.raises(CommandError, match="write FIELD=COLUMN, say key=seg_id"):
        call_command(
            "load_dataset",
            str(tmp_path / "a.csv"),
            f"--map={pair}",
            "--name=d",
            "--source-lang=en",
            "--target-lang=mr",
        )


def test_unknown_fields_and_columns_of_a_map_are_named() -> None:
    for field, column, words in [
        ("sauce", "source", "no such field"),
        ("reference2", "nope", "no column 'nope'"),
        ("source", "nope", "missing column nope"),
    ]:
        table = Table(io.BytesIO(GOOD), "a.csv", {field: column})
        with pytest.raises(BadInput, match=words):
            load_dataset(table, **NAMES)
        assert not Dataset.objects.exists()


def run(
    arguments: list[str], data: bytes, environment: dict[str, str]
) -> subprocess.CompletedProcess[bytes]:
    command = [sys.executable, "manage.py", *arguments]
    return subprocess.run(command, input=data, capture_output=True, env=environment, cwd=ROOT)


def test_the_command_reads_standard_input_and_fails_with_one_sentence(tmp_path: Path) -> None:
    arguments = ["load_dataset", "-", "--name=d", "--source-lang=en", "--target-lang=mr"]
    site = Store(tmp_path).environment
    done = run(arguments, GOOD, site)
    assert done.returncode == 0
    assert done.stdout == b""
    assert done.stderr.endswith(b"Dataset d: 2 rows: 2 new, 0 already there.\n")
    again = run(arguments, b'{"key": "1", "source": "a"', site)
    assert again.returncode == 1
    assert b"-, row 1: not a JSON object" in again.stderr
    assert b"Traceback" not in again.stderr
    name = run([*arguments[:2], b"--name=\xff", *arguments[3:]], GOOD, site)  # type: ignore[list-item]
    assert name.returncode == 1
    assert name.stderr == b"CommandError: --name is not UTF-8 text; write it anew\n"


TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=30)
FLAT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0\t\r\n"), max_size=30)
SOURCE = TEXT.filter(str.strip)
FLAT_SOURCE = FLAT.filter(str.strip)
HEADER = ("key", "source", "reference", "context")
Rows = list[tuple[str, ...]]


def as_csv(rows: Rows) -> bytes:
    text = io.StringIO(newline="")
    csv.writer(text).writerows([HEADER, *rows])
    return text.getvalue().encode()


def as_tsv(rows: Rows) -> bytes:
    return "\n".join("\t".join(row) for row in [HEADER, *rows]).encode()


def as_jsonl(rows: Rows) -> bytes:
    lines = (json.dumps(dict(zip(HEADER, row, strict=True))) for row in rows)
    return "\n".join(lines).encode()


def rows_of(source: st.SearchStrategy[str], other: st.SearchStrategy[str]) -> Any:
    cells = st.lists(st.tuples(source, other, other), min_size=1, max_size=4)
    return cells.map(lambda rows: [(f"k{n}", *row) for n, row in enumerate(rows)])


@pytest.mark.parametrize("ending", ["", ".gz"])
@pytest.mark.parametrize(
    "write, file, source, other",
    [
        (as_csv, "a.csv", SOURCE, TEXT),
        (as_jsonl, "a.jsonl", SOURCE, TEXT),
        (as_tsv, "a.tsv", FLAT_SOURCE, FLAT),
    ],
)
@settings(max_examples=20, suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(data=st.data())
def test_any_valid_table_loads_as_written_and_only_once(
    write: Callable[[Rows], bytes], file: str, source: Any, other: Any, ending: str, data: Any
) -> None:
    rows = data.draw(rows_of(source, other))
    Dataset.objects.all().delete()
    content = gzip.compress(write(rows)) if ending else write(rows)
    load(content, file + ending)
    assert [(key, text, refs, context) for key, text, refs, _, _, context, _, _ in stored()] == [
        (key, text, [ref] if ref.strip() else [], context) for key, text, ref, context in rows
    ]
    before = stored()
    assert load(content, file + ending).n_new == 0
    assert stored() == before


@settings(max_examples=60, deadline=None)
@given(
    file=st.sampled_from(["a.csv", "a.tsv", "a.jsonl", "a.csv.gz"]),
    changes=st.lists(st.tuples(st.integers(0, 10**6), st.integers(0, 255)), max_size=6),
    cut=st.integers(0, 10**6),
)
def test_damaged_bytes_load_wholly_or_not_at_all(
    file: str, changes: list[tuple[int, int]], cut: int
) -> None:
    rows = [(f"k{n}", "स्रोत, \\u0041", "संदर्भ", "") for n in range(5)]
    write = {"a.csv": as_csv, "a.tsv": as_tsv, "a.jsonl": as_jsonl}[file.removesuffix(".gz")]
    packed = gzip.compress(write(rows), mtime=0) if file.endswith(".gz") else write(rows)
    data = bytearray(packed[: cut % (2 * len(packed)) or None])
    for place, byte in changes if data else []:
        data[place % len(data)] = byte
    Dataset.objects.all().delete()
    try:
        loaded = load(bytes(data), file)
    except NikashError:
        assert not Dataset.objects.exists()
    else:
        assert Segment.objects.count() == loaded.n_rows == loaded.n_new
