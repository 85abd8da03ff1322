"""Two systems, such as a base model and its adapter: what metrics and people say of the difference.

Over two systems a correlation is 1 or -1 and pairwise accuracy one coin.  What still means
something are the differences segment by segment: tested on both sides, and held together.
Differences are the first system minus the second, oriented so that above zero the first is better.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from metrics.analyses.baselines import is_baseline
from metrics.analyses.frame import FloatArray, Frame
from metrics.analyses.pairs import pair_table, system_pairs
from metrics.analyses.settings import Settings
from metrics.analyses.sides import about, oriented
from metrics.analyses.values import MetricValues
from metrics.statistics import (
    acc_eq_interval,
    correlation_intervals,
    effect_size,
    signed_rank_test,
    soft_pairwise_interval,
)

MOST_PAIRS = 3  # pairs of systems; with more, the tables of all systems say more
CORRELATIONS = ("pearson", "kendall_b")


def pairs_shown(frame: Frame) -> list[tuple[int, int]]:
    """Pairs that are no person's text, where there are few of them; none otherwise."""
    pairs = [pair for pair in system_pairs(frame) if not frame.is_human[list(pair)].any()]
    return pairs if len(pairs) <= MOST_PAIRS else []


def two_system_table(
    frame: Frame, metrics: Sequence[MetricValues], settings: Settings
) -> list[dict[str, Any]] | None:
    """One row per pair and metric or baseline; None where systems are many or alone."""
    pairs = pairs_shown(frame)
    if not pairs or not metrics:
        return None
    # The very tests of the verdict table, of the baselines too: the same draws, the same numbers.
    tested = {
        (row["system_a"], row["system_b"], row["metric"]): row
        for row in pair_table(frame, metrics, settings)
    }
    return [row for pair in pairs for row in _rows(frame, pair, metrics, tested, settings)]


def _rows(
    frame: Frame,
    pair: tuple[int, int],
    metrics: Sequence[MetricValues],
    tested: Mapping[tuple[str, str, str], Mapping[str, Any]],
    settings: Settings,
) -> Iterator[dict[str, Any]]:
    a, b = pair
    human = frame.direction * frame.deltas(a, b)
    # Equal differences must stay equal, or ranks tell them apart by their last bit.
    metric_deltas = [
        np.round(oriented(metric)[:, a] - oriented(metric)[:, b], 10) for metric in metrics
    ]
    columns = np.stack(
        [human, *(np.where(np.isfinite(human), deltas, np.nan) for deltas in metric_deltas)], axis=1
    )
    together = _correlations(columns, settings)
    for place, metric in enumerate(metrics, start=1):
        test = tested[frame.systems[a], frame.systems[b], metric.name]
        none = is_baseline(metric.name)
        yield (
            {"system_a": frame.systems[a], "system_b": frame.systems[b]}
            | about(metric)
            | {"n": test["n"], "metric_n": test["metric_n"], "human": test["human"]}
            | _tests("human", test, columns[:, 0], frame.direction)
            | _tests("metric", test, columns[:, place], metric.direction)
            | {
                "people_say": test["people_say"],
                "metric_says": None if none else test["metric_says"],
                "verdict": None if none else test["verdict"],
            }
            | together[place - 1]
            | _pairwise(columns[:, [0, place]], settings)
        )


def _tests(
    side: str, test: Mapping[str, Any], deltas: FloatArray, direction: int
) -> dict[str, float]:
    """Mean difference with interval, sign-flip p, Wilcoxon's p and d_z of one side, oriented."""
    ends = sorted((direction * test[f"{side}_low"], direction * test[f"{side}_high"]))
    return {
        f"{side}_delta": direction * test[f"{side}_delta"],
        f"{side}_low": ends[0],
        f"{side}_high": ends[1],
        f"{side}_p_adjusted": test[f"{side}_p_adjusted"],
        f"{side}_signed_rank_p": signed_rank_test(deltas).p,
        f"{side}_effect_size": effect_size(deltas),
    }


def _correlations(columns: FloatArray, settings: Settings) -> list[dict[str, Any]]:
    """Of the segments' differences, people's with each metric's."""
    rows = np.arange(len(columns))
    cells: list[dict[str, Any]] = [{} for _metric in columns.T[1:]]
    for statistic in CORRELATIONS:
        found = correlation_intervals(
            columns[:, 0],
            list(columns.T[1:]),
            rows,
            np.zeros_like(rows),
            statistic=statistic,
            grouping="none",
            rng=settings.rng("two systems", statistic),
            level=settings.coverage,
            resamples=settings.resamples,
        )
        for row, one in zip(cells, found, strict=True):
            row |= {
                statistic: one.value,
                f"{statistic}_low": one.low,
                f"{statistic}_high": one.high,
            }
            row[f"{statistic}_reason"] = one.reason or None
    return cells


def _pairwise(deltas: FloatArray, settings: Settings) -> dict[str, Any]:
    """acc_eq of the differences' signs and soft pairwise accuracy, 1 - |p_human - p_metric|."""
    sides = [np.stack([side, np.where(np.isfinite(side), 0.0, np.nan)], 1) for side in deltas.T]
    accuracy = acc_eq_interval(
        *sides,
        grouping="item",
        rng=settings.rng("two systems", "acc_eq"),
        level=settings.coverage,
        resamples=settings.resamples,
    )
    soft, _ = soft_pairwise_interval(
        *sides,
        rng=settings.rng("two systems", "soft"),
        level=settings.coverage,
        resamples=settings.metric_permutations,
    )
    return {
        "acc_eq": accuracy.value,
        "acc_eq_low": accuracy.low,
        "acc_eq_high": accuracy.high,
        "epsilon": accuracy.epsilon,
        "constant": accuracy.constant,
        "coin": accuracy.coin,
        "soft_pairwise_accuracy": soft.value,
        "reason": accuracy.reason or soft.reason or None,
    }
