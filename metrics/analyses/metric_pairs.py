"""Does one metric follow the people better than another?  Every two, baselines too, and ranks."""

from collections.abc import Mapping, Sequence
from itertools import combinations
from typing import Any, NamedTuple

import numpy as np

from metrics.analyses.baselines import is_baseline
from metrics.analyses.frame import FloatArray, Frame
from metrics.analyses.settings import Settings
from metrics.analyses.sides import about, oriented, people
from metrics.analyses.values import MetricValues
from metrics.statistics import (
    MetricComparison,
    Swaps,
    acc_eq,
    grouped_correlation,
    holm,
    metric_clusters,
    perm_both,
)

STATISTICS = (("kendall_b", "item"), ("acc_eq", "item"), ("pearson", "none"))


class Compared(NamedTuple):
    """All comparisons of one statistic, by the metrics' names, and p-values corrected by Holm."""

    found: Mapping[tuple[str, str], MetricComparison]
    adjusted: Mapping[tuple[str, str], float]


def compare_metrics(
    frame: Frame, metrics: Sequence[MetricValues], settings: Settings
) -> dict[tuple[str, str], Compared]:
    """Statistic and grouping -> every two metrics, on the outputs that both scored."""
    human = people(frame)
    if not human.size:
        return {}
    shape = (human.shape[0], human.shape[1])
    swaps = Swaps(shape, settings.metric_permutations, settings.rng("metric pairs", "swaps"))
    sides = {metric.name: oriented(metric) for metric in metrics}
    compared = {}
    for statistic, grouping in STATISTICS:
        found = {
            (one, two): perm_both(
                human,
                sides[one],
                sides[two],
                statistic=statistic,
                grouping=grouping,
                rng=settings.rng("metric pairs", statistic, one, two),
                resamples=settings.metric_permutations,
                swaps=swaps,
                normal_tail=True,
            )
            for one, two in combinations(sides, 2)
        }
        p = holm(np.array([comparison.p_two_sided for comparison in found.values()]))
        compared[statistic, grouping] = Compared(found, dict(zip(found, p.tolist(), strict=True)))
    return compared


def metric_pair_table(compared: Mapping[tuple[str, str], Compared]) -> list[dict[str, Any]]:
    """One row per statistic and two metrics; `delta` is first minus second."""
    return [
        {
            "first": pair[0],
            "second": pair[1],
            "has_baseline": any(map(is_baseline, pair)),
            "statistic": statistic,
            "grouping": grouping,
            "first_value": one.first,
            "second_value": one.second,
            "delta": one.delta,
            "p": one.p_two_sided,
            "p_adjusted": of_statistic.adjusted[pair],
            "n": one.n,
            "n_groups": min(one.n_groups),
            "reason": one.reason or None,
            "method": one.method or None,
        }
        for (statistic, grouping), of_statistic in compared.items()
        for pair, one in of_statistic.found.items()
    ]


def metric_rank_table(
    frame: Frame,
    metrics: Sequence[MetricValues],
    compared: Mapping[tuple[str, str], Compared],
    settings: Settings,
) -> list[dict[str, Any]]:
    """Each metric's value on all outputs that it scored, and its cluster, 1 the best."""
    human = people(frame)
    rows = []
    for (statistic, grouping), of_statistic in compared.items():
        values = {
            metric.name: _value(human, oriented(metric), statistic, grouping) for metric in metrics
        }
        ranked = metric_clusters(values, of_statistic.adjusted, alpha=settings.alpha)
        cluster = {name: place for place, names in enumerate(ranked, start=1) for name in names}
        rows += [
            about(metric)
            | {
                "statistic": statistic,
                "grouping": grouping,
                "value": values[metric.name],
                "cluster": cluster.get(metric.name),
                "n": int((np.isfinite(human) & np.isfinite(metric.values)).sum()),
                "reason": None if metric.name in cluster else "one side does not vary",
            }
            for metric in metrics
        ]
    return rows


def _value(human: FloatArray, metric: FloatArray, statistic: str, grouping: str) -> float:
    if statistic == "acc_eq":
        return acc_eq(human, metric, grouping=grouping).value
    lines, columns = np.nonzero(np.isfinite(human))
    return grouped_correlation(
        human[lines, columns],
        metric[lines, columns],
        lines,
        columns,
        statistic=statistic,
        grouping=grouping,
    ).value
