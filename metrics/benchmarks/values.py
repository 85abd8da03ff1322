"""A run's numbers with their intervals: every F1 there is for labels, the usual ones for texts."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np

from metrics.analyses.settings import Settings
from metrics.automatic import METRICS, Metric
from metrics.automatic.base import FloatArray, ratio
from metrics.automatic.classification import ClassificationF1
from metrics.automatic.degeneracy import degeneracy
from metrics.benchmarks.loading import Answers
from metrics.statistics.intervals import (
    bootstrap_chunks,
    percentile_interval,
    proportion_interval,
)
from models_app.benchmarks.catalogue import Task

BOOTSTRAP, WILSON = "bootstrap over items", "Wilson"
TEXTS = {
    "generation": ("token_f1", "exact_match"),
    "translation": ("chrf", "bleu", "ter"),
    "summarisation": ("rougeL", "chrf"),
}
CHECKS = ("empty", "loops", "script_share")  # of texts that nobody can use


class Value(NamedTuple):
    """A number with its interval; nan and a reason where it is not defined."""

    name: str
    value: float
    low: float
    high: float
    how: str
    n: int
    reason: str = ""


def main_value(task: Task) -> str:
    """The number by which the task is compared."""
    return "accuracy" if task.gives_labels else TEXTS[task.kind][0]


def values_of(task: Task, answers: Answers, settings: Settings) -> list[Value]:
    """Everything the run is told by; not defined without items."""
    if not answers.pairs:
        return [Value(main_value(task), *[np.nan] * 3, "", 0, "the run has no items")]
    if task.gives_labels:
        return _label_values(task, answers, settings)
    return _text_values(task, answers, settings)


def item_scores(task: Task, answers: Answers) -> FloatArray:
    """(items,) what each item adds to the main value: right or wrong, or the text's own score."""
    if task.gives_labels:
        return np.array([float(p.label == p.hypothesis) for p in answers.pairs])
    metric = METRICS.get(main_value(task))()
    return metric.segment_scores(metric.statistics(answers.pairs))


def _label_values(task: Task, answers: Answers, settings: Settings) -> list[Value]:
    pairs = answers.pairs
    gold, chosen = [pair.label for pair in pairs], [pair.hypothesis for pair in pairs]
    n = len(pairs)
    rules = [("accuracy", chosen)]
    if any(answers.by_length):
        rules.append(("accuracy by length", list(answers.by_length)))
    found = []
    for name, labels in rules:
        right = sum(a == b for a, b in zip(gold, labels, strict=True))
        found.append(Value(name, *proportion_interval(right, n), WILSON, n))
    rows = ClassificationF1(labels=task.labels, normalize="none").statistics(pairs)
    phantoms = {p.label for p in degeneracy(gold, chosen).phantom_classes}
    draws = np.concatenate(
        [c @ rows for c in bootstrap_chunks(n, settings.resamples, settings.rng("f1", task.name))]
    )
    estimates, resampled = (f1_variants(s, task, phantoms) for s in (rows.sum(0)[None], draws))
    for name, estimate in estimates.items():
        interval = percentile_interval(float(estimate[0]), resampled[name], settings.coverage)
        reason = "" if np.isfinite(estimate[0]) else "no item of its class, right or chosen"
        found.append(Value(name, *interval, BOOTSTRAP, n, reason))
    return found


def f1_variants(
    sums: FloatArray, task: Task, phantoms: Sequence[str] | set[str] = ()
) -> Mapping[str, FloatArray]:
    """Every F1 of (b, 3 * labels) sums of hits, false alarms and misses; (b,) each.

    macro : mean of the classes that occur; macro without phantoms : without those that hardly have
    a right item; weighted : by right items; binary : of one class, for two classes each of them
    """
    hits, alarms, misses = np.moveaxis(sums.reshape(len(sums), -1, 3), 2, 0)
    scores = ratio(2 * hits, 2 * hits + alarms + misses)
    support = hits + misses
    kept = np.array([label not in phantoms for label in task.labels])
    found = {"macro F1": _mean(scores, np.ones_like(scores))}
    if not kept.all() and kept.any() and phantoms:
        found["macro F1 without phantom classes"] = _mean(
            scores[:, kept], np.ones_like(scores[:, kept])
        )
    found["weighted F1"] = _mean(scores, support)
    named = [task.positive] if task.positive and len(task.labels) > 2 else []
    for label in named or (task.labels if len(task.labels) == 2 else ()):
        found[f"binary F1 of {label}"] = scores[:, task.labels.index(label)]
    return found


def _mean(scores: FloatArray, weights: FloatArray) -> FloatArray:
    known = np.isfinite(scores)
    top = np.where(known, scores * weights, 0.0).sum(axis=1)
    return ratio(top, np.where(known, weights, 0.0).sum(axis=1))


def _text_values(task: Task, answers: Answers, settings: Settings) -> list[Value]:
    found = []
    for name in (*TEXTS[task.kind], *CHECKS):
        metric = METRICS.get(name)()
        rows = metric.statistics(answers.pairs)
        found.append(_with_interval(name, metric, rows, settings))
    return found


def _with_interval(name: str, metric: Metric, rows: FloatArray, settings: Settings) -> Value:
    estimate = metric.score(rows)
    n = len(rows)
    chunks = bootstrap_chunks(n, settings.resamples, settings.rng("texts", name))
    draws = np.concatenate([metric.score_sums(counts @ rows) for counts in chunks])
    interval = percentile_interval(estimate, draws, settings.coverage)
    reason = "" if np.isfinite(estimate) else "no text it could be computed from"
    return Value(name, *interval, f"{BOOTSTRAP}; {metric.signature()}", n, reason)
