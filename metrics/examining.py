"""The doctor before a run: what each metric makes of the dataset's own texts, kept with the run."""

import hashlib
import json
from collections.abc import Iterable, Sequence
from typing import Any

from annotation.models import Campaign
from common.errors import BadInput
from metrics.automatic import METRICS, Metric
from metrics.automatic.base import EVERY_CHECK
from metrics.automatic.crew import MODELS
from metrics.automatic.doctor import FAILED, choose_texts, examine
from metrics.models import ScoringRun
from models_app.models import Dataset, Output, Segment

Findings = list[dict[str, Any]]
MOST_REFERENCES, MOST_OUTPUTS = 1000, 500  # read for the sample
MOST_KEPT = 256  # examinations remembered by this process

_known: dict[str, Findings] = {}


class Unfit(BadInput):
    """Metrics that misread the language, and that nobody said to use all the same."""

    def __init__(self, findings: Findings) -> None:
        self.metrics = list(dict.fromkeys(found["metric"] for found in findings))
        named = "; ".join(f"{f['label']}: {f['cause']}: {f['fix']}" for f in findings[:3])
        super().__init__(
            f"the doctor found {', '.join(self.metrics)} unfit for this language: {named}; "
            "or use it all the same, which the run remembers (in a terminal: "
            + " ".join(f"--knowingly {name}" for name in self.metrics)
            + ")"
        )


def sample_of(dataset: Dataset, segments: Iterable[Segment]) -> list[str]:
    """Texts to examine metrics on: of the references and the first outputs. One query."""
    references = [text for segment in segments for text in segment.references]
    references = references[:: 1 + len(references) // MOST_REFERENCES]
    outputs = Output.objects.filter(segment__dataset=dataset).order_by("pk")
    texts = list(outputs.values_list("text", flat=True)[:MOST_OUTPUTS])
    return choose_texts([*references, *texts], dataset.target_lang)


def findings_of(metric: Metric, texts: Sequence[str], language: str) -> Findings:
    """What the doctor finds, as plain data; asked once per signature, language and texts.

    Nothing for a metric that compares no texts.
    """
    if metric.exempt & EVERY_CHECK:
        return []
    signature = metric.signature()
    key = hashlib.sha256(json.dumps([metric.name, signature, language, *texts]).encode())
    if (known := _known.get(key.hexdigest())) is None:
        known = [
            {
                "metric": metric.name,
                "label": str(metric.label),
                "signature": signature,
                "language": language,
                "check": found.check,
                "check_label": found.label,
                "state": found.state,
                "serious": found.serious and metric.best is not None,
                "cause": found.cause,
                "fix": found.fix,
                "numbers": {name: round(value, 6) for name, value in found.numbers.items()},
            }
            for found in examine(metric, texts, language)
        ]
        while len(_known) >= MOST_KEPT:
            _known.pop(next(iter(_known)))
        _known[key.hexdigest()] = known
    return known


def unfit_at_once(names: Sequence[str], dataset: Dataset) -> Findings:
    """Serious findings of the metrics that need no model, with their usual options; for a form."""
    kinds = [METRICS.get(name) for name in names]
    quick = [kind() for kind in kinds if kind.effort < MODELS and not kind.exempt & EVERY_CHECK]
    if not quick:
        return []
    texts = sample_of(dataset, dataset.segments.all())
    return [
        found
        for metric in quick
        for found in serious(findings_of(metric, texts, dataset.target_lang))
    ]


def serious(findings: Iterable[dict[str, Any]]) -> Findings:
    """Those for which a metric is used only knowingly."""
    return [found for found in findings if found["state"] == FAILED and found["serious"]]


def examine_run(run: ScoringRun, metrics: Sequence[Metric], segments: Sequence[Segment]) -> None:
    """Keep with the run what the doctor finds; Unfit where that needs somebody's consent."""
    texts = sample_of(run.dataset, segments)
    knowingly = set(run.environment.get("knowingly", []))
    found = {metric.name: findings_of(metric, texts, run.dataset.target_lang) for metric in metrics}
    kept = {
        name: [{**one, "used_knowingly": name in knowingly and bool(serious(all_))} for one in all_]
        for name, all_ in found.items()
    }
    run.environment = {**run.environment, "doctor": kept}
    run.save(update_fields=["environment"])
    unfit = [one for name, all_ in found.items() if name not in knowingly for one in serious(all_)]
    if unfit:
        raise Unfit(unfit)


def run_findings(run: ScoringRun) -> Findings:
    """Everything the doctor found for a run, metric by metric, failures first."""
    kept = run.environment.get("doctor", {})
    return [found for name in run.metrics for found in kept.get(name, [])]


def doctor_findings(campaign: Campaign) -> Findings:
    """What the doctor found of the metrics whose values the campaign's report shows.

    Dictionaries with metric, label, signature, language, check, check_label, state, serious,
    cause, fix, numbers and used_knowingly; of the newest run of each metric. One query.
    """
    newest: dict[str, Findings] = {}
    runs = ScoringRun.objects.filter(dataset=campaign.dataset_id).order_by("pk")
    for environment in runs.values_list("environment", flat=True):
        for name in environment.get("signatures", {}):
            newest[name] = environment.get("doctor", {}).get(name, [])
    return [found for name in sorted(newest) if name in METRICS for found in newest[name]]
