import pytest
from hypothesis import given
from hypothesis import strategies as st

from annotation.span_repair import LOST, Repaired, relocate
from annotation.spans import code_points_to_utf16, is_on_bounds, unit_spans
from common.text import nfc, text_hash
from tests.annotation.span_cases import TROUBLESOME

EYELASH, WITH_JOINER = "दुसऱ्या", "दुसर्\u200dया"


@pytest.mark.parametrize(
    ("text", "start", "end", "quoted", "expected"),
    [
        ("The dog ran.", 4, 7, "dog", Repaired("exact", (4, 7))),
        ("The dog ran.", 4, 6, "dog", Repaired("inclusive", (4, 7))),
        ("😀 The dog", 7, 10, "dog", Repaired("utf16", (6, 9))),
        ("😀 The dog", 7, 9, "dog", Repaired("utf16 inclusive", (6, 9))),
        ("😀😀", 2, 4, "😀", Repaired("utf16", (1, 2))),
        ("The dog ran.", 0, 3, "dog", Repaired("moved", (4, 7))),
        ("a dog, a dog, a dog", 8, 11, "dog", Repaired("moved", (9, 12), n_places=3)),
        ("a dog", 90, 93, "dog", Repaired("moved", (2, 5))),
        ("a dog", -3, 0, "dog", Repaired("moved", (2, 5))),
        ("a  small\u00a0dog", 2, 11, "small dog", Repaired("moved", (3, 12))),
        ("कुत्रा चालला आहे ।", 7, 17, "चालला आहे।", Repaired("moved", (7, 18))),
        ("Níl sé ann", 4, 7, "se\u0301", Repaired("moved", (4, 6))),
        ("Ni\u0301l se\u0301 ann", 4, 6, "sé", Repaired("moved", (5, 8))),
        (f"ती {WITH_JOINER}", 3, 10, EYELASH, Repaired("moved", (3, 11))),
        (f"ती {EYELASH}", 3, 11, WITH_JOINER, Repaired("moved", (3, 10))),
        ("नि\u0915\u093cाह", 2, 4, "\u0958ा", Repaired("moved", (2, 5))),
        ("d’fhéach sé", 0, 8, "d'fhéach", Repaired("moved", (0, 8))),
        ("he said “no”", 8, 12, '"no"', Repaired("moved", (8, 12))),
        ("क्षमता", 2, 3, "ष", Repaired("exact", (0, 3), widened=True)),
        ("a क्षमता", 0, 1, "ष", Repaired("moved", (2, 5), widened=True)),
        ("The dog ran.", 4, 7, "cat", LOST),
        ("The dog ran.", 4, 7, " ", Repaired("moved", (3, 4), n_places=2)),
        ("dog", 0, 1, " ", LOST),
        ("", 0, 1, "a", LOST),
    ],
)
def test_a_span_is_found_by_what_it_quotes(text, start, end, quoted, expected):
    assert relocate(text, start, end, quoted) == expected


def test_without_a_quote_the_offsets_hold_for_the_same_text_only():
    text = "क्षमता"
    assert relocate(text, 3, 6) == Repaired("exact", (3, 6))
    assert relocate(text, 3, 6, made_on=text_hash(text)) == Repaired("exact", (3, 6))
    assert relocate(text, 3, 6, made_on=text_hash("another")) == LOST
    assert relocate(text, 3, 7) == LOST
    assert relocate(text, 1, 4) == Repaired("exact", (0, 4), widened=True)
    assert relocate(text, 6, 6) == Repaired("exact", (6, 6))


def test_with_a_quote_another_text_still_holds_the_span():
    found = relocate("Oh, the dog", 4, 7, "dog", made_on=text_hash("The dog"))
    assert found == Repaired("moved", (8, 11))


@given(st.lists(st.sampled_from(TROUBLESOME), min_size=1, max_size=20).map("".join), st.data())
def test_every_whole_span_is_found_from_utf16_offsets(text, data):
    units = unit_spans(text)
    first = data.draw(st.integers(0, len(units) - 1))
    start, end = units[first][0], units[data.draw(st.integers(first, len(units) - 1))][1]
    assert relocate(text, start, end, text[start:end]).span == (start, end)
    utf16 = code_points_to_utf16(text, start), code_points_to_utf16(text, end)
    found = relocate(text, *utf16, text[start:end])
    assert found.span is not None
    assert is_on_bounds(text, *found.span)
    assert text[start:end] in text[slice(*found.span)]


@given(st.lists(st.sampled_from("कषरतािé\u0301\u0323’' "), max_size=20).map("".join), st.data())
def test_a_composed_quote_is_found_in_a_decomposed_text(text, data):
    units = unit_spans(text)
    start, end = data.draw(st.sampled_from(units or [(0, 0)]))
    found = relocate(text, start, end, nfc(text[start:end]))
    assert found.span == (start, end)
