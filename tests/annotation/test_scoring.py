"""Penalties by the published rules, and the numbers of the MQM workbook done right."""

import pytest

from annotation.protocols import PROTOCOLS
from annotation.scoring import ADAPTMLLM, GOOGLE, Error, mqm_penalty, mqm_sentence_score

MAJOR = Error("Major", "Accuracy/Mistranslation")
MINOR = Error("Minor", "Fluency/Grammar")
NON_TRANSLATION = Error("Major", "Non-translation!")


@pytest.mark.parametrize(
    "n_words, errors, expected",
    [
        (20, [MAJOR, MINOR], 45.0),
        (15, [MAJOR, MAJOR], -33.33),
        (10, [], 100.0),
        (12, [NON_TRANSLATION], -108.33),
        (5, [MAJOR], -100.0),
    ],
)
def test_sentence_scores_of_the_workbook(
    n_words: int, errors: list[Error], expected: float
) -> None:
    penalty = mqm_penalty(errors, ADAPTMLLM)
    assert mqm_sentence_score(penalty, n_words) == pytest.approx(expected, abs=0.005)


def test_a_sentence_without_words_has_no_score() -> None:
    with pytest.raises(ValueError, match="at least one word"):
        mqm_sentence_score(0, 0)


@pytest.mark.parametrize(
    "severity, category, google, adaptmllm",
    [
        ("Major", "Accuracy/Omission", 5.0, 10.0),
        ("critical", "Style/Awkward", 5.0, 10.0),
        ("minor", "Style/Awkward", 1.0, 1.0),
        ("Minor", "Fluency/Punctuation", 0.1, 1.0),
        ("MINOR", "fluency / PUNCTUATION", 0.1, 1.0),
        ("minor", "Fluency/Punctuation/Comma", 0.1, 1.0),
        ("major", "Fluency/Punctuation", 5.0, 10.0),
        ("neutral", "Source error", 0.0, 0.0),
        ("Major", "Non-translation!", 25.0, 25.0),
        ("minor", "non-translation", 25.0, 25.0),
        ("unknown", "Other", 0.0, 0.0),
        ("Major", "", 5.0, 10.0),
    ],
)
def test_the_most_specific_weight_wins(
    severity: str, category: str, google: float, adaptmllm: float
) -> None:
    assert GOOGLE.penalty(severity, category) == google
    assert ADAPTMLLM.penalty(severity, category) == adaptmllm


def test_a_non_translation_overrides_every_other_error() -> None:
    assert mqm_penalty([MAJOR, NON_TRANSLATION, MINOR]) == 25.0


def test_a_sum_of_tenths_does_not_depend_on_the_order() -> None:
    comma = Error("Minor", "Fluency/Punctuation")
    assert mqm_penalty([comma] * 3) == 0.3
    assert mqm_penalty([comma, MAJOR, comma]) == mqm_penalty([comma, comma, MAJOR]) == 5.2


def test_no_error_costs_nothing() -> None:
    assert mqm_penalty([]) == 0.0


def test_the_protocol_scores_under_the_profile_of_its_campaign() -> None:
    error = {"severity": "Major", "category": "Style", "start": 0, "end": 3, "quoted": "The"}
    answer = {"outputs": {"0": {"errors": [error]}}}
    for weights, penalty in [("google", 5.0), ("adaptmllm", 10.0)]:
        protocol = PROTOCOLS.get("mqm")({"weights": weights})
        checked = protocol.check_answer(answer, 1)
        assert [score.value for score in protocol.scores(checked.answer, 1)] == [penalty]
