"""A list in JSON element by element is the list as it is read whole, or refused as it is."""

import io
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from common import elements as module
from common.elements import NoList, elements
from common.errors import BadInput
from common.records import checked_json

MOST = 10_000
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner),
    max_leaves=5,
)


def read(data: bytes) -> list[object]:
    return list(elements(io.BytesIO(data), MOST))


@pytest.fixture(autouse=True)
def few_bytes_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "READ", 3)


@settings(max_examples=60)
@given(st.text(max_size=8) | st.lists(VALUES, max_size=4).map(json.dumps), st.integers(0, 60))
def test_it_agrees_with_reading_the_whole(text: str, cut: int) -> None:
    for one in (text, text[:cut] + text[cut + 1 :], f" {text}\n"):
        data = one.encode(errors="surrogatepass")
        try:
            whole = checked_json(data.decode("utf-8-sig"))
        except (BadInput, UnicodeDecodeError):
            whole = None
        if isinstance(whole, list):
            assert read(data) == whole
        else:
            with pytest.raises(NoList):
                read(data)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"{}",
        b"[1",
        b"[1,]",
        b"[1 2]",
        b"[1] x",
        b"[,1]",
        b"[NaN]",
        b'["\\u0000"]',
        b'[{"a": 1, "a": 2}]',
        b"\xff[1]",
        b"[" * 5000,
        b"[" + b"1," * MOST + b"1]",
    ],
)
def test_anything_else_is_no_list(data: bytes) -> None:
    with pytest.raises(NoList):
        read(data)


def test_a_byte_order_mark_and_numbers_cut_by_the_reading() -> None:
    assert read('\ufeff [1234567, 12.5e3 , "नदी"] '.encode()) == [1234567, 12500.0, "नदी"]
