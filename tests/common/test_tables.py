import csv
import gzip
import io
import json
import subprocess
import sys
import tracemalloc
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from common.errors import BadInput, NikashError
from common.tables import BadTable, Problems, Table, open_table

HEADER = b"key,source\n"


def read(data: bytes, name: str = "a.csv", **columns: str) -> list[tuple[int, dict[str, Any]]]:
    rows = Table(io.BytesIO(data), name, columns).rows(required=["key", "source"])
    return [(row.number, row.cells) for row in rows]


def refusal(data: bytes, name: str = "a.csv", **columns: str) -> BadInput:
    with pytest.raises(BadInput) as caught:
        read(data, name, **columns)
    assert "\n" not in str(caught.value)
    return caught.value


def test_a_csv_cell_keeps_its_line_ends_quotes_and_spaces() -> None:
    data = HEADER + b'1,"a ""b""\r\n c\rd "\r\n2, e\n'
    assert read(data) == [
        (2, {"key": "1", "source": 'a "b"\r\n c\rd '}),
        (3, {"key": "2", "source": " e"}),
    ]


def test_a_tsv_cell_keeps_quotation_marks_and_a_lone_carriage_return() -> None:
    assert read(b'key\tsource\r\n1\t"a\rb\r\n', "a.tsv") == [(2, {"key": "1", "source": '"a\rb'})]


def test_a_byte_order_mark_and_crlf_are_accepted() -> None:
    expected = [(2, {"key": "1", "source": "a"})]
    assert read(b"\xef\xbb\xbfkey,source\r\n1,a\r\n") == expected
    assert read(b"\xef\xbb\xbfkey\tsource\r\n1\ta\r\n", "a.tsv") == expected
    assert read(b'\xef\xbb\xbf{"key": "1", "source": "a"}\r\n', "a.jsonl")[0][1] == expected[0][1]


def test_empty_rows_and_empty_columns_of_a_spreadsheet_are_passed_over() -> None:
    data = b"key,source,,\n1,a,,\n,,,\n\n2,b,,\n"
    assert read(data) == [(2, {"key": "1", "source": "a"}), (5, {"key": "2", "source": "b"})]


def test_formulas_are_text_like_any_other() -> None:
    assert read(HEADER + b"1,=1+1\n")[0][1]["source"] == "=1+1"


@pytest.mark.parametrize("name", ["A.CSV.GZ", "a.b.csv.gz"])
def test_a_gzip_file_is_unpacked(name: str) -> None:
    assert read(gzip.compress(HEADER + b"1,a\n"), name) == [(2, {"key": "1", "source": "a"})]


CASES = {
    "empty": (b"", "the file is empty", None),
    "only a mark": (b"\xef\xbb\xbf", "must name the columns", 1),
    "only header": (HEADER, "no rows", None),
    "blank header": (b"\n1,a\n", "must name the columns", 1),
    "nameless column": (b"key,,source\n1,2,3\n", "column 2 has no name", 1),
    "repeated column": (b"key,source,key\n1,2,3\n", "'key' stands twice", 1),
    "missing column": (b"key,text\n1,a\n", "missing column source (found: 'key', 'text')", 1),
    "missing columns": (b"a,b\n1,a\n", "missing columns key, source", 1),
    "truncated quote": (HEADER + b'1,a\n2,"b\nc', "ends inside a quoted cell", 3),
    "text after quote": (HEADER + b'1,"a"b\n', "quotation mark inside a cell twice", 2),
    "old line ends": (b"key,source\r1,a\r", "save it with line feeds", 1),
    "latin-1": (HEADER + b"1,a\n2,caf\xe9\n", "not UTF-8 text (byte 0xe9)", 3),
    "encoded surrogate": (HEADER + b"1,\xed\xa0\x80\n", "not UTF-8 text", 2),
    "utf-16": ("key,source\n1,a\n".encode("utf-16"), "UTF-16", None),
    "utf-16 without mark": ("key,source\n1,a\n".encode("utf-16-le"), "NUL byte", 1),
    "nul": (HEADER + b"1,a\n2,b\0\n", "has a NUL byte", 3),
    "too few cells": (HEADER + b"1,a\n2\n", "1 cells where the header has 2", 3),
    "too many cells": (HEADER + b"1,a,b\n", "3 cells where the header has 2", 2),
}


@pytest.mark.parametrize("case", CASES)
def test_bad_csv_is_refused_with_its_row(case: str) -> None:
    data, words, row = CASES[case]
    problem = refusal(data)
    assert words in problem.reason
    assert (problem.file, problem.row) == ("a.csv", row)
    packed = refusal(gzip.compress(data), "a.csv.gz")
    assert (packed.reason, packed.row) == (problem.reason, row)


JSON_CASES = {
    "cut off": (b'{"key": "1", "source": "a"}\n{"key": "2', "not a JSON object", 2),
    "list": (b'["1", "a"]', "not a JSON object; write one object a line", 1),
    "whole document": (b'[{"key": "1"},\n', "not a JSON object", 1),
    "raw tab": (b'{"key": "1", "source": "a\tb"}', "Invalid control character", 1),
    "lone surrogate": (b'{"key": "1", "source": "\\ud800"}', "half of a character", 1),
    "surrogate in a name": (b'{"\\udfff": "1"}', "half of a character", 1),
    "nested surrogate": (b'{"key": "1", "source": [["\\ud800"]]}', "half of a character", 1),
    "nul": (b'{"key": "1", "source": "\\u0000"}', "has a NUL character", 1),
    "raw nul": (b'{"key": "1", "source": "\0"}', "has a NUL byte", 1),
    "NaN": (b'{"key": "1", "source": NaN}', "NaN is not a JSON number", 1),
    "overflow": (b'{"key": "1", "source": 1e999}', "too large a number", 1),
    "huge whole number": (b'{"key": ' + b"9" * 5000 + b"}", "5000 digits", 1),
    "repeated name": (b'{"key": "1", "key": "2", "source": ""}', "'key' stands twice", 1),
    "missing": (b'{"key": "1"}', "missing column source (found: 'key')", 1),
    "deep": (b'{"key": "1", "source": ' + b"[" * 90 + b"]" * 90 + b"}", "nested too deeply", 1),
    "very deep": (b'{"key": ' + b"[" * 100_000, "nested too deeply", 1),
    "empty lines": (b"\n \n", "no rows", None),
    "latin-1": (b'{"key": "\xe9"}', "not UTF-8", 1),
}


@pytest.mark.parametrize("case", JSON_CASES)
def test_bad_json_lines_are_refused_with_their_row(case: str) -> None:
    data, words, row = JSON_CASES[case]
    problem = refusal(data, "a.jsonl")
    assert words in problem.reason
    assert problem.row == row


def test_a_pair_of_surrogate_escapes_is_one_character() -> None:
    line = b'{"key": "1", "source": "\\ud83d\\ude00"}'
    assert read(line, "a.jsonl")[0][1]["source"] == "😀"


@pytest.mark.parametrize("n_bytes", [1, 5, 12, 30, -9, -1])
def test_a_gzip_file_cut_off_is_refused(n_bytes: int) -> None:
    rows = b"".join(b"%d,text %d\n" % (n, n * n) for n in range(2000))
    problem = refusal(gzip.compress(HEADER + rows)[:n_bytes], "a.csv.gz")
    assert "damaged or cut off" in problem.reason


def test_what_only_calls_itself_gzip_is_refused() -> None:
    assert "damaged" in refusal(HEADER + b"1,a\n", "a.csv.gz").reason
    assert "not UTF-8" in refusal(gzip.compress(HEADER), "a.csv").reason
    assert "damaged" in refusal(gzip.compress(HEADER + b"1,a\n") + b"junk", "a.csv.gz").reason


@pytest.mark.parametrize("name", ["a.txt", "a", ".csv", "a.gz", "a.csv.zip", "a.csv ", "csv"])
def test_a_name_that_tells_no_format_is_refused(name: str) -> None:
    with pytest.raises(BadInput, match=r"the name must end in \.csv, \.tsv or \.jsonl"):
        Table(io.BytesIO(HEADER), name)


def test_a_very_long_cell_is_read_and_a_giant_one_refused(monkeypatch: Any) -> None:
    assert len(read(HEADER + b"1," + b"x" * 5_000_000 + b"\n")[0][1]["source"]) == 5_000_000
    giant = HEADER + b'1,"' + b"x\n" * 6_000_000 + b'"\n'
    assert "more than 10,000,000 characters" in refusal(giant).reason
    monkeypatch.setattr("common.records.MAX_LINE", 1000)
    assert (
        "a line has more than 1,000 bytes" in refusal(b'{"key": "' + b"x" * 2000, "a.jsonl").reason
    )


def test_a_gzip_bomb_is_stopped(monkeypatch: Any) -> None:
    monkeypatch.setattr("common.tables.MAX_UNPACKED", 1_000_000)
    bomb = gzip.compress(HEADER + b"1,a\n" * 1_000_000)
    assert len(bomb) < 20_000
    assert "more than 1,000,000 bytes unpacked" in refusal(bomb, "a.csv.gz").reason


def test_columns_are_renamed_and_a_mapped_column_wins() -> None:
    data = b"key,id,source\n1,one,a\n"
    assert read(data, key="id")[0][1] == {"key": "one", "source": "a"}
    assert read(data, source="id", key="id")[0][1] == {"key": "one", "source": "one"}


@pytest.mark.parametrize("name", ["a.csv", "a.jsonl"])
def test_a_mapped_column_that_is_not_there_is_named(name: str) -> None:
    data = HEADER + b"1,a\n" if name == "a.csv" else b'{"key": "1", "source": "a"}'
    assert "missing column nope" in refusal(data, name, key="nope").reason
    table = Table(io.BytesIO(data), name, {"domain": "nope"})
    with pytest.raises(BadInput, match="no column 'nope'"):
        list(table.rows(["key"], ["domain"]))


def test_a_field_that_does_not_exist_cannot_be_mapped() -> None:
    reason = refusal(HEADER + b"1,a\n", kye="key").reason
    assert (
        reason
        == "'key' cannot be read as 'kye': there is no such field; the fields are key, source"
    )


def test_every_bad_row_is_gathered_and_good_ones_are_read() -> None:
    problems = Problems("a.csv")
    table = Table(io.BytesIO(HEADER + b"1\n2,b\n3,c,d\n4,\0\n5,e\n"), "a.csv")
    rows = [row.number for row in table.rows(["key"], problems=problems)]
    assert rows == [3, 6]
    assert [problem.row for problem in problems.kept] == [2, 4, 5]
    with pytest.raises(BadTable, match=r"Nothing was loaded\.\na\.csv, row 2: 1 cells"):
        problems.raise_if_any()


def test_bad_rows_are_told_before_what_made_the_rest_unreadable() -> None:
    problems = Problems("a.csv")
    table = Table(io.BytesIO(HEADER + b"1\n2,b\n3,caf\xe9\n"), "a.csv")
    with pytest.raises(BadTable) as caught:
        list(table.rows(["key"], problems=problems))
    assert [problem.row for problem in caught.value.problems] == [2, 4]


def test_a_million_problems_are_counted_and_a_few_shown() -> None:
    problems = Problems("a.csv")
    for number in range(1_000):
        problems.add("is bad", number)
    with pytest.raises(BadTable) as caught:
        problems.raise_if_any()
    assert caught.value.n_problems == 1_000
    assert len(caught.value.problems) == Problems.KEPT
    assert str(caught.value).endswith("... and 980 more.")


@pytest.mark.parametrize("place", ["nowhere.csv", ".", "a\0b.csv", "x" * 300 + ".csv"])
def test_a_file_that_cannot_be_opened_is_named(place: str, tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="cannot be opened"), open_table(tmp_path / place):
        pass


STDIN = """
from common.tables import open_table
with open_table("-") as table:
    print([row.cells for row in table.rows(["key"])])
"""


@pytest.mark.parametrize(
    "data",
    [
        b"key,source\n1,a\n",
        b"key\tsource\n1\ta\n",
        b'{"key": "1", "source": "a"}\n',
        b'\xef\xbb\xbf \n{"key": "1", "source": "a"}\n',
        gzip.compress(b"key,source\n1,a\n", mtime=0),
    ],
)
def test_standard_input_is_read_in_any_format(data: bytes) -> None:
    done = subprocess.run([sys.executable, "-c", STDIN], input=data, capture_output=True)
    assert done.stderr == b""
    assert done.stdout == b"[{'key': '1', 'source': 'a'}]\n"


def generated_lines(n_rows: int) -> Iterator[bytes]:
    yield HEADER
    for number in range(n_rows):
        yield f'{number},"मजकूर {number} {"x" * 200}"\n'.encode()


def test_a_large_file_is_read_in_little_memory(tmp_path: Path) -> None:
    path = tmp_path / "large.csv.gz"
    with gzip.open(path, "wb", compresslevel=1) as file:
        file.writelines(generated_lines(50_000))
    tracemalloc.start()
    with open_table(path) as table:
        n_rows = sum(1 for _ in table.rows(["key"]))
    _, peak_bytes = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert n_rows == 50_000
    assert peak_bytes < 2_000_000


TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=40)
FLAT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0\t\r\n"), max_size=40)


def as_csv(rows: list[tuple[str, str]]) -> bytes:
    text = io.StringIO(newline="")
    csv.writer(text).writerows([("key", "source"), *rows])
    return text.getvalue().encode()


def as_tsv(rows: list[tuple[str, str]]) -> bytes:
    return "\n".join("\t".join(row) for row in [("key", "source"), *rows]).encode()


def as_jsonl(rows: list[tuple[str, str]]) -> bytes:
    lines = (json.dumps({"key": key, "source": text}) for key, text in rows)
    return "\n".join(lines).encode()


def numbered(texts: list[str]) -> list[tuple[str, str]]:
    return [(f"k{number}", text) for number, text in enumerate(texts)]


@pytest.mark.parametrize("write, name", [(as_csv, "a.csv"), (as_jsonl, "a.jsonl")])
@given(texts=st.lists(TEXT, min_size=1, max_size=6))
def test_any_text_comes_back_as_it_was_written(
    write: Callable[[list[tuple[str, str]]], bytes], name: str, texts: list[str]
) -> None:
    data = write(numbered(texts))
    expected = [{"key": key, "source": text} for key, text in numbered(texts)]
    assert [cells for _, cells in read(data, name)] == expected
    assert [cells for _, cells in read(gzip.compress(data), name + ".gz")] == expected


@given(texts=st.lists(FLAT, min_size=1, max_size=6))
def test_any_text_without_tabs_and_line_ends_comes_back_from_tsv(texts: list[str]) -> None:
    found = [cells["source"] for _, cells in read(as_tsv(numbered(texts)), "a.tsv")]
    assert found == texts


def changed(data: bytes, changes: list[tuple[int, int]]) -> bytes:
    mutable = bytearray(data)
    for place, byte in changes:
        mutable[place % len(mutable)] = byte
    return bytes(mutable)


@settings(max_examples=300)
@given(
    st.sampled_from(["a.csv", "a.tsv", "a.jsonl", "a.csv.gz", "a.jsonl.gz", "-"]),
    st.one_of(
        st.binary(max_size=200),
        st.builds(
            changed,
            st.sampled_from([as_csv, as_tsv, as_jsonl]).map(
                lambda w: w(numbered(["a", "ब,", '"']))
            ),
            st.lists(st.tuples(st.integers(0), st.integers(0, 255)), max_size=8),
        ),
    ),
    st.booleans(),
)
def test_no_bytes_at_all_break_the_reader(name: str, data: bytes, packed: bool) -> None:
    problems = Problems(name)
    try:
        table = Table(io.BytesIO(gzip.compress(data) if packed else data), name)
        for row in table.rows(["key"], problems=problems):
            assert isinstance(row.cells, dict)
    except NikashError as problem:
        assert problem.message
