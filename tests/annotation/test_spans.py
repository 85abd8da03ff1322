import json
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from annotation import spans
from common.errors import BadInput
from common.text import cluster_bounds
from tests.annotation import span_cases

PROBLEMS = {
    "place": "does not lie in the text|whole numbers",
    "text": "holds “.*”, not “",
    "cut": "cuts a character in two; write",
}
texts = st.lists(st.sampled_from(span_cases.TROUBLESOME), max_size=25).map("".join) | st.text()


@st.composite
def texts_with_spans(draw):
    text = draw(texts)
    offset = st.integers(0, len(text))
    pair = st.tuples(offset, offset).map(sorted).map(tuple)
    return text, draw(st.lists(pair, min_size=1, max_size=6))


@pytest.mark.parametrize("case", span_cases.TEXTS, ids=lambda case: case["name"])
def test_units_and_words_are_those_of_the_table(case):
    text = span_cases.text_of(case)
    assert spans.unit_bounds(text) == span_cases.bounds_of(case)
    assert [list(word) for word in spans.word_spans(text)] == span_cases.words_of(case)


@pytest.mark.parametrize("case", span_cases.CALLS, ids=lambda case: case["name"])
def test_functions_answer_as_the_table_says(case):
    function = getattr(spans, case["call"])
    if case.get("refused"):
        with pytest.raises(BadInput):
            function(*case["arguments"])
    elif case["call"] == "check_span" and case["gives"]:
        with pytest.raises(BadInput, match=PROBLEMS[case["gives"]]):
            function(*case["arguments"])
    else:
        answer = json.loads(json.dumps(function(*case["arguments"])))
        assert answer == (case["gives"] if case["call"] != "check_span" else None)


def test_a_cut_is_answered_with_the_span_to_write():
    with pytest.raises(BadInput, match=r"\[1, 3\) cuts a character in two; write \[0, 3\)"):
        spans.check_span("क्षमता", 1, 3, "्ष")


@given(texts)
def test_units_are_whole_clusters_and_make_up_the_text(text):
    bounds = spans.unit_bounds(text)
    assert bounds == sorted({*bounds, 0, len(text)})
    assert set(bounds) <= set(cluster_bounds(text))
    assert "".join(text[start:end] for start, end in spans.unit_spans(text)) == text


@given(texts)
def test_words_are_whole_units_in_order_and_hold_every_letter(text):
    words, bounds = spans.word_spans(text), set(spans.unit_bounds(text))
    held = [offset for start, end in words for offset in range(start, end)]
    assert held == sorted(set(held))
    assert all(start < end and {start, end} <= bounds for start, end in words)
    left_out = {text[offset] for offset in set(range(len(text))) - set(held)}
    assert {unicodedata.category(char)[0] for char in left_out} <= {"Z", "C"}


@given(texts_with_spans())
def test_snapping_covers_the_span_and_changes_nothing_twice(drawn):
    text, drawn_spans = drawn
    for start, end in drawn_spans:
        snapped = spans.snap(text, start, end)
        assert spans.is_on_bounds(text, *snapped)
        assert spans.snap(text, *snapped) == snapped
        assert snapped[0] <= start
        assert snapped[1] >= end if start < end else snapped[0] == snapped[1]
        spans.check_span(text, *snapped, spans.quote(text, *snapped))


@given(texts_with_spans())
def test_pieces_make_up_the_text_and_each_span(drawn):
    text, drawn_spans = drawn
    pieces = spans.segments(text, drawn_spans)
    assert "".join(text[piece["start"] : piece["end"]] for piece in pieces) == text
    for index, (start, end) in enumerate(drawn_spans):
        own = [piece for piece in pieces if index in piece["marks"]]
        assert (own[0]["start"], own[-1]["end"]) == (start, end)
        assert "".join(text[piece["start"] : piece["end"]] for piece in own) == text[start:end]


@given(texts_with_spans())
def test_offsets_come_back_from_utf16(drawn):
    text, drawn_spans = drawn
    for offset in {offset for span in drawn_spans for offset in span}:
        utf16 = spans.code_points_to_utf16(text, offset)
        assert utf16 == len(text[:offset].encode("utf-16-le", "surrogatepass")) // 2
        assert spans.utf16_to_code_points(text, utf16) == offset


@given(texts)
def test_words_are_walked_forwards_as_backwards(text):
    forwards, backwards = [], []
    offset = -1
    while word := spans.next_word(text, offset):
        forwards.append(word)
        offset = word[0]
    offset = len(text)
    while word := spans.previous_word(text, offset):
        backwards.append(word)
        offset = word[0]
    assert forwards == spans.word_spans(text) == backwards[::-1]


def test_a_long_run_of_viramas_is_one_unit():
    assert spans.unit_bounds("क" + "्" * 50_000 + "क") == [0, 50_002]
