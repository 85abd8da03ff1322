import csv
import io
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.tables import safe_cell, write_csv

DANGEROUS = [
    "=1+1",
    "=cmd|' /C calc'!A0",
    '=HYPERLINK("http://example.org")',
    "+1+cmd|' /C calc'!A0",
    "-2+3",
    "@SUM(A1)",
    "\t=1",
    "\r=1",
    "\n=1",
    "＝1+1",
    "＋1+1",
    "+",
    "-",
]


@pytest.mark.parametrize("text", DANGEROUS)
def test_a_formula_is_kept_from_running(text: str) -> None:
    assert safe_cell(text) == "'" + text


@pytest.mark.parametrize("text", ["", "a=1", "कुत्रा", "'=1", " =1", "-1", "-0.5", "+3e-5", "१"])
def test_other_text_stays_as_it_is(text: str) -> None:
    assert safe_cell(text) == text


@pytest.mark.parametrize("number", [-1, 0, -0.25, True, Decimal("-1.5")])
def test_numbers_stay_numbers(number: Any) -> None:
    assert safe_cell(number) is number


def test_nothing_is_an_empty_cell() -> None:
    assert safe_cell(None) == ""


def test_a_thing_that_is_written_as_a_formula_is_escaped_too() -> None:
    class Named:
        def __str__(self) -> str:
            return "=1+1"

    assert safe_cell(Named()) == "'=1+1"


def test_header_and_rows_are_written_with_safe_cells() -> None:
    text = io.StringIO(newline="")
    assert write_csv(text, ["=name", "score"], [["@x", -1.5], ['a "b"\nc', None]]) == 2
    assert text.getvalue() == '\'=name,score\r\n\'@x,-1.5\r\n"a ""b""\nc",\r\n'


@given(st.lists(st.text(st.characters(exclude_categories=["Cs"])), min_size=1, max_size=4))
def test_no_cell_of_an_export_starts_a_formula(cells: list[str]) -> None:
    text = io.StringIO(newline="")
    write_csv(text, ["name"] * len(cells), [cells])
    written = list(csv.reader(io.StringIO(text.getvalue(), newline="")))[1]
    for cell, first in zip(written, cells, strict=True):
        assert not cell.startswith(("=", "@", "\t", "\r"))
        assert cell in (first, "'" + first)
