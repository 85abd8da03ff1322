"""The doctor finds the famous failures, and nothing wrong with metrics that are well."""

import re
import string
from collections import Counter
from typing import Any

import pytest

from metrics.automatic import (
    BLEU,
    TER,
    Accuracy,
    BLEUIntl,
    ChrF,
    ChrFPlusPlus,
    ExactMatch,
    LengthRatio,
    Metric,
    RougeL,
    TokenF1,
)
from metrics.automatic.base import MeanMetric
from metrics.automatic.doctor import CHECKS, DOES_NOT_APPLY, FAILED, PASSED, choose_texts, examine

MARATHI = [
    "मराठी भाषा सुंदर आहे आणि ती मला फार आवडते।",
    "दुसऱ्या दिवशी आम्ही सगळे मिळून शाळेत गेलो।",
    "पुण्याच्या बाजारात आज खूप गर्दी होती म्हणून तो आला नाही।",
]
HINDI = ["वह क़लम मेज़ पर रखी है और किताब अलमारी में है।", "बारिश के बाद सड़क पर बहुत पानी भर गया था।"]
IRISH = [
    "Tá a mháthair ag obair sa chathair agus níl sí anseo inniu",
    "D'fhéach sé ar an mbord ach ní raibh aon rud ann dó",
]
ENGLISH = ["The cat sat on the mat because it was tired of walking", "A dog ran home."]


class Wrapped(MeanMetric):
    """A scorer made elsewhere, for the doctor to look at."""

    label, unit = "somebody's metric", "share, 0-1"

    def signature(self) -> str:
        return self.signed()


class OthersRouge(Wrapped):
    """ROUGE-L by the usual package and its own tokenizer."""

    name = "others_rouge"

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        other = pytest.importorskip("rouge_score.rouge_scorer", reason="needs rouge-score")
        self.scorer = other.RougeScorer(["rougeL"])

    def compare(self, hypothesis: str, reference: str) -> float:
        return float(self.scorer.score(reference, hypothesis)["rougeL"].fmeasure)


class OthersF1(Wrapped):
    """Token F1 with the answer normalisation of the usual script (Rajpurkar et al., 2016)."""

    name = "others_f1"

    def compare(self, hypothesis: str, reference: str) -> float:
        sides = [Counter(self._words(text)) for text in (hypothesis, reference)]
        common = (sides[0] & sides[1]).total()
        return 2 * common / max(1, sides[0].total() + sides[1].total())

    def _words(self, text: str) -> list[str]:
        text = "".join(c for c in text.lower() if c not in string.punctuation)
        return re.sub(r"\b(a|an|the)\b", " ", text).split()


class PythonWords(Wrapped):
    r"""Overlap of `\w+`, which falls apart at every vowel sign."""

    name = "python_words"

    def compare(self, hypothesis: str, reference: str) -> float:
        sides = [Counter(re.findall(r"\w+", text)) for text in (hypothesis, reference)]
        return 2 * (sides[0] & sides[1]).total() / max(1, sides[0].total() + sides[1].total())


def states(metric: Metric, texts: list[str], language: str) -> dict[str, str]:
    return {finding.check: finding.state for finding in examine(metric, texts, language)}


def failures(metric: Metric, texts: list[str], language: str) -> set[str]:
    found = states(metric, texts, language)
    return {check for check, state in found.items() if state == FAILED}


def finding(metric: Metric, texts: list[str], language: str, check: str) -> Any:
    return next(found for found in examine(metric, texts, language) if found.check == check)


def test_the_usual_rouge_is_caught_on_marathi():
    found = finding(OthersRouge(), MARATHI, "mr", "identity")
    assert (found.state, found.serious) == (FAILED, True)
    assert found.numbers == {"texts": 3, "itself": 0, "best": 1}
    assert "the tokenizer drops letters of this script" in found.cause
    assert "tokens=unicode" in found.fix
    assert {"half", "script", "marks_lost", "unseen_words"} <= failures(
        OthersRouge(), MARATHI, "mr"
    )


def test_the_usual_rouge_is_caught_on_irish_though_a_text_is_best_beside_itself():
    found = finding(OthersRouge(), ["Tá sé ann"], "ga", "marks_changed")
    assert found.state == FAILED
    assert found.numbers["changed"] == found.numbers["itself"] == 1
    assert states(OthersRouge(), ["Tá sé ann"], "ga")["identity"] == PASSED


def test_the_usual_rouge_is_well_in_english():
    assert failures(OthersRouge(), ENGLISH, "en") == set()


def test_words_that_end_at_vowel_signs_are_caught():
    assert "marks_changed" in failures(PythonWords(), MARATHI, "mr")


def test_an_f1_that_deletes_irish_words_as_english_articles_is_caught():
    found = finding(OthersF1(), IRISH, "ga", "unseen_words")
    assert found.state == FAILED and found.cause.endswith(": a")
    assert "articles=none" in found.fix
    assert finding(TokenF1(articles="en"), IRISH, "ga", "unseen_words").state == FAILED
    assert finding(TokenF1(articles="ga"), IRISH, "ga", "unseen_words").state == PASSED
    assert finding(OthersF1(), ENGLISH, "en", "unseen_words").state == PASSED


def test_the_danda_is_caught_with_13a_and_named_with_its_cure():
    found = finding(BLEU(), MARATHI, "mr", "danda")
    assert (found.state, found.serious) == (FAILED, False)
    assert found.fix == "give the metric the option tokenize=intl"
    assert finding(ChrFPlusPlus(), MARATHI, "mr", "danda").fix.endswith("normalize=devanagari")
    assert finding(RougeL(tokens="whitespace"), MARATHI, "mr", "danda").fix.endswith(
        "tokens=unicode"
    )
    assert found.numbers["changed"] < 95 < found.numbers["itself"]
    assert finding(BLEUIntl(), MARATHI, "mr", "danda").state == PASSED
    assert finding(BLEU(normalize="devanagari"), MARATHI, "mr", "danda").state == PASSED


@pytest.mark.parametrize("metric", [BLEU(), BLEUIntl(), ChrF(), TER(), RougeL(), TokenF1()])
@pytest.mark.parametrize(
    ("texts", "language"), [(MARATHI, "mr"), (HINDI, "hi"), (IRISH, "ga"), (ENGLISH, "en")]
)
def test_our_metrics_read_every_language(metric: Metric, texts: list[str], language: str):
    serious = {found.check for found in examine(metric, texts, language) if found.serious}
    assert failures(metric, texts, language) & serious == set()


@pytest.mark.parametrize(
    ("check", "texts", "language", "cure"),
    [
        ("normal_form", IRISH, "ga", "nfc"),
        ("nukta", HINDI, "hi", "nfc"),
        ("eyelash_ra", MARATHI, "mr", "marathi"),
        ("joiners", ["हा शब्द क्\u200dष आहे"], "mr", "marathi"),
        ("danda", HINDI, "hi", "devanagari"),
        ("apostrophe", IRISH, "ga", "irish"),
    ],
)
def test_spellings_nobody_sees_are_found_and_the_cure_is_tried(check, texts, language, cure):
    found = finding(TER(), texts, language, check)
    assert (found.state, found.serious) == (FAILED, False)
    assert found.fix == f"give the metric the option normalize={cure}"
    assert finding(TER(normalize=cure), texts, language, check).state == PASSED


def test_what_a_language_does_not_need_does_not_apply():
    found = states(ChrF(), ENGLISH, "en")
    assert {"danda", "nukta", "eyelash_ra", "joiners", "apostrophe"} <= {
        check for check, state in found.items() if state == DOES_NOT_APPLY
    }
    assert finding(ChrF(), ["The cat is here"], "en", "marks_lost").cause == (
        "no text of the sample has diacritics or vowel signs"
    )


def test_a_metric_answers_only_for_what_it_promises():
    assert set(states(Accuracy(), MARATHI, "mr").values()) == {DOES_NOT_APPLY}
    assert set(states(LengthRatio(), MARATHI, "mr").values()) == {DOES_NOT_APPLY}
    assert states(ExactMatch(), MARATHI, "mr")["order"] == DOES_NOT_APPLY
    assert failures(ExactMatch(), MARATHI, "mr") <= {"eyelash_ra"}


def test_a_score_that_drowns_in_one_error_is_caught():
    class AllOrNothing(Wrapped):
        name = "all_or_nothing"

        def compare(self, hypothesis: str, reference: str) -> float:
            return float(hypothesis == reference)

    found = finding(AllOrNothing(), MARATHI, "mr", "order")
    assert found.state == FAILED and found.numbers["word_costs"] == 1


def test_without_texts_nothing_applies():
    assert set(states(ChrF(), [], "mr").values()) == {DOES_NOT_APPLY}


def test_the_metric_itself_is_not_touched():
    metric = BLEU()
    metric.n_references = "2"
    before = metric.signature()
    examine(metric, MARATHI, "mr")
    assert metric.signature() == before


def test_the_sample_holds_what_the_checks_need():
    many = [f"वाक्य क्रमांक {n} येथे आहे" for n in range(300)]
    many[217] = MARATHI[1]
    chosen = choose_texts(many, "mr")
    assert len(chosen) == 20 == len(set(chosen)) and MARATHI[1] in chosen
    assert choose_texts(["एक", "एक", ""], "mr") == ["एक"]
    long = choose_texts(["शब्द " * 100], "mr")[0]
    assert len(long.split()) == 40


def test_every_check_says_what_must_hold():
    assert len(CHECKS.names()) == 13
    labels = [kind.label for _, kind in CHECKS.items()]
    assert len(set(labels)) == len(labels)
