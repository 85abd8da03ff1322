"""Duplicates: what folding takes for the same, and that near ones are found and are near."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.duplicates import (
    Match,
    folded,
    found_among,
    near_among,
    near_repeats,
    repeats,
    shingles,
)

SENTENCE = "the minister opened the new hospital in pune on monday morning"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("It is cold.", "it  is COLD"),
        ("d\u2019fhéach sé", "D'fhe\u0301ach sé!"),
        ("क\u093c", "\u0958"),  # letter and nukta, and the one code point
        ("शाळेत\u200c जा", "शाळेत जा।"),
        ("Straße", "STRASSE"),
        ("a\u00a0b\tc\n", "abc"),
    ],
)
def test_the_same_but_for_case_space_and_punctuation(one, other):
    assert folded(one) == folded(other) != ""


@pytest.mark.parametrize(("one", "other"), [("कर", "कार"), ("a1", "a2"), ("é", "e")])
def test_other_letters_marks_and_digits_are_another_text(one, other):
    assert folded(one) != folded(other)


def test_repeats_name_the_first_and_pass_over_what_is_empty():
    assert repeats(["a b", "c", "A-B", "...", "!", "ab", "C"]) == [
        Match(2, 0, 1.0), Match(5, 0, 1.0), Match(6, 1, 1.0),
    ]  # fmt: skip
    assert found_among(["x", "A", "?"], ["a", "a ", "!"]) == [Match(1, 0, 1.0)]


def brute_force(one: str, other: str) -> float:
    a, b = ({text[n : n + 5] for n in range(len(text) - 4)} for text in (one, other))
    return len(a & b) / len(a | b)


@given(st.text("abcआइउ", min_size=5, max_size=60), st.text("abcआइउ", min_size=5, max_size=60))
def test_similarity_is_the_jaccard_index(one, other):
    a, b = shingles(folded(one)), shingles(folded(other))
    if len(folded(one)) >= 5 and len(folded(other)) >= 5:
        common = len(set(a.tolist()) & set(b.tolist()))
        expected = brute_force(folded(one), folded(other))
        assert common / (len(a) + len(b) - common) == pytest.approx(expected)


def test_a_text_with_one_word_changed_is_near():
    texts = [SENTENCE, "something else altogether", SENTENCE.replace("monday", "tuesday")]
    (match,) = near_repeats(texts, 0.7)
    assert match[:2] == (2, 0)
    assert match.similarity == pytest.approx(brute_force(folded(texts[0]), folded(texts[2])))
    assert near_repeats(texts, 0.95) == []


def test_exact_repeats_are_not_near_ones():
    assert near_repeats([SENTENCE, SENTENCE.upper()]) == []
    assert near_among([SENTENCE.title()], [SENTENCE]) == []


def test_near_matches_in_another_list_are_found_for_every_repeat():
    changed = SENTENCE.replace("monday", "tuesday")
    found = near_among(["other", changed, changed.upper()], ["none of these", SENTENCE], 0.7)
    assert [match[:2] for match in found] == [(1, 1), (2, 1)]


def test_texts_too_short_for_a_shingle_are_never_near():
    assert near_repeats(["abc", "abd", "", "!"]) == []
    assert near_among(["abc"], ["abd"]) == [] == near_among([], []) == near_repeats([])


def test_of_many_planted_near_repeats_hardly_one_is_missed():
    rng = random.Random(7)
    words = ["".join(rng.choices("abcdefghijklmnop", k=rng.randint(3, 9))) for _ in range(900)]
    originals = [" ".join(rng.choices(words, k=25)) for _ in range(400)]
    changed = []
    for text in originals:
        parts = text.split()
        parts[rng.randrange(25)] = "changed"
        changed.append(" ".join(parts))
    found = near_among(changed, originals, 0.75)
    assert all(match.place == match.other for match in found)
    assert len(found) >= 0.97 * sum(
        brute_force(folded(a), folded(b)) >= 0.75 for a, b in zip(changed, originals, strict=True)
    )


def test_a_crowd_of_alike_texts_is_compared_with_its_first():
    crowd = [f"{SENTENCE} number {n:03}" for n in range(300)]
    found = near_repeats(crowd, 0.8)
    assert len(found) == 299 and min(match.other for match in found) == 0
