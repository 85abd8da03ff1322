"""Means over tasks by language, family, script and resource class; every one with its n."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np

from common.language_registry import find_language
from metrics.analyses.settings import Settings
from metrics.automatic.base import FloatArray
from metrics.benchmarks.loading import Comparison
from metrics.benchmarks.values import item_scores, main_value
from metrics.statistics.intervals import percentile_interval

DIMENSIONS = ("language", "family", "script", "resource class")
UNKNOWN = "not in the registry"


class Mean(NamedTuple):
    """A system's mean over the tasks of one group, in the unit of one measure."""

    dimension: str
    group: str
    system: str
    measure: str
    macro: float  # every task weighs the same
    low: float
    high: float
    weighted: float  # every item weighs the same
    n_tasks: int
    n_items: int


def group_means(found: Sequence[Comparison], settings: Settings) -> list[Mean]:
    """Tasks of different measures are never put into one mean."""
    scores: dict[tuple[str, str, str, str], list[FloatArray]] = {}
    for comparison in found:
        measure = main_value(comparison.task)
        groups = groups_of(comparison.task.language)
        for answers in comparison.answers:
            if not answers.pairs:
                continue
            values = item_scores(comparison.task, answers)
            for dimension, group in groups.items():
                key = (dimension, group, measure, answers.run.system.name)
                scores.setdefault(key, []).append(values)
    order = {name: place for place, name in enumerate(DIMENSIONS)}
    return [
        _mean(key, tasks, settings)
        for key, tasks in sorted(scores.items(), key=lambda row: (order[row[0][0]], row[0][1:]))
    ]


def groups_of(tag: str) -> Mapping[str, str]:
    """The language's group in each dimension."""
    known = find_language(tag)
    if known is None:
        return {"language": tag, **dict.fromkeys(DIMENSIONS[1:], UNKNOWN)}
    number = known.resource_class
    return {
        "language": known.name,
        "family": known.family,
        "script": known.script,
        "resource class": UNKNOWN if number is None else str(number),
    }


def _mean(key: tuple[str, str, str, str], tasks: Sequence[FloatArray], settings: Settings) -> Mean:
    dimension, group, measure, system = key
    rng = settings.rng("group", *key)
    draws = np.mean(
        [rng.choice(task, size=(settings.resamples, len(task))).mean(axis=1) for task in tasks],
        axis=0,
    )
    estimate = float(np.mean([task.mean() for task in tasks]))
    interval = percentile_interval(estimate, draws, settings.coverage)
    return Mean(
        dimension, group, system, measure, *interval,
        weighted=float(np.concatenate(tasks).mean()), n_tasks=len(tasks),
        n_items=sum(map(len, tasks)),
    )  # fmt: skip
