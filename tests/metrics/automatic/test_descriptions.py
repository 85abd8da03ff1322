"""Outputs described by themselves: script, language, emptiness, loops."""

import math

import pytest

from common.errors import BadInput
from metrics.automatic import Empty, LanguageShare, Loops, Metric, Pair, ScriptShare
from metrics.automatic.adherence import script_of


def one(metric: Metric, text: str, language: str = "mr") -> float:
    return metric.score(metric.statistics([Pair("", text, target_lang=language)]))


def test_letters_of_another_script_are_counted():
    # by hand: कुत्रा has 6 letters and marks, dog 3
    assert one(ScriptShare(), "कुत्रा dog 2024।") == pytest.approx(6 / 9)
    assert one(ScriptShare(), "Tá sé anseo", "ga") == 1
    assert one(ScriptShare(), "Ta\u0301", "ga") == 1  # a loose accent belongs to its letter
    assert one(ScriptShare(), "कुत्रा", "ga-IE") == 0
    assert one(ScriptShare(script="Greek"), "αβγ", "mr") == 1


def test_a_corpus_counts_all_letters_together():
    pairs = [Pair("", text, target_lang="mr") for text in ("कक", "abcdef")]
    assert ScriptShare().score(ScriptShare().statistics(pairs)) == 0.25


def test_where_nothing_can_be_counted_nothing_is_said():
    assert math.isnan(one(ScriptShare(), "2024"))
    assert math.isnan(one(ScriptShare(), "text", "tlh"))
    assert math.isnan(one(LanguageShare(), "Guten Tag", "de"))
    assert math.isnan(one(LanguageShare(), "पुणे", "mr"))


def test_a_script_that_does_not_exist_is_refused():
    with pytest.raises(BadInput, match="no script called 'Klingon'; write its English name"):
        ScriptShare(script="Klingon")


def test_a_tag_may_name_its_script():
    assert [script_of(tag) for tag in ("mr", "sr-Latn", "kok_Latn-IN", "xx", "pa")] == [
        "Devanagari", "Latin", "Latin", "", "Gurmukhi",
    ]  # fmt: skip


def test_hindi_is_not_marathi():
    assert one(LanguageShare(), "वह घर में है और सो रहा है", "mr") == 0
    assert one(LanguageShare(), "वह घर में है और सो रहा है", "hi") == 1
    # by hand: आहे and आणि are Marathi, है is Hindi
    assert one(LanguageShare(), "तो आहे आणि वो है", "mr") == pytest.approx(2 / 3)


@pytest.mark.parametrize(
    ("text", "empty"), [("", 1), (" \n\u00a0\u200d", 1), ("।", 0), ("0", 0), ("क", 0)]
)
def test_an_output_without_anything_to_see_is_empty(text: str, empty: int):
    assert one(Empty(), text) == empty


def test_loops_are_counted():
    assert one(Loops(), "तो घरी गेला आणि ती पण नंतर तिथे आली") == 0
    # by hand: 10 runs of three words, 3 of them different
    assert one(Loops(), "तो घरी गेला " * 4) == pytest.approx(0.7)
    assert not Loops.higher_is_better
