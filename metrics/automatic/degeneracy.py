"""Has a classifier collapsed? What a constant answer would score, and which classes mislead.

A macro F1 near that of a constant answer says nothing about reasoning; one item of a class
that hardly exists can move it by 1 / number of classes.
"""

import math
from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from metrics.automatic.base import FloatArray, ratio
from metrics.automatic.classification import confusion, label_set


class PhantomClass(NamedTuple):
    """A class with next to no gold items that still has a full share in macro F1."""

    label: str
    support: int
    predicted: int
    weight: float  # its share in the mean, 1 / number of classes


class Degeneracy(NamedTuple):
    """What stands beside an F1; all scores 0-1, nan without items."""

    n: int
    accuracy: float
    macro_f1: float
    macro_f1_se: float  # jackknife standard error
    gold_counts: dict[str, int]
    predicted_counts: dict[str, int]
    predicted_entropy_bits: float  # 0 when every answer is the same
    majority_label: str
    majority_accuracy: float
    constant_macro_f1: dict[str, float]  # macro F1 of always answering this label
    best_constant_macro_f1: float
    is_constant: bool
    near_constant: bool  # macro F1 within one standard error of the best constant answer
    phantom_classes: list[PhantomClass]


def degeneracy(gold: Sequence[str], predicted: Sequence[str]) -> Degeneracy:
    """Compare predictions with constant answers.

    A class is a phantom when at most one gold item, or at most 1 % of them, belongs to it.
    Source for the standard error: Efron and Tibshirani (1993), eq. 11.5 (jackknife).
    """
    labels = label_set(gold, predicted)
    table = confusion(gold, predicted, labels)
    gold_counts, predicted_counts = Counter(gold), Counter(predicted)
    n = len(gold)
    constants = {label: _constant_f1(gold_counts, label, n) for label in gold_counts}
    best = max(constants.values(), default=math.nan)
    score, error = _macro(table), _jackknife_error(table)
    majority = min(gold_counts, key=lambda label: (-gold_counts[label], label), default="")
    return Degeneracy(
        n=n,
        accuracy=float(np.trace(table) / n) if n else math.nan,
        macro_f1=score,
        macro_f1_se=error,
        gold_counts=dict(sorted(gold_counts.items())),
        predicted_counts=dict(sorted(predicted_counts.items())),
        predicted_entropy_bits=_entropy(predicted_counts),
        majority_label=majority,
        majority_accuracy=gold_counts[majority] / n if n else math.nan,
        constant_macro_f1=dict(sorted(constants.items())),
        best_constant_macro_f1=best,
        is_constant=len(predicted_counts) == 1,
        near_constant=score <= best + (0.0 if math.isnan(error) else error),
        phantom_classes=_phantoms(labels, gold_counts, predicted_counts),
    )


def _macro(table: FloatArray) -> float:
    scores = ratio(2 * np.diag(table), table.sum(axis=0) + table.sum(axis=1))
    return float(np.nanmean(scores)) if table.sum() else math.nan


def _jackknife_error(table: FloatArray) -> float:
    """Leave one item out; items in one cell are alike, so each cell is tried once."""
    n = table.sum()
    if n < 2:
        return math.nan
    cells = np.argwhere(table > 0)
    weights = table[table > 0]
    without = np.empty(len(cells))
    for i, cell in enumerate(map(tuple, cells)):
        table[cell] -= 1
        without[i] = _macro(table)
        table[cell] += 1
    mean = np.sum(weights * without) / n
    return math.sqrt((n - 1) / n * float(np.sum(weights * (without - mean) ** 2)))


def _constant_f1(gold_counts: Counter[str], label: str, n: int) -> float:
    support = gold_counts[label]
    return 2 * support / (n + support) / len(gold_counts)


def _entropy(counts: Counter[str]) -> float:
    total = counts.total()
    shares = [count / total for count in counts.values()]
    return -sum(share * math.log2(share) for share in shares) + 0.0 if total else math.nan


def _phantoms(
    labels: Sequence[str], gold_counts: Counter[str], predicted_counts: Counter[str]
) -> list[PhantomClass]:
    few = max(1.0, 0.01 * gold_counts.total())
    return [
        PhantomClass(label, gold_counts[label], predicted_counts[label], 1 / len(labels))
        for label in labels
        if gold_counts[label] <= few
    ]
