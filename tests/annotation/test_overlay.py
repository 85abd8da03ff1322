"""Spans over a text in lanes: cut, wrapped, escaped, and the text is never changed."""

import html
import re

from hypothesis import given
from hypothesis import strategies as st

from annotation.overlay import Mark, drawn

TEXT = "कुत्रा <b>धावला</b> & 'गेला'"


def plain(markup):
    return html.unescape(re.sub(r"<[^>]*>", "", markup))


def mark(start, end, lane=0, severity="major", says="r1: major"):
    return Mark(start, end, lane, severity, says)


def test_without_marks_it_is_the_escaped_text():
    assert drawn(TEXT, []) == html.escape(TEXT)
    assert drawn("", []) == ""


def test_crossing_spans_of_two_raters_nest_piece_by_piece():
    assert drawn("abcd", [mark(0, 3), mark(1, 4, 1, "minor", "r2")]) == (
        '<span class="lane lane-1 is-major" title="r1: major">a</span>'
        '<span class="lane lane-1 is-major" title="r1: major">'
        '<span class="lane lane-2 is-minor" title="r2">bc</span></span>'
        '<span class="lane lane-2 is-minor" title="r2">d</span>'
    )


def test_a_gap_is_an_empty_element():
    assert drawn("ab", [mark(1, 1, 2)]) == (
        'a<span class="lane lane-3 is-major gap" title="r1: major"></span>b'
    )


def test_what_is_said_is_escaped_and_what_does_not_fit_is_left_out():
    markup = drawn("ab", [mark(0, 1, says='"><script>'), mark(1, 9)])
    assert "<script>" not in markup and plain(markup) == "ab" and markup.count("<span") == 1


@given(
    st.text(max_size=30),
    st.lists(st.tuples(st.integers(0, 30), st.integers(0, 30), st.integers(0, 5)), max_size=8),
)
def test_the_text_is_never_changed(text, spans):
    marks = [mark(min(a, b), max(a, b), lane) for a, b, lane in spans]
    assert plain(drawn(text, marks)) == html.unescape(html.escape(text))
