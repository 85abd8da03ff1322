"""Do the numbers that stand side by side come from the same outputs and the same recipe?"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from annotation.models import Campaign
from metrics.analyses.baselines import is_baseline
from metrics.analyses.frame import Frame
from metrics.analyses.values import MetricValues
from metrics.automatic.comparability import Entry, why_not
from metrics.models import SegmentScore


def comparability_table(
    campaign: Campaign, frame: Frame, metrics: Sequence[MetricValues]
) -> list[dict[str, Any]] | None:
    """A row for each thing that keeps two numbers from being compared; None where all is well.

    One query.  `signatures`: a metric's values exist under several recipes, and some judged
    outputs have none under the one in use.  `not_scored`: judged outputs without a value.
    `not_judged`: scored outputs of judged systems that nobody judged, which the corpus scores
    count and people's means do not.
    """
    others = _other_signatures(campaign, metrics)
    rows = []
    for metric in metrics:
        if not is_baseline(metric.name):
            of_metric = others.get(metric.name, {})
            why = why_not(_entries(frame, metric, of_metric))
            rows += [row | {"why": why} for row in _of_metric(frame, metric, of_metric)]
    return rows or None


def _other_signatures(
    campaign: Campaign, metrics: Sequence[MetricValues]
) -> dict[str, dict[str, set[str]]]:
    """Metric -> recipe other than the one in use -> systems that were scored under it."""
    used = {metric.name: metric.segment_signature for metric in metrics}
    found = (
        SegmentScore.objects.filter(
            metric__in=used,
            output__system__campaigns=campaign,
            output__segment__dataset=campaign.dataset_id,
        )
        .order_by("metric", "signature", "output__system__name")
        .values_list("metric", "signature", "output__system__name")
        .distinct()
    )
    others: dict[str, dict[str, set[str]]] = {}
    for name, signature, system in found:
        if signature != used[name]:
            others.setdefault(name, {}).setdefault(signature, set()).add(system)
    return others


def _entries(frame: Frame, metric: MetricValues, others: Mapping[str, set[str]]) -> list[Entry]:
    """What would share a column: each judged system with the recipe that it has values of."""
    entries = []
    for place, system in enumerate(frame.systems):
        known = metric.known[:, place]
        under = [signature for signature, systems in others.items() if system in systems]
        if frame.is_human[place] or not np.isfinite(frame.compared[:, place]).any():
            continue
        if known.any() or not under:
            signature, segments, n = metric.segment_signature, known.tobytes(), int(known.sum())
            entries.append(Entry(system, metric.name, signature, segments, n))
        else:
            entries.append(Entry(system, metric.name, under[-1]))
    return entries


def _of_metric(
    frame: Frame, metric: MetricValues, others: Mapping[str, set[str]]
) -> Iterator[dict[str, Any]]:
    judged = np.isfinite(frame.compared) & ~frame.is_human[None, :]
    for place, system in enumerate(frame.systems):
        if not judged[:, place].any():
            continue
        n_judged = int(judged[:, place].sum())
        n_scored = int(metric.known[:, place].sum())
        n_both = int((judged[:, place] & metric.known[:, place]).sum())
        row = {
            "metric": metric.name,
            "system": system,
            "n_judged": n_judged,
            "n_scored": n_scored,
            "n_both": n_both,
            "signature": metric.segment_signature,
            "others": list(others),
        }
        if n_both < n_judged:
            yield {"problem": "signatures" if others else "not_scored"} | row
        elif n_scored > n_both:
            yield {"problem": "not_judged"} | row
