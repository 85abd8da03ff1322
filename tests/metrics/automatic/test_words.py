"""ROUGE-L, token F1, exact match and length: in Marathi and Irish as in English."""

import math

import pytest

from common.errors import BadInput
from metrics.automatic import (
    ExactMatch,
    LengthRatio,
    Metric,
    Pair,
    Rouge1,
    Rouge2,
    RougeL,
    TokenF1,
)


def one(metric: Metric, hypothesis: str, *references: str) -> float:
    return metric.score(metric.statistics([Pair("", hypothesis, references)]))


def test_an_identical_marathi_sentence_has_full_rouge():
    sentence = "मराठी भाषा सुंदर आहे."
    assert one(RougeL(), sentence, sentence) == 1
    other = pytest.importorskip("rouge_score.rouge_scorer", reason="needs rouge-score")
    scorer = other.RougeScorer(["rougeL"])  # the trap: no letter of it is a-z
    assert scorer.score(sentence, sentence)["rougeL"].fmeasure == 0


def test_a_fada_makes_another_word():
    assert one(RougeL(), "Níl sé ann", "Nál só ann") == pytest.approx(1 / 3)
    first, second = "Tá sé ag dul abhaile anois", "Té sé ag dul abhaile anois"
    assert one(RougeL(), first, second) == pytest.approx(0.8333, abs=1e-4)


def test_a_shared_year_does_not_make_two_hindi_sentences_equal():
    assert one(RougeL(), "वह 2021 आया", "बारिश 2021 हुई") == pytest.approx(1 / 3)


def test_rouge_follows_order_not_membership():
    # by hand: a b c d / d a b c: longest common subsequence a b c, 2*3/8
    assert one(RougeL(), "a b c d", "d a b c") == 0.75
    assert one(RougeL(), "A, b", "a b!") == 1


def test_rouge_takes_the_best_reference_and_means_over_segments():
    assert one(RougeL(), "a b", "x y", "a b") == 1
    pairs = [Pair("", "a b", ("a b",)), Pair("", "a b", ("x y",))]
    assert RougeL().score(RougeL().statistics(pairs)) == 0.5


def test_rouge_agrees_with_the_usual_package_on_english():
    other = pytest.importorskip("rouge_score.rouge_scorer", reason="needs rouge-score")
    scorer = other.RougeScorer(["rougeL"])
    hypothesis = "the quick brown fox jumped over a lazy dog"
    reference = "the fast brown fox has jumped over the dog"
    expected = scorer.score(reference, hypothesis)["rougeL"].fmeasure
    assert one(RougeL(), hypothesis, reference) == pytest.approx(expected, abs=1e-12)


def test_texts_without_words_are_equal_or_not():
    assert one(RougeL(), "।", "।") == 1
    assert one(RougeL(), "", "।") == 0
    assert one(RougeL(), "", "एक") == 0
    with pytest.raises(BadInput, match="no tokenizer called 'moses'"):
        RougeL(tokens="moses")


def test_a_danda_is_punctuation_in_an_answer():
    assert one(TokenF1(), "पुणे शहर।", "पुणे शहर") == 1
    assert one(ExactMatch(), "पुणे शहर।", "पुणे  शहर") == 1
    assert one(ExactMatch(), "शहर पुणे", "पुणे शहर") == 0


def test_irish_words_are_not_english_articles():
    sentence = "Tá a mháthair agus an t-athair ar an mbord"
    assert "a" in TokenF1().tokens(sentence) and "an" in TokenF1().tokens(sentence)
    assert "a" in TokenF1(articles="ga").tokens(sentence)
    assert "an" not in TokenF1(articles="ga").tokens(sentence)
    assert TokenF1(articles="en").tokens("The cat ate an apple") == ["cat", "ate", "apple"]
    with pytest.raises(BadInput, match="no list of articles called 'xx'; write one of none, en"):
        TokenF1(articles="xx")


def test_digits_of_both_scripts_are_the_same_number():
    assert one(ExactMatch(), "२०२४", "2024") == 1
    assert one(ExactMatch(digits=False), "२०२४", "2024") == 0


def test_token_f1_counts_repeats():
    # by hand: {a:2, b} and {a, b:2} share a and b: 2*2/6
    assert one(TokenF1(), "a a b", "a b b") == pytest.approx(2 / 3)
    assert one(TokenF1(), "", "") == 1
    assert one(TokenF1(), "", "a") == 0


def test_joiners_do_not_hide_an_answer_when_folded():
    assert one(ExactMatch(), "दुसर्\u200dया", "दुसऱ्या") == 0
    assert one(ExactMatch(normalize="marathi"), "दुसर्\u200dया", "दुसऱ्या") == 1


def test_length_counts_what_a_reader_counts():
    assert one(LengthRatio(), "क्षमता", "abcdef") == 0.5  # three clusters
    assert one(LengthRatio(), "abcd", "ab", "abcdef") == 1  # mean reference length
    assert math.isnan(one(LengthRatio(), "a", ""))
    assert one(LengthRatio(), "", "") == 1


def test_rouge_1_and_2_by_hand():
    # a a b / a b b share {a, b} of 3 and 3; pairs (a a)(a b) / (a b)(b b) share one of 2 and 2
    assert one(Rouge1(), "a a b", "a b b") == pytest.approx(4 / 6)
    assert one(Rouge2(), "a a b", "a b b") == pytest.approx(2 / 4)
    assert one(Rouge1(), "b a", "a b") == 1 and one(Rouge2(), "b a", "a b") == 0


@pytest.mark.parametrize(("metric", "key"), [(Rouge1(), "rouge1"), (Rouge2(), "rouge2")])
def test_rouge_n_agrees_with_the_usual_package_on_english(metric: Metric, key: str):
    other = pytest.importorskip("rouge_score.rouge_scorer", reason="needs rouge-score")
    scorer = other.RougeScorer([key])
    hypothesis = "the quick brown fox jumped over a lazy dog and the dog slept"
    reference = "the fast brown fox has jumped over the lazy dog"
    expected = scorer.score(reference, hypothesis)[key].fmeasure
    assert 0 < expected < 1
    assert one(metric, hypothesis, reference) == pytest.approx(expected, abs=1e-12)


def test_rouge_n_reads_marathi_and_irish_and_short_texts():
    for metric in (Rouge1(), Rouge2()):
        assert one(metric, "मराठी भाषा सुंदर आहे।", "मराठी भाषा सुंदर आहे ।") == 1
        assert one(metric, "होय", "होय.") == 1
        assert one(metric, "होय", "नाही") == 0
        assert one(metric, "।", "।") == 1 and one(metric, "", "एक") == 0
    assert one(Rouge1(), "Tá", "Té") == 0
