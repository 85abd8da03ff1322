"""Devanagari, Irish and English as people read them; and errors as people read those."""

import itertools
import math
import unicodedata

import pytest

from common import text
from common.errors import BadInput, NikashError

ZWJ = "\u200d"
EYELASH_RRA = "दुसऱ्या"  # U+0931 U+094D
EYELASH_ZWJ = f"दुसर्{ZWJ}या"  # U+0930 U+094D U+200D


def test_a_hash_is_of_the_text_as_received():
    assert text.text_hash("").startswith("e3b0c44298fc1c14")  # SHA-256 of nothing
    assert text.text_hash("é") != text.text_hash(unicodedata.normalize("NFD", "é"))
    assert len(text.text_hash("निकष")) == 64


@pytest.mark.parametrize(
    ("word", "n_code_points", "n_clusters"),
    [("क्षत्रिय", 8, 3), ("क्षमता", 6, 3), ("मराठी", 5, 3), ("👩‍👩‍👧", 5, 1), ("", 0, 0)],
)
def test_clusters_are_what_a_reader_counts(word: str, n_code_points: int, n_clusters: int):
    assert len(word) == n_code_points
    assert len(text.clusters(word)) == n_clusters
    assert "".join(text.clusters(word)) == word
    bounds = text.cluster_bounds(word)
    assert [word[a:b] for a, b in itertools.pairwise(bounds)] == text.clusters(word)


def test_a_word_keeps_its_vowel_signs():
    assert text.words("मराठी भाषा, शाळेत आहे.") == ["मराठी", "भाषा", "शाळेत", "आहे"]
    assert text.words("Níl sé ann") == ["Níl", "sé", "ann"]
    assert text.words(EYELASH_ZWJ) == [EYELASH_ZWJ]
    assert text.words("। ,") == []
    assert list(text.word_spans("तो आहे।")) == [(0, 2), (3, 6)]


def test_both_spellings_of_the_eyelash_ra_fold_together():
    assert text.nfc(EYELASH_RRA) != text.nfc(EYELASH_ZWJ)
    assert text.fold_marathi_variants(EYELASH_ZWJ) == text.fold_marathi_variants(EYELASH_RRA)
    assert text.fold_marathi_variants("र\u093c\u094dया") == "ऱ्या"  # RA + nukta composes
    assert text.fold_marathi_variants(f"क{ZWJ}ख\u200cग") == "कखग"


def test_nfc_splits_precomposed_nukta_letters():
    assert text.nfc("\u0958") == "\u0915\u093c"


def test_digits_of_every_script_become_ascii():
    assert text.map_digits("२०२४ ٣ a1²") == "2024 3 a1²"


def test_devanagari_is_recognised():
    assert text.is_devanagari("ही मराठी आहे, OK?")
    assert not text.is_devanagari("Níl sé ann")
    assert not text.is_devanagari("123 ।")
    assert math.isnan(text.devanagari_share("123"))
    assert text.devanagari_share("कa") == 0.5


def test_an_input_error_says_where_and_what_to_write():
    error = BadInput(
        "'abc' is not a number; write a number from 0 to 6",
        file="outputs.csv",
        row=12,
        column="score",
    )
    assert str(error) == (
        "outputs.csv, row 12, column score: 'abc' is not a number; write a number from 0 to 6"
    )
    assert isinstance(error, NikashError) and error.message == str(error)
    assert str(BadInput("the file is empty")) == "the file is empty"


@pytest.mark.parametrize(
    "hidden",
    [
        "\u202e", "\u2066", "\u2069", "\u200b", "\u200e", "\u2028", "\u2060", "\ufeff", "\xad",
        "\x00", "\x1b", "\x85", "\r", "\ud800", "\U000e0041", "\U000e0100", "\u3164", "\u200d",
    ],
)  # fmt: skip
def test_what_nobody_sees_is_told_by_its_number(hidden):
    assert text.unseen(f"a{hidden}b") == [1]
    assert text.visible(f"a{hidden}b") == f"a<U+{ord(hidden):04X}>b"


@pytest.mark.parametrize(
    "written",
    [
        "क्‍ष र्‍य अ‌ब", "👩🏽‍🚀 ❤️ 🏴󠁧󠁢󠁷󠁬󠁳󠁿", "one\r\ntwo\nthree\tfour", "葛󠄀", "Tá sé – “ann”.", "नमस्ते",
    ],
)  # fmt: skip
def test_what_writing_needs_is_no_hidden_character(written):
    assert text.unseen(written) == [] and text.visible(written) == written


def test_texts_of_models_are_made_storable():
    assert text.storable("a\0b") == "ab"
    assert text.storable("अ\ud800\0\ud83d\ude00\ufeff") == "अ\ufffd😀\ufeff"


def test_an_error_quotes_nothing_that_deceives_a_reader_or_a_terminal():
    problem = BadInput("has \u202ex", file="a\x1b[31m.csv", column="c" * 50_000)
    assert problem.reason == "has <U+202E>x"
    assert str(problem).startswith("a<U+001B>[31m.csv, column ccc")
    assert len(str(problem)) < 20_050 and problem.message == str(problem)
