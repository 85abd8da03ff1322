"""What an adaptation changed: each adapter against its base, task by task, and on English.

Changes are the adapter minus its base on the same items, in the unit of the task's main value.
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np

from metrics.analyses.settings import Settings
from metrics.automatic.base import FloatArray
from metrics.benchmarks.loading import Answers, Comparison
from metrics.benchmarks.values import item_scores, main_value
from metrics.statistics.intervals import mean_intervals, percentile_interval
from metrics.statistics.mcnemar import mcnemar_exact
from metrics.statistics.significance import holm, sign_flip_test
from metrics.statistics.types import NAN

NONE_TOGETHER = "no English task was run with both"


class Change(NamedTuple):
    """One task of one adaptation; nan with a reason where there is nothing to test."""

    base: str
    adapter: str
    comparison: Comparison
    measure: str
    n: int
    before: float
    after: float
    delta: float
    low: float
    high: float
    gained: int  # items only the adapter has right; for texts: better ones
    lost: int
    p: float
    p_adjusted: float  # Holm, over the tasks of this adaptation
    test: str
    reason: str = ""


class Retention(NamedTuple):
    """What became of the model's English: the mean change over the English tasks of labels."""

    base: str
    adapter: str
    n_tasks: int
    n_items: int
    delta: float
    low: float
    high: float
    reason: str = ""


def changes(found: Sequence[Comparison], settings: Settings) -> list[Change]:
    """Every adapter that was asked the same as its bare base, p-values by Holm over its tasks."""
    rows = [row for comparison in found for row in _of_task(comparison, settings)]
    adjusted: list[Change] = []
    for pair in dict.fromkeys((row.base, row.adapter) for row in rows):
        mine = [row for row in rows if (row.base, row.adapter) == pair]
        corrected = holm([row.p for row in mine])
        adjusted += [
            row._replace(p_adjusted=float(p)) for row, p in zip(mine, corrected, strict=True)
        ]
    return adjusted


def _of_task(comparison: Comparison, settings: Settings) -> Iterator[Change]:
    for base, adapted in adaptations(comparison):
        before, after = _on_common_items(comparison, base, adapted)
        yield _change(comparison, base, adapted, before, after, settings)


def adaptations(comparison: Comparison) -> Iterator[tuple[Answers, Answers]]:
    """Pairs of a bare checkpoint and an adapter on it, with the same template."""
    for adapted in comparison.answers:
        system = adapted.run.system
        if system.adapter_id is None:
            continue
        for base in comparison.answers:
            other = base.run.system
            if other.adapter_id is None and other.checkpoint_id == system.checkpoint_id:
                yield base, adapted


def _on_common_items(
    comparison: Comparison, base: Answers, adapted: Answers
) -> tuple[FloatArray, FloatArray]:
    scores = [item_scores(comparison.task, side) for side in (base, adapted)]
    places = [
        dict(zip(side.positions, score, strict=True))
        for side, score in zip((base, adapted), scores, strict=True)
    ]
    common = sorted(set(places[0]) & set(places[1]))
    return tuple(np.array([side[place] for place in common]) for side in places)  # type: ignore[return-value]


def _change(
    comparison: Comparison,
    base: Answers,
    adapted: Answers,
    before: FloatArray,
    after: FloatArray,
    settings: Settings,
) -> Change:
    deltas = after - before
    name = comparison.task.name
    low, high = NAN, NAN
    if len(deltas) >= 2:
        interval = mean_intervals(
            deltas[:, None], rng=settings.rng("change", name), resamples=settings.resamples
        )[0]
        low, high = interval.low, interval.high
    p, test, reason = _tested(comparison, before, after, settings)
    return Change(
        base=base.run.system.name,
        adapter=adapted.run.system.name,
        comparison=comparison,
        measure=main_value(comparison.task),
        n=len(deltas),
        before=float(before.mean()) if len(before) else NAN,
        after=float(after.mean()) if len(after) else NAN,
        delta=float(deltas.mean()) if len(deltas) else NAN,
        low=low,
        high=high,
        gained=int((deltas > 0).sum()),
        lost=int((deltas < 0).sum()),
        p=p,
        p_adjusted=NAN,
        test=test,
        reason=reason,
    )


def _tested(
    comparison: Comparison, before: FloatArray, after: FloatArray, settings: Settings
) -> tuple[float, str, str]:
    if comparison.task.gives_labels:
        found = mcnemar_exact(before, after)
        return found.p, "McNemar, exact", found.reason
    if not len(before):
        return NAN, "sign flips", "no item in common"
    p = sign_flip_test(
        after - before,
        rng=settings.rng("flips", comparison.task.name),
        resamples=settings.permutations,
    )
    return float(p[0]), "sign flips", ""


def retention(found: Sequence[Comparison], settings: Settings) -> list[Retention]:
    """The English row of every adaptation that was run anywhere; obligatory, so never left out."""
    pairs = dict.fromkeys(
        (base.run.system.name, adapted.run.system.name)
        for comparison in found
        for base, adapted in adaptations(comparison)
    )
    english = [c for c in found if c.task.english and c.task.gives_labels]
    return [_retained(pair, english, settings) for pair in pairs]


def _retained(
    pair: tuple[str, str], english: Sequence[Comparison], settings: Settings
) -> Retention:
    deltas = []
    for comparison in english:
        for base, adapted in adaptations(comparison):
            if (base.run.system.name, adapted.run.system.name) == pair:
                before, after = _on_common_items(comparison, base, adapted)
                if len(before):
                    deltas.append(after - before)
    if not deltas:
        return Retention(*pair, 0, 0, NAN, NAN, NAN, NONE_TOGETHER)
    rng = settings.rng("retention", *pair)
    draws = np.mean(
        [rng.choice(task, size=(settings.resamples, len(task))).mean(axis=1) for task in deltas],
        axis=0,
    )
    estimate = float(np.mean([task.mean() for task in deltas]))
    interval = percentile_interval(estimate, draws, settings.coverage)
    return Retention(*pair, len(deltas), sum(map(len, deltas)), *interval)
