"""Accuracy, the different F1s, and classifiers that have collapsed."""

import math

import numpy as np
import pytest

from common.errors import BadInput
from metrics.automatic import Accuracy, BinaryF1, ClassificationF1, Pair
from metrics.automatic.classification import accuracy, binary_f1, macro_f1, per_class
from metrics.automatic.degeneracy import degeneracy


def as_pairs(gold: list[str], predicted: list[str]) -> list[Pair]:
    return [Pair("", guess, (truth,)) for truth, guess in zip(gold, predicted, strict=True)]


def test_a_constant_answer_on_three_balanced_classes():
    gold = ["e", "n", "c"] * 1670
    predicted = ["n"] * len(gold)
    assert accuracy(gold, predicted) == pytest.approx(1 / 3)
    assert macro_f1(gold, predicted) == pytest.approx(0.166667, abs=1e-6)
    metric = ClassificationF1()
    assert metric.score(metric.statistics(as_pairs(gold, predicted))) == pytest.approx(1 / 6)
    found = degeneracy(gold, predicted)
    assert found.is_constant and found.near_constant
    assert found.predicted_entropy_bits == 0
    assert found.best_constant_macro_f1 == pytest.approx(1 / 6)


def test_all_positive_and_all_negative_on_two_classes():
    gold = ["B"] * 221 + ["A"] * 223
    assert binary_f1(gold, ["B"] * 444, "B") == pytest.approx(0.664662, abs=1e-6)
    assert binary_f1(gold, ["A"] * 444, "B") == 0
    metric = BinaryF1(positive="B")
    rows = metric.statistics(as_pairs(gold, ["B"] * 444))
    assert metric.score(rows) == pytest.approx(0.664662, abs=1e-6)
    assert "pos:B" in metric.signature()


def test_one_item_of_a_phantom_class_moves_macro_f1_by_a_fifth():
    gold = ["A", "B", "C", "D"] * 593 + ["E"]
    right = list(gold)
    wrong = [*gold[:-1], "A"]
    assert macro_f1(gold, right) - macro_f1(gold, wrong) == pytest.approx(0.20, abs=0.001)
    [phantom] = degeneracy(gold, wrong).phantom_classes
    assert (phantom.label, phantom.support, phantom.predicted) == ("E", 1, 0)
    assert phantom.weight == pytest.approx(0.2)


def test_an_answer_that_is_no_class_becomes_one_unless_labels_are_given():
    gold, predicted = ["A", "B", "A", "B"], ["A", "B", "A", "I think B"]
    pairs = as_pairs(gold, predicted)
    union, fixed = ClassificationF1(), ClassificationF1(labels=["A", "B"])
    assert union.score(union.statistics(pairs)) == pytest.approx((1 + 2 / 3 + 0) / 3)
    assert fixed.score(fixed.statistics(pairs)) == pytest.approx((1 + 2 / 3) / 2)
    assert "labels:A,B" in fixed.signature() and "labels:union" in union.signature()
    assert [p.label for p in degeneracy(gold * 9, predicted * 9).phantom_classes] == ["I think B"]


def test_they_agree_with_scikit_learn():
    sklearn = pytest.importorskip("sklearn.metrics", reason="needs scikit-learn")
    rng = np.random.default_rng(3)
    gold = [str(x) for x in rng.integers(0, 4, 200)]
    predicted = [str(x) for x in rng.integers(0, 3, 200)]
    assert macro_f1(gold, predicted) == pytest.approx(
        sklearn.f1_score(gold, predicted, average="macro"), abs=1e-12
    )
    each = sklearn.f1_score(gold, predicted, average=None)
    assert [item.f1 for item in per_class(gold, predicted)] == pytest.approx(list(each))
    assert accuracy(gold, predicted) == sklearn.accuracy_score(gold, predicted)
    metric = ClassificationF1(labels=["0", "1"])
    assert metric.score(metric.statistics(as_pairs(gold, predicted))) == pytest.approx(
        sklearn.f1_score(gold, predicted, average="macro", labels=["0", "1"])
    )


def test_a_class_never_seen_has_no_binary_f1():
    assert math.isnan(binary_f1(["a", "b"], ["a", "b"], "z"))
    metric = BinaryF1(positive="z")
    rows = metric.statistics(as_pairs(["a", "b"], ["a", "b"]))
    assert math.isnan(metric.score(rows))
    assert list(metric.segment_scores(rows)) == [1, 1]


def test_segment_scores_say_right_or_wrong():
    pairs = as_pairs(["a", "b", "c"], ["a", "c", "c"])
    for metric in (Accuracy(), ClassificationF1()):
        assert list(metric.segment_scores(metric.statistics(pairs))) == [1, 0, 1]


def test_free_texts_are_not_taken_for_labels():
    gold = [f"sentence {i}" for i in range(1001)]
    with pytest.raises(BadInput, match="found 1001 different labels in 1001 segments"):
        ClassificationF1().statistics(as_pairs(gold, gold))


def test_a_pair_may_carry_its_gold_label():
    pair = Pair("", "neutral \n", (), label="neutral")
    assert Accuracy().score(Accuracy().statistics([pair])) == 1


def test_a_good_classifier_is_not_called_degenerate():
    gold = ["a", "b"] * 100
    predicted = ["a", "b"] * 90 + ["b", "a"] * 10
    found = degeneracy(gold, predicted)
    assert not found.is_constant and not found.near_constant
    assert found.phantom_classes == []
    assert found.accuracy == pytest.approx(0.9)
    # two balanced classes: macro F1 behaves like accuracy, so does its error
    assert found.macro_f1_se == pytest.approx(math.sqrt(0.9 * 0.1 / 200), rel=0.02)


def test_without_items_everything_is_undefined():
    found = degeneracy([], [])
    assert math.isnan(found.macro_f1) and math.isnan(found.accuracy)
    assert math.isnan(accuracy([], [])) and math.isnan(macro_f1([], []))
