"""Names that may be taken for each other, and words of more than one script."""

import pytest

from common.look_alikes import has_unknown_script, looks, mixed_scripts

ALIKE = [
    ("аdmin", "admin"),  # Cyrillic a
    ("АDМІN", "admin"),  # Cyrillic capitals
    ("αsha", "asha"),  # Greek alpha
    ("сора", "copa"),  # all Cyrillic
    ("ԁօո", "don"),  # Cyrillic and Armenian
    ("ᴀᴅᴍɪɴ", "admin"),  # small capitals
    ("ａｄｍｉｎ", "admin"),  # full width
    ("𝐚𝐝𝐦𝐢𝐧", "admin"),  # of mathematics
    ("Iris", "lris"),
    ("b0b", "bob"),
    ("a1ice", "alice"),
    ("arnar", "amar"),
    ("अाशा", "आशा"),  # a vowel in two parts
    ("Bob", "bob"),
]
APART = [
    ("áine", "aine"), ("asha1", "asha2"), ("राम", "रामा"), ("अशा", "आशा"), ("bob", "bobby"),
    ("a-b", "ab"), ("ada", "ida"), ("वेद", "वैद"),
]  # fmt: skip


@pytest.mark.parametrize(("one", "other"), ALIKE)
def test_these_look_alike(one, other):
    assert looks(one) & looks(other)


@pytest.mark.parametrize(("one", "other"), APART)
def test_these_do_not(one, other):
    assert not looks(one) & looks(other)


@pytest.mark.parametrize(
    ("name", "scripts"),
    [
        ("аdmin", ["Cyrillic", "Latin"]),
        ("bo०b", ["Devanagari", "Latin"]),
        ("asha.pαtil", ["Greek", "Latin"]),
        ("राম", ["Bengali", "Devanagari"]),
    ],
)
def test_a_word_in_two_scripts(name, scripts):
    assert mixed_scripts(name) == scripts


@pytest.mark.parametrize(
    "name",
    [
        "asha7",
        "आशा७",
        "आशा7",
        "Seán_Ó.Briain",
        "asha.पाटील",
        "иван",
        "山田たろう",
        "ユーザー",
        "김",
    ],
)
def test_names_of_one_script_a_word(name):
    assert mixed_scripts(name) == [] and not has_unknown_script(name)


@pytest.mark.parametrize("name", ["ꓮꓓꓟ", "ᎪᎠ", "adm\u0337in"])
def test_letters_that_nobody_names_people_with(name):
    assert has_unknown_script(name)
