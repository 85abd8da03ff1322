"""Every cause on Marathi, Hindi, Irish and English: where it is, and where it is not."""

import math

import pytest

from metrics.causes import CAUSES, Case, Finding

NAN = math.nan
ZWJ = "\u200d"


def find(name: str, output: str, reference: str, language: str = "mr", **known) -> Finding:
    case = Case(output=output, references=(reference,), target_lang=language, **known)
    return CAUSES.get(name)().find(case)


@pytest.mark.parametrize(
    ("language", "output", "reference", "kind"),
    [
        ("mr", f"दर{'्'}{ZWJ}या खोल आहे", "दऱ्या खोल आहे", "eyelash"),
        ("mr", "सन २०२४ मध्ये", "सन 2024 मध्ये", "digits"),
        ("mr", "सुन्दर फूल", "सुंदर फूल", "anusvara"),
        ("hi", "क़लम मेज़ पर है", "कलम मेज पर है", "nukta"),
        ("hi", "वे घर गये", "वे घर गए", "ये or ए"),
        ("hi", "हिन्दी भाषा", "हिंदी भाषा", "anusvara"),
        ("ga", "d’fhéach sé", "d'fhéach sé", "apostrophe"),
        ("ga", "an ḃean", "an bhean", "dotted"),
        ("en", "don’t send E-mail", "don't send email", "apostrophe"),
    ],
)
def test_a_spelling_both_accept_is_a_variant(language, output, reference, kind):
    found = find("orthography", output, reference, language)
    assert found.strength == 1.0
    assert kind in found.explanation
    assert found.evidence


@pytest.mark.parametrize(
    ("language", "output", "reference"),
    [
        ("mr", "मुलगा शाळेत गेला", "मुलगी शाळेत गेली"),
        ("hi", "बड़ा घर", "बडा घर"),  # ड़ and ड are two letters
        ("ga", "an fear", "an féar"),
        ("en", "the cat", "the dog"),
        ("mr", "तेच वाक्य", "तेच वाक्य"),
    ],
)
def test_another_word_is_no_variant(language, output, reference):
    assert find("orthography", output, reference, language).strength == 0


def test_the_strength_is_the_share_of_the_differing_words():
    found = find("orthography", "सुन्दर मांजर", "सुंदर फूल")
    assert found.strength == pytest.approx(0.5)  # two of the four words without a partner


def test_the_extent_is_the_share_of_all_words():
    found = find("orthography", "सुन्दर फूल आहे ते", "सुंदर फूल आहे ते")
    assert (found.strength, found.extent) == (1.0, 0.25)
    assert find("diacritics", "मल हवे", "मला हवे").extent == 0.5
    assert find("punctuation", "तो घरी गेला.", "तो घरी गेला।").extent == pytest.approx(1 / 3)
    assert find("word_forms", "घरात मुलगा", "घराला मुलगा").extent == 0.5
    assert find("length", "ab", "abcd").extent is None


@pytest.mark.parametrize(
    ("language", "output", "reference", "evidence"),
    [
        ("mr", "मल पाणि हवे", "मला पाणी हवे", "मला → मल"),
        ("hi", "किताब मे है", "किताब में है", "में → मे"),
        ("ga", "ta an fear ag ol", "tá an fear ag ól", "tá → ta"),
        ("en", "a naive cafe", "a naïve café", "naïve → naive"),
    ],
)
def test_lost_marks_are_diacritics(language, output, reference, evidence):
    found = find("diacritics", output, reference, language)
    assert found.strength == 1.0
    assert evidence in found.evidence


@pytest.mark.parametrize(
    ("language", "output", "reference"),
    [
        ("mr", "मुले आली", "मला आली"),  # another sign is another word
        ("hi", "लड़का आया", "लड़की आयी"),
        ("ga", "an bád", "an cat"),
        ("hi", "रसायनों में", "रसायन में"),  # an ending
        ("hi", "रसायन में", "रसायनों में"),
        ("en", "a cart", "a cat"),
    ],
)
def test_another_vowel_or_consonant_is_no_lost_mark(language, output, reference):
    assert find("diacritics", output, reference, language).strength == 0


@pytest.mark.parametrize(
    ("language", "output", "reference"),
    [
        ("mr", "तो घरी गेला.", "तो घरी गेला।"),
        ("hi", "वह घर गया", "वह घर गया।"),
        ("hi", "वह घर गया ।", "वह घर गया।"),
        ("ga", "Dia duit!", "Dia duit"),
        ("en", "an ice cream", "an icecream"),
        ("mr", "घरा समोर झाड", "घरासमोर झाड"),
    ],
)
def test_danda_signs_and_blanks_are_punctuation(language, output, reference):
    found = find("punctuation", output, reference, language)
    assert found.strength == 1.0
    assert found.evidence


@pytest.mark.parametrize(
    ("language", "output", "reference"),
    [
        ("mr", "तो घरी गेला।", "ती शाळेत गेली।"),
        ("hi", "हिन्दी।", "हिंदी।"),
        ("ga", "d’fhéach sé.", "d'fhéach sé."),
        ("en", "It rained.", "It rained."),
    ],
)
def test_other_words_are_no_punctuation(language, output, reference):
    assert find("punctuation", output, reference, language).strength == 0


@pytest.mark.parametrize(
    ("language", "output", "reference", "at_least"),
    [
        ("mr", "to ghari gela", "तो घरी गेला", 0.99),
        ("mr", "तो school मध्ये गेला", "तो शाळेत गेला", 0.25),
        ("hi", "वह school गया", "वह विद्यालय गया", 0.4),
        ("ga", "The man was in the house and he was old", "Bhí an fear sa teach agus é sean", 0.9),
        ("mr", "वह घर में है और सो रहा है", "तो घरात आहे आणि झोपला आहे", 0.9),
        ("en", "यह घर है", "This is a house", 0.99),
    ],
)
def test_another_script_or_language_is_a_switch(language, output, reference, at_least):
    found = find("script", output, reference, language)
    assert found.strength >= at_least
    assert found.evidence


@pytest.mark.parametrize(
    ("language", "output", "reference"),
    [
        ("mr", "तो DNA चाचणी करतो", "तो DNA चाचणी करतो"),  # the reference has it, too
        ("hi", "वह घर में है", "वह मकान में है"),
        ("ga", "Tá an fear sa teach", "Bhí an fear sa teach"),
        ("en", "The man was there", "A man was there"),
        ("", "qualunque", "cosa"),
    ],
)
def test_the_language_asked_for_is_no_switch(language, output, reference):
    assert find("script", output, reference, language).strength == 0


def test_the_source_copied_is_a_switch():
    case = {"source": "Tá an fear sa teach", "source_lang": "ga"}
    assert find("script", "Tá an fear sa teach", "The man is in", "en", **case).strength == 1
    same = case | {"source_lang": "en"}  # the answer may repeat a question in its own language
    assert "repeats" not in find("script", "Tá an fear sa teach", "A", "en", **same).explanation


@pytest.mark.parametrize(
    ("language", "output", "reference", "word"),
    [
        ("mr", "पुणे", "पुणे शहर मोठे आहे", "shorter"),
        ("hi", "हाँ, वह कल सुबह घर गया था", "वह गया", "longer"),
        ("ga", "Tá", "Tá an fear ag obair sa ghairdín", "shorter"),
        ("en", "yes it is very much so", "yes", "longer"),
    ],
)
def test_length_is_one_less_the_ratio(language, output, reference, word):
    found = find("length", output, reference, language)
    assert found.strength >= 0.5
    assert word in found.explanation


def test_equal_lengths_are_no_cause_and_length_counts_what_is_seen():
    assert find("length", "क्षत्रिय", "abc").strength == 0
    assert find("length", "ab", "abcd", "en").strength == 0.5
    assert math.isnan(find("length", "ab", "", "en").strength)


@pytest.mark.parametrize(
    ("language", "output", "reference", "strength"),
    [
        ("mr", "महाराष्ट्राची राजधानी मुंबई आहे.", "मुंबई", 0.75),
        ("hi", "दिल्ली", "भारत की राजधानी दिल्ली है।", 0.8),
        ("ga", "Is í Gaillimh an chathair", "Gaillimh", 0.8),
        ("en", "It was Douglas Hyde.", "douglas hyde", 0.5),
    ],
)
def test_a_key_within_a_sentence_is_terse_beside_full(language, output, reference, strength):
    found = find("terse", output, reference, language)
    assert found.strength == pytest.approx(strength)
    assert "stands within" in found.explanation


@pytest.mark.parametrize(
    ("language", "output", "reference"),
    [
        ("mr", "राजधानी मुंबई आहे", "पुणे"),
        ("hi", "दिल्ली", "दिल्ली"),
        ("ga", "Gaillimh agus Corcaigh", "Corcaigh Gaillimh"),  # not in a run
        ("en", "", "yes"),
    ],
)
def test_what_does_not_stand_within_is_not_terse(language, output, reference):
    assert find("terse", output, reference, language).strength == 0


@pytest.mark.parametrize(
    ("language", "output", "reference"),
    [
        ("mr", "घरी तो काल गेला", "तो काल घरी गेला"),
        ("hi", "मैंने किताब कल पढ़ी", "कल मैंने किताब पढ़ी"),
        ("ga", "inniu tá sé fuar", "tá sé fuar inniu"),
        ("en", "yesterday he went", "he went yesterday"),
    ],
)
def test_the_same_words_in_another_order_are_word_order(language, output, reference):
    found = find("word_order", output, reference, language)
    assert found.strength >= 0.2
    assert found.evidence


def test_the_same_order_or_other_words_are_no_word_order():
    assert find("word_order", "तो काल घरी गेला", "तो काल घरी गेला").strength == 0
    assert find("word_order", "एक दोन", "तीन चार").strength == 0


@pytest.mark.parametrize(
    ("language", "output", "reference", "evidence"),
    [
        ("mr", "घरात मुलगा", "घराला मुलगा", "घराला → घरात"),
        ("mr", "पुस्तकांचा रंग", "पुस्तकाचे रंग", "पुस्तकाचे → पुस्तकांचा"),
        ("hi", "लड़का गया", "लड़की गया", "लड़की → लड़का"),
        ("ga", "an bhean", "an mbean", "mbean → bhean"),
        ("ga", "sa ghairdín", "sa gairdín", "gairdín → ghairdín"),
        ("en", "he walked", "he walks", "walks → walked"),
        ("hi", "रसायनों में", "रसायन में", "रसायन → रसायनों"),
    ],
)
def test_other_endings_and_mutations_are_forms_of_a_word(language, output, reference, evidence):
    found = find("word_forms", output, reference, language)
    assert found.strength == 1.0
    assert evidence in found.evidence


@pytest.mark.parametrize(
    ("language", "output", "reference"),
    [
        ("mr", "मांजर", "कुत्रा"),
        ("hi", "किताब", "कमरा"),
        ("ga", "teach", "bád"),
        ("en", "cat", "car"),
        ("en", "at 12.30", "at 12.00"),
    ],
)
def test_other_words_are_no_forms(language, output, reference):
    assert find("word_forms", output, reference, language).strength == 0


@pytest.mark.parametrize(
    ("language", "output", "reference"),
    [
        ("mr", "तो निवासस्थानी पोहोचला", "ती घरी आली"),
        ("hi", "उसने भोजन किया", "वह खाना खा चुका"),
        ("ga", "Tá ocras orm", "Ba mhaith liom ithe"),
        ("en", "He passed away", "She died"),
    ],
)
def test_the_same_meaning_in_other_words_is_a_paraphrase(language, output, reference):
    found = find("paraphrase", output, reference, language, entailment=(0.9, 0.8))
    assert found.strength == pytest.approx(0.8)
    assert "entail each other" in found.explanation
    alike = find("paraphrase", output, reference, language, similarity=0.9)
    assert alike.strength == pytest.approx(0.8)


def test_one_way_entailment_or_equal_words_are_no_paraphrase():
    assert find("paraphrase", "तो आला", "ती गेली", entailment=(0.9, 0.0)).strength == 0
    assert find("paraphrase", "तो आला", "तो आला", entailment=(1.0, 1.0)).strength == 0
    assert find("paraphrase", "तो आला", "ती गेली", similarity=0.4).strength == 0
    unknown = find("paraphrase", "तो आला", "ती गेली", entailment=(0.9, NAN))
    assert math.isnan(unknown.strength) and unknown.explanation


@pytest.mark.parametrize(
    ("language", "output", "reference", "others"),
    [
        ("mr", "तो घरी गेला", "मुंबई", ("तो घरी गेला.",)),
        ("hi", "वह घर गया", " । ", ()),
        ("hi", "वह घर गया", "He went home", ()),
        ("ga", "Tá sé fuar inniu", "Bhí lá breá againn cois trá", ("Tá sé an-fhuar inniu",)),
        ("en", "Cold.", "It is cold today, and it will be colder tomorrow.", ("Cold!", "It is")),
    ],
)
def test_an_empty_foreign_long_or_lonely_reference_is_suspect(language, output, reference, others):
    found = find("reference", output, reference, language, others=others)
    assert found.strength >= 0.5
    assert "eference" in found.explanation


@pytest.mark.parametrize(
    ("language", "output", "reference", "others"),
    [
        ("mr", "तो घरी गेला", "तो घरी गेला", ("तो घरी गेला.",)),
        ("hi", "वह घर गया", "वह मकान गया", ("कुछ और बात", "तीसरा उत्तर")),
        ("ga", "Tá", "Tá", ()),
        ("en", "abc", "xyz", ()),  # nothing to compare the reference with
    ],
)
def test_a_reference_among_the_outputs_is_not_suspect(language, output, reference, others):
    assert find("reference", output, reference, language, others=others).strength == 0
    assert math.isnan(CAUSES.get("reference")().find(Case("a")).strength)


def test_liked_by_people_and_by_no_metric_is_its_own_cause():
    found = find("against_all", "अ", "ब", people=0.9, metrics=(0.1, 0.3))
    assert found.strength == pytest.approx(0.6)
    assert find("against_all", "अ", "ब", people=0.9, metrics=(0.1, 0.95)).strength == 0
    assert math.isnan(find("against_all", "अ", "ब", people=0.9, metrics=(0.1, NAN)).strength)
    assert CAUSES.get("against_all").from_scores


def test_raters_disagree_where_they_are_further_apart_than_usual():
    found = find("raters", "अ", "ब", scores=(0.0, 6.0), typical_spread=math.sqrt(2))
    assert found.strength == pytest.approx(0.75)  # s is 3 √2
    assert find("raters", "अ", "ब", scores=(3.0, 3.0), typical_spread=1.0).strength == 0
    assert math.isnan(find("raters", "अ", "ब", scores=(3.0,), typical_spread=1.0).strength)
