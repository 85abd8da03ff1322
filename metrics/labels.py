"""Has a classifier collapsed? Looked at in every run with a metric of labels, and kept with it."""

from collections.abc import Mapping, Sequence
from typing import Any

from annotation.models import Campaign
from metrics.automatic import Metric
from metrics.automatic.classification import LabelMetric
from metrics.automatic.label_report import label_report
from metrics.models import ScoringRun
from metrics.storing import has_gold, pair_of
from models_app.models import Output, Segment, System


def look_at_labels(
    run: ScoringRun,
    metrics: Sequence[Metric],
    systems: Sequence[System],
    segments: Mapping[int, Segment],
) -> None:
    """Keep with the run what the systems' labels look like: a query for each, or none."""
    metric = next((metric for metric in metrics if isinstance(metric, LabelMetric)), None)
    if metric is None:
        return
    found = [_of_system(metric, run, system, segments) for system in systems]
    run.environment = {**run.environment, "labels": found}
    run.save(update_fields=["environment"])


def _of_system(
    metric: LabelMetric, run: ScoringRun, system: System, segments: Mapping[int, Segment]
) -> dict[str, Any]:
    outputs = Output.objects.filter(system=system, segment__dataset=run.dataset)
    pairs = [
        pair_of(run.dataset, segments[segment], text)
        for segment, text in outputs.values_list("segment_id", "text")
        if has_gold(metric, segments[segment])
    ]
    sides = [metric.labels_of(pair) for pair in pairs]
    return label_report(system.name, [gold for gold, _ in sides], [label for _, label in sides])


def label_findings(campaign: Campaign) -> list[dict[str, Any]]:
    """What the newest run with labels found of each of the campaign's systems; two queries."""
    runs = ScoringRun.objects.filter(dataset=campaign.dataset_id).order_by("-pk")
    newest: dict[str, dict[str, Any]] = {}
    for environment in runs.values_list("environment", flat=True):
        for found in environment.get("labels", []):
            newest.setdefault(found["system"], found)
    names = campaign.systems.order_by("name").values_list("name", flat=True)
    return [newest[name] for name in names if name in newest]
