"""Accuracy and F1 of predicted labels. Which F1 it is, binary or macro, is in the name.

The output is the predicted label; the gold label is `Pair.label`, or else the first reference.
Labels are compared after the chosen normalisation and without white space at the ends.
"""

from collections.abc import Sequence
from typing import ClassVar, NamedTuple

import numpy as np

from common.errors import BadInput
from metrics.automatic import METRICS
from metrics.automatic.base import EVERY_CHECK, FloatArray, MeanMetric, Metric, Pair, ratio

MOST_LABELS = 1000  # a row has three numbers per label; free texts would fill the memory


class ClassScore(NamedTuple):
    """One class: precision, recall and F1 (0-1, nan where undefined) and two counts."""

    label: str
    precision: float
    recall: float
    f1: float
    support: int  # items whose gold label it is
    predicted: int  # items given this label


def label_set(gold: Sequence[str], predicted: Sequence[str]) -> tuple[str, ...]:
    """Every label that occurs on either side, sorted."""
    return tuple(sorted({*gold, *predicted}))


def confusion(gold: Sequence[str], predicted: Sequence[str], labels: Sequence[str]) -> FloatArray:
    """(L, L) counts, gold by row and prediction by column, in the order of `labels`."""
    _same_length(gold, predicted)
    place = {label: i for i, label in enumerate(labels)}
    table = np.zeros((len(labels), len(labels)))
    for truth, guess in zip(gold, predicted, strict=True):
        table[place[truth], place[guess]] += 1
    return table


def per_class(gold: Sequence[str], predicted: Sequence[str]) -> list[ClassScore]:
    """Scores of every class that is gold or predicted somewhere, sorted by label."""
    labels = label_set(gold, predicted)
    table = confusion(gold, predicted, labels)
    hits, support, guessed = np.diag(table), table.sum(axis=1), table.sum(axis=0)
    columns = (ratio(hits, guessed), ratio(hits, support), ratio(2 * hits, support + guessed))
    return [
        ClassScore(label, float(p), float(r), float(f), int(s), int(g))
        for label, p, r, f, s, g in zip(labels, *columns, support, guessed, strict=True)
    ]


def accuracy(gold: Sequence[str], predicted: Sequence[str]) -> float:
    """Share of equal labels, 0-1; nan without items."""
    _same_length(gold, predicted)
    return float(np.mean(np.array(gold) == np.array(predicted))) if gold else float("nan")


def macro_f1(gold: Sequence[str], predicted: Sequence[str]) -> float:
    """Unweighted mean F1 of all classes that are gold or predicted, 0-1; nan without items.

    A class with a single item weighs as much as one with a thousand: see `degeneracy`.
    """
    scores = [item.f1 for item in per_class(gold, predicted)]
    return float(np.mean(scores)) if scores else float("nan")


def binary_f1(gold: Sequence[str], predicted: Sequence[str], positive: str) -> float:
    """F1 of one class, 0-1; nan when that class is neither gold nor predicted."""
    found = {item.label: item.f1 for item in per_class(gold, predicted)}
    return found.get(positive, float("nan"))


def _same_length(gold: Sequence[str], predicted: Sequence[str]) -> None:
    if len(gold) != len(predicted):
        raise ValueError(f"{len(gold)} gold labels but {len(predicted)} predictions")


class LabelMetric(Metric):
    """A metric over labels; `normalize` is applied to both sides."""

    unit = "share, 0-1"
    maximum = 1.0
    best: ClassVar[float | None] = 1.0
    exempt = EVERY_CHECK

    def __init__(self, *, normalize: str = "nfc") -> None:
        super().__init__(normalize=normalize)

    def labels_of(self, pair: Pair) -> tuple[str, str]:
        """(gold, predicted) as they are compared."""
        gold = pair.label or pair.references[0]
        return self.clean(gold).strip(), self.clean(pair.hypothesis).strip()

    def check(self, pairs: Sequence[Pair]) -> None:
        for position, pair in enumerate(pairs, start=1):
            if not pair.label and not pair.references:
                raise BadInput(
                    f"segment {position} of {len(pairs)} has neither a label nor a reference; "
                    f"{self.label} compares the output with its gold label"
                )


@METRICS.register("accuracy")
class Accuracy(LabelMetric, MeanMetric):
    """Share of predicted labels equal to the gold label, 0-1, higher is better."""

    name = "accuracy"
    label = "Accuracy"

    def row(self, pair: Pair) -> Sequence[float]:
        gold, predicted = self.labels_of(pair)
        return (float(gold == predicted), 1.0)

    def signature(self) -> str:
        return self.signed(case="mixed", strip="yes")


@METRICS.register("f1_macro")
class ClassificationF1(LabelMetric):
    """Unweighted mean of the classes' F1, 0-1, higher is better.

    Rows: for each label in order, hit, false alarm and miss. A class that is absent from a
    selection, gold and predicted, does not count in its mean. A segment's own score is 1 when
    the label is right, else 0.

    Parameters
    ----------
    labels : the classes to average over; all that occur (gold or predicted) when empty. With a
        list, an answer outside it is a miss of its gold class and no class of its own.
    """

    name = "f1_macro"
    label = "Macro F1"

    @classmethod
    def fits(cls, n_columns: int) -> bool:
        return n_columns > 0 and n_columns % 3 == 0

    def __init__(self, *, labels: Sequence[str] = (), normalize: str = "nfc") -> None:
        super().__init__(normalize=normalize)
        self.fixed_labels = tuple(self.clean(label).strip() for label in labels)

    def statistics(self, pairs: Sequence[Pair]) -> FloatArray:
        self.check(pairs)
        sides = [self.labels_of(pair) for pair in pairs]
        labels = self.fixed_labels or tuple(sorted({label for side in sides for label in side}))
        if len(labels) > MOST_LABELS:
            raise BadInput(
                f"{self.label} found {len(labels)} different labels in {len(pairs)} segments, "
                f"more than {MOST_LABELS}: these look like texts; name the classes with the "
                "option `labels`, or choose a metric for texts"
            )
        place = {label: 3 * i for i, label in enumerate(labels)}
        rows = np.zeros((len(pairs), 3 * len(labels)))
        for row, (gold, predicted) in zip(rows, sides, strict=True):
            if gold == predicted and gold in place:
                row[place[gold]] = 1
            elif gold != predicted:
                for label, kind in ((predicted, 1), (gold, 2)):
                    if label in place:
                        row[place[label] + kind] = 1
        return rows

    def score_sums(self, sums: FloatArray) -> FloatArray:
        hits, alarms, misses = np.moveaxis(sums.reshape(len(sums), -1, 3), 2, 0)
        scores = ratio(2 * hits, 2 * hits + alarms + misses)
        present = ~np.isnan(scores)
        return ratio(np.where(present, scores, 0.0).sum(axis=1), present.sum(axis=1).astype(float))

    def signature(self) -> str:
        labels = ",".join(self.fixed_labels) or "union"
        return self.signed(avg="macro", labels=labels, case="mixed", strip="yes")


@METRICS.register("f1_binary")
class BinaryF1(LabelMetric):
    """F1 of the positive class, 0-1, higher is better; nan when that class never occurs.

    Rows: hit, false alarm, miss, correct rejection. A segment's own score is 1 when the label
    is on the right side, else 0.

    Parameters
    ----------
    positive : the label that counts as positive; part of the signature
    """

    name = "f1_binary"
    label = "Binary F1"
    n_columns = 4

    def __init__(self, *, positive: str = "1", normalize: str = "nfc") -> None:
        super().__init__(normalize=normalize)
        self.positive = self.clean(positive).strip()

    def row(self, pair: Pair) -> Sequence[float]:
        gold, predicted = (label == self.positive for label in self.labels_of(pair))
        cells = (gold and predicted, predicted and not gold, gold and not predicted)
        return (*map(float, cells), float(not gold and not predicted))

    def score_sums(self, sums: FloatArray) -> FloatArray:
        hits, alarms, misses = sums[:, 0], sums[:, 1], sums[:, 2]
        return ratio(2 * hits, 2 * hits + alarms + misses)

    def segment_scores(self, statistics: FloatArray) -> FloatArray:
        return statistics[:, 0] + statistics[:, 3]

    def signature(self) -> str:
        return self.signed(avg="binary", pos=self.positive, case="mixed", strip="yes")
