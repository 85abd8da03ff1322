"""The comparison of systems on benchmarks as plain data, for the page and for files."""

import hashlib
import math
from collections.abc import Sequence
from typing import Any

from django.core.cache import cache

from metrics.analyses.settings import Settings
from metrics.automatic.label_report import label_report
from metrics.benchmarks.changes import changes, retention
from metrics.benchmarks.groups import group_means
from metrics.benchmarks.loading import Answers, Comparison, Frame
from metrics.benchmarks.values import main_value, values_of

RECIPE = 1  # raised whenever our arithmetic would give another number
KEPT_SECONDS = 24 * 3600
RECIPES = {
    "accuracy": "share of right labels; Wilson's interval",
    "f1": "from hits, false alarms and misses of each class; percentile bootstrap over items",
    "texts": "the measuring room's metrics under their signatures; percentile bootstrap over items",
    "change": (
        "adapter minus base on the same items, of texts the mean of the items' own scores; "
        "percentile bootstrap over items"
    ),
    "test": "labels: exact McNemar; texts: sign flips; Holm over the tasks of one adaptation",
    "retention": "mean change of accuracy over the English tasks with labels, every task alike",
    "means": "macro: every task alike; weighted: every item alike; never over different measures",
}
Plain = dict[str, Any]


def kept_report(frame: Frame, found: Sequence[Comparison]) -> Plain:
    """`report` from the cache where these very runs were compared before."""
    measured = (answers.run for comparison in found for answers in comparison.answers)
    runs = sorted((run.pk, str(run.finished_at)) for run in measured)  # keys alone may come again
    told = f"{RECIPE} {frame.slug} {runs}".encode()
    key = f"benchmarks-{hashlib.sha256(told).hexdigest()}"
    if (known := cache.get(key)) is None:
        known = report(frame, found)
        cache.set(key, known, KEPT_SECONDS)
    return known


def report(frame: Frame, found: Sequence[Comparison], settings: Settings | None = None) -> Plain:
    """Everything; undefined numbers are None, with the reason beside them."""
    chosen = settings or Settings()
    return {
        "source": frame.source,
        "settings": dict(frame.settings),
        "seed": chosen.seed,
        "resamples": chosen.resamples,
        "recipes": RECIPES,
        "tasks": [_task(comparison, chosen) for comparison in found],
        "changes": [_change(row) for row in changes(found, chosen)],
        "retention": [_plain(row._asdict()) for row in retention(found, chosen)],
        "means": [_plain(row._asdict()) for row in group_means(found, chosen)],
    }


def _task(comparison: Comparison, settings: Settings) -> Plain:
    task = comparison.task
    return {
        "name": task.name,
        "label": task.label,
        "kind": task.kind,
        "language": task.language,
        "english": task.english,
        "main": main_value(task),
        "data_hash": comparison.data_hash,
        "systems": [_system(comparison, answers, settings) for answers in comparison.answers],
    }


def _system(comparison: Comparison, answers: Answers, settings: Settings) -> Plain:
    name = answers.run.system.name
    labels = None
    if comparison.task.gives_labels:
        gold = [pair.label for pair in answers.pairs]
        labels = label_report(name, gold, [pair.hypothesis for pair in answers.pairs])
    return {
        "system": name,
        "run": answers.run.pk,
        "n": len(answers.pairs),
        "values": [
            _plain(value._asdict()) for value in values_of(comparison.task, answers, settings)
        ],
        "labels": labels,
    }


def _change(row: Any) -> Plain:
    task = row.comparison.task
    told = {name: value for name, value in row._asdict().items() if name != "comparison"}
    return {"task": task.name, "label": task.label, "english": task.english, **_plain(told)}


def _plain(row: Plain) -> Plain:
    return {
        name: None if isinstance(value, float) and not math.isfinite(value) else value
        for name, value in row.items()
    }
