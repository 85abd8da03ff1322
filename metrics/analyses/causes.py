"""Why a metric and people part: causes found in the texts, and how much of the gap is theirs."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from annotation.models import Campaign
from metrics.analyses.cases import load_cases
from metrics.analyses.frame import FloatArray, Frame, IntArray
from metrics.analyses.gaps import Gap, gap_of
from metrics.analyses.settings import Settings
from metrics.analyses.values import MetricValues
from metrics.causes.finding import Strengths, all_causes, find_all
from metrics.causes.words import kept
from metrics.statistics import QUADRANTS, gap_model

MOST = 150  # outputs of a metric's figure, drawn without regard to their scores
WIDEST = 50  # outputs of each metric that are explained because their gap is widest
RESPONSES = ("gap", "size")


@dataclass(frozen=True)
class Causes:
    """Judged outputs of systems, one row each, with every cause's strength."""

    lines: IntArray  # (n,) the segment's row in the frame
    columns: IntArray  # (n,) the system's column
    strengths: Strengths

    @property
    def names(self) -> tuple[str, ...]:
        return self.strengths.causes

    @cached_property
    def main(self) -> list[str]:
        """(n,) the cause to name first, or ""."""
        return [self.names[place] if place >= 0 else "" for place in self.strengths.main]


def load_causes(campaign: Campaign, frame: Frame, values: Sequence[MetricValues]) -> Causes:
    """Four queries; about a third of a millisecond for each output of twenty words."""
    cases = load_cases(campaign, frame, values)
    spots = sorted(cases)
    lines, columns = np.array(spots, dtype=np.int64).reshape(-1, 2).T
    return Causes(lines, columns, find_all(cases.pop(spot) for spot in spots))


def cause_rows(
    frame: Frame, values: Sequence[MetricValues], causes: Causes, settings: Settings
) -> list[dict[str, Any]]:
    """For each metric a sample of outputs, and those with the widest gaps, each explained.

    A row: where the output stands with people and metric, its gap, quadrant and causes.
    """
    rows = []
    order = settings.rng("causes").permutation(len(causes.lines))
    place = {name: cause.label for name, cause in all_causes().items()}
    for metric in values:
        gap = gap_of(frame, metric)
        gaps = gap.gap[causes.lines, causes.columns]
        known = np.flatnonzero(np.isfinite(gaps))
        sampled = set(known[np.argsort(order[known])[:MOST]].tolist())
        widest = known[np.argsort(-np.round(np.abs(gaps[known]), 12), kind="stable")[:WIDEST]]
        for i in sorted(sampled | set(widest.tolist())):
            rows.append(_row(frame, metric, gap, causes, i, place) | {"is_sample": i in sampled})
    return rows


def _row(
    frame: Frame, metric: MetricValues, gap: Gap, causes: Causes, i: int, labels: dict[str, str]
) -> dict[str, Any]:
    spot = int(causes.lines[i]), int(causes.columns[i])
    segment = frame.segments[spot[0]]
    main = causes.main[i]
    return {
        "metric": metric.name,
        "key": segment.key,
        "segment": segment.pk,
        "domain": segment.domain,
        "system": frame.systems[spot[1]],
        "human_rank": gap.people[spot],
        "metric_rank": gap.machine[spot],
        "gap": gap.gap[spot],
        "quadrant": QUADRANTS[gap.quadrant[spot]],
        "cause": main or None,
        "cause_label": labels.get(main),
        "strength": causes.strengths.values[i, causes.strengths.main[i]] if main else None,
        "causes": list(causes.strengths.named[i]),
        "explanation": " ".join(causes.strengths.said[i]),
        "said": [kept(sentence) for sentence in causes.strengths.said[i]],
    }


def cause_model_rows(
    frame: Frame, values: Sequence[MetricValues], causes: Causes, settings: Settings
) -> list[dict[str, Any]]:
    """How each cause moves a metric's gap, and the gap's size, with the other causes held.

    A cause enters with its extent: the share of the text that it concerns.  Causes that are made
    of the scores are not asked: they would explain the gap by itself.
    """
    parts = all_causes()
    asked = [j for j, name in enumerate(causes.names) if not parts[name].from_scores]
    extents = causes.strengths.extents[:, asked]
    names = [causes.names[j] for j in asked]
    main = np.array(causes.main, dtype=str)
    rows = []
    for metric in values:
        gap = gap_of(frame, metric).gap[causes.lines, causes.columns]
        for response, y in (("gap", gap), ("size", np.abs(gap))):
            model = gap_model(
                y,
                extents,
                names,
                causes.lines,
                causes.columns,
                rng=settings.rng("cause model", metric.name, response),
                level=settings.coverage,
                resamples=settings.resamples,
            )
            for effect in model.effects:
                mine = (main == effect.cause) & np.isfinite(y)
                rows.append(
                    {
                        "metric": metric.name,
                        "response": response,
                        "label": parts[effect.cause].label,
                        **effect._asdict(),
                        "labelled": int(mine.sum()),
                        "labelled_mean": _mean(y[mine]),
                        "n": model.n,
                        "n_segments": model.n_segments,
                        "n_systems": model.n_systems,
                        "r2": model.r2,
                        "r2_conditional": model.r2_conditional,
                        "segment_share": model.segment_share,
                        "system_share": model.system_share,
                        "shares_reason": model.shares_reason,
                        "method": model.method,
                    }
                )
    return rows


def _mean(values: FloatArray) -> float:
    return float(values.mean()) if len(values) else float("nan")
