"""Damaged outputs: always really changed, marked where changed, and never mid-character."""

import random
import unicodedata
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from annotation.damage import DAMAGES, damage_output
from annotation.damage.base import SEVERITIES, Damaged, Edit, apply_edits, seen, severity_at
from annotation.spans import is_on_bounds, unit_bounds, unit_spans
from common.languages import guess_language

MARATHI = (
    "पहिला दिवस शनिवारी होता. माझ्या मुलाला ताप आहे, म्हणून त्यांना १,२५० रुपये द्या; "
    "क्षत्रियांनी दुसऱ्या शाळेमध्ये ३५ विद्यार्थी मोजले."
)
IRISH = (
    "Tá an bhean i gCorcaigh le Máire, ach d’fhéach m'athair ar 25 capall i nGaillimh. "
    "Cheannaigh Seán trí chat, agus bhí Úna ann ar an Luain."
)
HINDI = "मैं 12 किताबें पढ़ता हूँ, और वह मंगलवार को स्कूल में नहीं है."
ENGLISH = (
    "The bank in Mumbai opens on Monday, and it pays 250 rupees to Asha. They have three shops."
)
SAMPLES = [("mr", MARATHI), ("ga", IRISH), ("hi", HINDI), ("en", ENGLISH)]
OTHERS = [
    "आज पाऊस पडेल.",
    "Níl aon tinteán mar do thinteán féin.",
    "बिल्ली सो रही है.",
    "My cat sleeps.",
]
STRENGTHS = (0.1, 0.5, 1.0)
SEEDS = range(15)

letters = st.sampled_from(
    "अकखषसहगंःािीुूेैोौ्ँ़ऱरञ १२। ,.\u200d\u200c😀👩क्षज्ञABab gcmbhtáéÉ'’-\n0759\u0301"
)
texts = st.lists(
    st.one_of(
        st.sampled_from((MARATHI + " " + IRISH + " " + ENGLISH).split()),
        st.text(letters, max_size=6),
        st.text(max_size=4),
    ),
    max_size=12,
).map(" ".join)


def damaged(kind: str, text: str, strength: float = 0.1, seed: int = 0, source: str = ""):
    return DAMAGES.get(kind)().damage(
        text, strength=strength, rng=random.Random(seed), source=source, others=OTHERS
    )


def all_forms(kind: str, text: str, strength: float = 0.1, **more: str) -> set[str]:
    found = [damaged(kind, text, strength, seed, **more) for seed in range(40)]
    return {one.text for one in found if one}


def check(found: Damaged, text: str) -> None:
    assert seen(found.text) != seen(text)
    assert found.spans and found.spans == sorted(set(found.spans))
    assert all(is_on_bounds(found.text, start, end) for start, end in found.spans)
    assert found.severity in SEVERITIES and found.description
    assert not any(found.text[a:b] != found.text[a:b].strip() for a, b in found.spans)


@pytest.mark.parametrize("kind", DAMAGES.names())
@given(text=texts, source=texts, strength=st.floats(0, 1), seed=st.integers(0, 99))
def test_no_kind_cuts_a_character_or_leaves_a_text_as_it_was(kind, text, source, strength, seed):
    damage = DAMAGES.get(kind)()
    damage.applies(text, source, "mr")
    found = damaged(kind, text, strength, seed, source)
    assert found == damaged(kind, text, strength, seed, source)
    if found is not None:
        check(found, text)
        assert found.severity in damage.severities


@given(text=texts, language=st.sampled_from(["mr", "ga", "hi-IN", "en", "xx"]))
def test_any_text_is_damaged_the_same_way_twice_or_not_at_all(text, language):
    for strength in STRENGTHS:
        found = damage_output(text, language, strength, 7, "The source is here.", OTHERS)
        assert found == damage_output(text, language, strength, 7, "The source is here.", OTHERS)
        if found is not None:
            check(found, text)
            assert found.kind in DAMAGES


@pytest.mark.parametrize("kind", DAMAGES.names())
def test_each_kind_damages_a_text_that_it_applies_to(kind):
    damage, n = DAMAGES.get(kind)(), 0
    assert str(damage.label) and set(damage.severities) <= set(SEVERITIES)
    for language, text in SAMPLES:
        source = MARATHI if language == "en" else ENGLISH
        if damage.applies(text, source, language):
            n += 1
            for strength in STRENGTHS:
                assert damaged(kind, text, strength, source=source) is not None
    assert n


@pytest.mark.parametrize(("language", "text"), SAMPLES)
def test_the_severity_asked_for_is_given(language, text):
    for strength, wanted in zip(STRENGTHS, SEVERITIES, strict=True):
        found = [damage_output(text, language, strength, seed, "", OTHERS) for seed in SEEDS]
        assert {one.severity for one in found if one} == {wanted}
        assert len({one.kind for one in found if one}) > 1


@pytest.mark.parametrize("kind", ["drop_fada", "break_mutation"])
def test_irish_damage_is_for_irish(kind):
    damage = DAMAGES.get(kind)()
    assert damage.applies(IRISH, "", "ga-IE")
    assert not damage.applies(IRISH, "", "en") and not damage.applies("an oll", "", "ga")


@pytest.mark.parametrize("form", ["NFC", "NFD"])
def test_a_fada_is_dropped_in_either_normal_form(form):
    assert all_forms("drop_fada", unicodedata.normalize(form, "féar")) == {"fear"}
    assert damaged("drop_fada", "Úna", 1.0).text == "Una"
    assert damaged("drop_fada", "Is maith é sin, á", 1.0).severity == "major"
    assert damaged("drop_fada", "x\u0301 bean") is None


@pytest.mark.parametrize(
    ("sound", "broken"),
    [
        ("bhean", "bean"),
        ("gcat", "cat"),
        ("bhfuil", "fuil"),
        ("gCorcaigh", "Corcaigh"),
        ("d’fhéach", "d’féach"),
        ("n-athair", "athair"),
        ("t-uisce", "uisce"),
        ("hÉireann", "Éireann"),
        ("nGaeilge", "Gaeilge"),
        ("dtír", "tír"),
        ("tsráid", "sráid"),
        ("mBaile", "Baile"),
        ("Bhí", "Bí"),
    ],
)
def test_a_mutation_is_taken_away(sound, broken):
    assert all_forms("break_mutation", sound) == {broken}


def test_a_mutation_is_added_only_where_none_can_be_right():
    assert all_forms("break_mutation", "na cait") == {"na chait"}
    # Ulster Irish lenites after ag an; féin and fhéin are both in use; h is not added to st.
    for sound in ("ag an margadh", "féin", "stad", "mé", "thú"):
        assert all_forms("break_mutation", sound) == set()


def test_a_vowel_sign_changes_its_length_within_its_character():
    assert all_forms("matra", "पाणी") == {"पाणि"}
    assert all_forms("matra", "मुलांना") == {"मूलांना", "मुलाना"}
    assert all_forms("matra", "घर") == set()
    assert all_forms("matra", "शाळा") == {"शेळा", "शाळे"}
    word = "क्षत्रिय"
    assert all_forms("matra", word) == {"क्षत्रीय"}
    assert len(unit_spans("क्षत्रीय")) == len(unit_spans(word)) == 3


def test_a_case_ending_is_exchanged_or_dropped():
    assert all_forms("case_marker", "मुलाला") == {"मुलाने", "मुलाचा", "मुला"}
    assert all_forms("case_marker", "त्यांना") == {"त्यांनी", "त्यां"}
    assert all_forms("case_marker", "आजीच्या") == {"आजीला", "आजीने", "आजी"}
    assert "शाळेपासून" in all_forms("case_marker", "शाळेमध्ये")


@pytest.mark.parametrize("word", ["गेला", "चांगला", "घाला", "बोलला", "कविता", "उंची", "ला", "सुंदर"])
def test_a_word_that_only_looks_like_a_case_is_left_alone(word):
    assert all_forms("case_marker", word) == set()


def test_a_number_changes_in_its_own_script_and_keeps_its_length():
    forms = all_forms("swap_entity", "ते २०२४ होते", 0.5)
    numbers = {form.split()[1] for form in forms}
    assert len(numbers) > 5 and all(len(number) == 4 for number in numbers)
    assert all("०" <= digit <= "९" for number in numbers for digit in number)
    assert not any(number.startswith("०") for number in numbers)


def test_numbers_names_and_days_are_exchanged():
    assert all_forms("swap_entity", "Yesterday Asha met Ravi.", 0.5) == {"Yesterday Ravi met Asha."}
    assert "५ मुले, ३ मुली" in all_forms("swap_entity", "३ मुले, ५ मुली", 0.5)
    days = all_forms("swap_entity", "शाळा सोमवारी आहे", 0.5)
    assert "शाळा शनिवारी आहे" in days and "शाळा सोमवारी आहे" not in days
    assert not DAMAGES.get("swap_entity")().applies("घर मोठे आहे", "", "mr")


def test_one_wrong_number_is_major_and_several_are_critical():
    text = "३५ मुले, ४७ मुली, ९९ फुले, सात झाडे"
    assert damaged("swap_entity", text, 0.4).severity == "major"
    assert damaged("swap_entity", text, 1.0).severity == "critical"
    assert len(damaged("swap_entity", text, 1.0).spans) > len(damaged("swap_entity", text).spans)


def test_a_clause_goes_with_its_comma():
    forms = all_forms("delete_clause", "तो आला, ती गेली. मग ते बसले.", 0.5)
    assert forms == {"ती गेली. मग ते बसले.", "तो आला. मग ते बसले.", "तो आला, ती गेली."}
    found = damaged("delete_clause", "तो आला, ती गेली. मग ते बसले.", 1.0)
    assert found.severity == "critical" and len(found.text.split()) <= 3
    assert not DAMAGES.get("delete_clause")().applies("१२.५ टक्के.", "", "mr")


def test_a_deleted_word_leaves_an_empty_place_and_no_double_space():
    found = [damaged("delete_words", "घर फार मोठे दिसते आहे.", 0.1, seed) for seed in range(30)]
    assert {one.text for one in found} == {
        "फार मोठे दिसते आहे.",
        "घर मोठे दिसते आहे.",
        "घर फार दिसते आहे.",
        "घर फार मोठे आहे.",
        "घर फार मोठे दिसते.",
    }
    assert all(start == end for one in found for start, end in one.spans)
    assert all(" ." not in form for form in all_forms("delete_words", "घर फार मोठे आहे.", 1.0))
    assert damaged("delete_words", "मुंबई.") is None


@pytest.mark.parametrize("kind", ["delete_words", "repeat_phrase"])
def test_more_strength_deletes_and_repeats_more(kind):
    sizes = [abs(len(damaged(kind, IRISH, strength).text) - len(IRISH)) for strength in STRENGTHS]
    assert sizes == sorted(set(sizes))


@pytest.mark.parametrize("kind", ["drop_fada", "break_mutation", "matra"])
def test_more_strength_misspells_more_words(kind):
    text = MARATHI if kind == "matra" else IRISH
    sizes = [len(damaged(kind, text, strength).spans) for strength in STRENGTHS]
    assert sizes == sorted(set(sizes)) and sizes[0] == 1


def test_a_loop_is_marked_where_it_repeats():
    found = damaged("repeat_phrase", "मुंबई.", 1.0)
    assert found.text == "मुंबई" + " मुंबई" * 8 + "."
    assert found.spans == [(6, len(found.text) - 1)]


def test_shuffled_words_lose_their_neighbours_and_keep_the_punctuation():
    for seed in SEEDS:
        new = damaged("shuffle_words", "एक दोन, तीन चार पाच सहा.", 1.0, seed).text
        order = new.replace(",", "").rstrip(".").split()
        old = ["एक", "दोन", "तीन", "चार", "पाच", "सहा"]
        assert sorted(order) == sorted(old) and order[-1] != "सहा"
        assert new.split()[1].endswith(",") and new.endswith(".")
        places = [old.index(word) for word in order]
        assert all(b != a + 1 for a, b in pairwise(places))


def test_another_segments_output_is_not_one_that_says_the_same():
    text = "आज पाऊस पडेल का."
    forms = all_forms("wrong_segment", text)
    assert forms == set(OTHERS[1:])
    assert damage_output("आज", "mr", 1.0, 1) is not None  # repeated, for want of others


def test_source_words_stay_untranslated_where_the_source_is_in_another_language():
    damage = DAMAGES.get("untranslated")()
    assert damage.applies(MARATHI, ENGLISH, "mr") and damage.applies(IRISH, ENGLISH, "ga")
    assert not damage.applies(MARATHI, MARATHI, "mr")
    assert not damage.applies(IRISH, IRISH, "ga") and not damage.applies(MARATHI, "", "mr")
    assert all_forms("untranslated", MARATHI, 1.0, source=ENGLISH) == {ENGLISH}
    found = damaged("untranslated", "मुले घरी आहेत.", 0.1, source="They are home.")
    assert len(found.spans) == 1 and found.severity == "minor"
    assert found.text[slice(*found.spans[0])] in "They are home."


def test_a_seed_gives_another_damage():
    assert len({damage_output(MARATHI, "mr", 0.1, seed).text for seed in SEEDS}) > 5


def test_an_edit_that_no_reader_sees_or_that_cuts_a_character_is_refused():
    assert apply_edits("दुसऱ्या", [Edit(0, 7, "दुसर्\u200dया")]) is None
    assert apply_edits("a b", [Edit(1, 2, "\u00a0")]) is None
    assert apply_edits("कि", [Edit(1, 2, "ी")]) is None
    assert apply_edits("a", []) is None
    assert apply_edits("कि", [Edit(0, 2, " की ")]) == (" की ", [(1, 3)])
    assert unit_bounds("कि") == [0, 2]


def test_strength_has_three_steps_and_ends():
    assert [severity_at(x) for x in (0, 0.3, 0.34, 0.66, 0.67, 1)] == [
        "minor",
        "minor",
        "major",
        "major",
        "critical",
        "critical",
    ]
    with pytest.raises(ValueError, match="strength must lie between 0 and 1, not 3"):
        damage_output("तो", "mr", 3, 1)


def test_nothing_is_made_of_nothing():
    for text in ("", " ", "।", "…"):
        assert damage_output(text, "mr", 0.5, 1, "source", OTHERS) is None


@pytest.mark.parametrize(("language", "text"), [*SAMPLES, ("", "मुंबई"), ("", "Nagpur 12")])
def test_a_language_is_guessed_by_its_little_words(language, text):
    assert guess_language(text) == language
