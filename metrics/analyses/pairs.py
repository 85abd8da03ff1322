"""Every two systems on the same segments: what people say, what each metric says.

All differences are first system minus second. People's differences are in the protocol's unit,
a metric's in its own; verdicts are oriented, "better" always speaks of the first system.
"""

from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations
from typing import Any

import numpy as np

from metrics.analyses.frame import Frame
from metrics.analyses.pair_scales import standardised_cells
from metrics.analyses.pair_tests import Column, Tested, tested_columns
from metrics.analyses.settings import Settings
from metrics.analyses.values import MetricValues
from metrics.statistics import (
    Significance,
    domain_tests,
    effect_size,
    verdict,
    win_tie_loss,
)

NOT_ASKED = Significance(np.nan, np.nan, 0)  # without a metric


def system_pairs(frame: Frame) -> list[tuple[int, int]]:
    """Pairs with a rated segment in common, in the order of the systems."""
    pairs = combinations(range(len(frame.systems)), 2)
    return [(a, b) for a, b in pairs if np.isfinite(frame.deltas(a, b)).any()]


def pair_table(
    frame: Frame, metrics: Sequence[MetricValues], settings: Settings
) -> list[dict[str, Any]]:
    """One row per pair and metric; a row without a metric where there is none to compare with."""
    columns = _columns(frame, metrics)
    tested = tested_columns(columns, settings, "pairs")
    standardised = standardised_cells(frame, system_pairs(frame), settings)
    return [
        _row(frame, people, other, settings)
        | {"metric_corpus_delta": _corpus_delta(other[0]) if other[0].metric else None}
        | standardised[other[0].a, other[0].b]
        for people, other in _beside(tested)
    ]


def domain_table(
    frame: Frame, metrics: Sequence[MetricValues], settings: Settings
) -> list[dict[str, Any]]:
    """The same within each domain; `heterogeneity_p` asks whether the domains differ at all."""
    domains = sorted(set(frame.domains.tolist()) - {""})
    if len(domains) < 2:
        return []
    columns = _columns(frame, metrics)
    if not columns:
        return []
    spread = _spread(frame, columns, settings)
    rows = []
    for domain in domains:
        here = frame.domains == domain
        inside = [column._replace(deltas=column.deltas[here]) for column in columns]
        for people, other in _beside(tested_columns(inside, settings, f"domain {domain}")):
            a, b, metric = other[0].a, other[0].b, other[0].metric
            row = {"domain": domain} | _row(frame, people, other, settings)
            metric_spread = spread[a, b, metric.name] if metric else NOT_ASKED
            rows.append(_with_spread(row, {"human": spread[a, b, None], "metric": metric_spread}))
    return rows


def _with_spread(row: dict[str, Any], spread: Mapping[str, Significance]) -> dict[str, Any]:
    """The row with p of each side's test over all domains, and why one has none."""
    why = [f"no p over domains ({side}): {t.reason}" for side, t in spread.items() if t.reason]
    reason = "; ".join(filter(None, [row["reason"], *why])) or None
    cells = {f"{side}_heterogeneity_p": test.p for side, test in spread.items()}
    return row | {"reason": reason} | cells


def _columns(frame: Frame, metrics: Sequence[MetricValues]) -> list[Column]:
    """People first for each pair, then each metric on the segments that people judged."""
    columns = []
    for a, b in system_pairs(frame):
        human = frame.deltas(a, b)
        columns.append(Column(a, b, None, human))
        if frame.is_human[[a, b]].any():
            continue
        for metric in metrics:
            deltas = metric.values[:, a] - metric.values[:, b]
            columns.append(Column(a, b, metric, np.where(np.isfinite(human), deltas, np.nan)))
    return columns


def _beside(
    tested: Sequence[tuple[Column, Tested]],
) -> Iterator[tuple[tuple[Column, Tested], tuple[Column, Tested]]]:
    """(people's test, metric's test) for each row of the table."""
    people = {(c.a, c.b): (c, t) for c, t in tested if c.metric is None}
    with_metric = {(c.a, c.b) for c, _ in tested if c.metric is not None}
    for column, test in tested:
        pair = (column.a, column.b)
        if column.metric is not None or pair not in with_metric:
            yield people[pair], (column, test)


def _row(
    frame: Frame,
    people: tuple[Column, Tested],
    other: tuple[Column, Tested],
    settings: Settings,
) -> dict[str, Any]:
    human, test = people
    counts = win_tie_loss(frame.direction * human.deltas)
    row = {
        "system_a": frame.systems[human.a],
        "system_b": frame.systems[human.b],
        "n": test.n,
        "human": "score",
        "human_delta": test.delta,
        "human_low": test.low,
        "human_high": test.high,
        "human_p": test.p,
        "human_p_adjusted": test.adjusted,
        "human_direction": frame.protocol.direction,
        "wins": counts.wins,
        "ties": counts.ties,
        "losses": counts.losses,
        "effect_size": frame.direction * effect_size(human.deltas),
    }
    return row | _metric_cells(frame, people, other, settings)


def _metric_cells(
    frame: Frame,
    people: tuple[Column, Tested],
    other: tuple[Column, Tested],
    settings: Settings,
) -> dict[str, Any]:
    (human, test), (column, found) = people, other
    metric = column.metric
    if metric is None:
        found = found._replace(n=0, delta=np.nan, low=np.nan, high=np.nan, p=np.nan)
        found = found._replace(adjusted=np.nan)
    word = verdict(
        test.delta,
        test.adjusted,
        found.delta,
        found.adjusted,
        alpha=settings.alpha,
        human_higher_is_better=frame.direction > 0,
        metric_higher_is_better=metric is None or metric.direction > 0,
    )
    return {
        "metric": metric.name if metric else None,
        "signature": metric.segment_signature if metric else None,
        "metric_n": found.n,
        "metric_delta": found.delta,
        "metric_low": found.low,
        "metric_high": found.high,
        "metric_p": found.p,
        "metric_p_adjusted": found.adjusted,
        "metric_direction": ("higher" if metric.direction > 0 else "lower") if metric else None,
        "people_say": word.people,
        "metric_says": word.metric,
        "verdict": word.label,
        "reason": "; ".join(filter(None, [_reason(frame, column), _too_alike(human)])) or None,
    }


def _corpus_delta(column: Column) -> float:
    assert column.metric is not None
    rows = np.isfinite(column.deltas)
    return column.metric.corpus(rows, column.a) - column.metric.corpus(rows, column.b)


def _too_alike(human: Column) -> str:
    """Why there is no interval or no effect size of people's differences."""
    known = human.deltas[np.isfinite(human.deltas)]
    if known.size == 0:
        return "no segment in common"
    if known.size == 1:
        return "no interval from one segment"
    return "" if np.ptp(known) else "no effect size: all differences are equal"


def _reason(frame: Frame, column: Column) -> str | None:
    if column.metric is not None:
        return None
    if frame.is_human[[column.a, column.b]].any():
        return "one of the two is a person: metrics are not asked about people's texts"
    return "no metric was computed for these outputs"


def _spread(
    frame: Frame, columns: Sequence[Column], settings: Settings
) -> dict[tuple[int, int, str | None], Significance]:
    """Of every column: could the domains' differences be one and the same?"""
    known = frame.domains != ""
    tests = domain_tests(
        np.stack([column.deltas[known] for column in columns], axis=1),
        frame.domains[known],
        rng=settings.rng("spread"),
        resamples=min(2000, settings.permutations),
    )
    names = [(c.a, c.b, c.metric.name if c.metric else None) for c in columns]
    return dict(zip(names, tests, strict=True))
