import pytest

from common.errors import BadInput
from metrics.automatic import METRICS
from metrics.recipes import build_metric


@pytest.mark.parametrize(
    ("metric", "option", "word", "value"),
    [
        ("bleu", "lowercase", "yes", True),
        ("bleu", "lowercase", "False", False),
        ("chrf", "beta", "3", 3),
        ("embedding", "layer", "-2", -2),
        ("comet", "reference_free", "true", True),
        ("f1_macro", "labels", "yes, no", ["yes", "no"]),
        ("bleu", "normalize", "nfc", "nfc"),
    ],
)
def test_a_word_is_read_as_the_metric_expects(metric, option, word, value):
    from metrics.options import typed

    assert typed(METRICS.get(metric), {option: word}) == {option: value}
    assert typed(METRICS.get(metric), {option: value}) == {option: value}


def test_options_from_a_terminal_make_the_metric():
    assert "case:mixed" in build_metric("bleu", {"lowercase": "no"}).signature()
    assert build_metric("chrf", {"beta": "3"}).scorer.beta == 3
    assert build_metric("f1_macro", {"labels": "b,a"}).fixed_labels == ("b", "a")


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"beta": "two"}, "chrf.beta cannot be 'two'; write a whole number"),
        ({"lowercase": "maybe"}, "chrf.lowercase cannot be 'maybe'; write yes or no"),
        ({"colour": "red"}, "does not take the options colour"),
    ],
)
def test_a_word_that_cannot_be_read_is_named(options, sentence):
    with pytest.raises(BadInput, match=sentence):
        build_metric("chrf", options)
