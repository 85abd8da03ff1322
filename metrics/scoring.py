"""Compute metrics on stored outputs, once per signature, and keep what any subset needs.

A value belongs to an output, a metric and a signature; what is already there is never computed
again, so a run that was stopped goes on where it stood.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from django.db import transaction

from annotation.models import Campaign
from common.errors import BadInput
from metrics.automatic import METRICS, Metric
from metrics.automatic.crew import MODELS, Crew
from metrics.examining import examine_run
from metrics.labels import look_at_labels
from metrics.models import ScoringRun
from metrics.recipes import build_metric
from metrics.storing import Work, has_gold, pair_of, score_system, summarise
from models_app.models import Dataset, Output, Segment, System
from models_app.models.system import CARRIER

CHUNK = 100  # outputs between two looks at the cancel button
DEFAULT_METRICS = ("bleu", "chrf", "ter", "rougeL", "token_f1")

# (values done, values in all, what is being done); raises where the run was cancelled
Report = Callable[[int, int, str], None]


def check_metrics(names: Sequence[str]) -> list[str]:
    """The names, once each; BadInput for an unknown one or none."""
    unique = list(dict.fromkeys(name.strip() for name in names if name.strip()))
    if not unique:
        raise BadInput("no metric was named; write one or more of " + ", ".join(METRICS.names()))
    for name in unique:
        if name not in METRICS:
            raise BadInput(
                f"there is no metric called {name!r}; write one or more of "
                + ", ".join(METRICS.names())
            )
    return unique


@transaction.atomic
def create_run(
    *,
    dataset: Dataset,
    campaign: Campaign | None = None,
    metrics: Sequence[str],
    options: Mapping[str, Any] | None = None,
    knowingly: Sequence[str] = (),
    created_by: Any = None,
) -> ScoringRun:
    """A run to queue or to do here.

    knowingly : metrics to compute although the doctor finds them unfit for the language
    """
    names = check_metrics(metrics)
    for name in knowingly:
        if name not in names:
            raise BadInput(
                f"{name!r} is to be used knowingly, but it is not among the metrics to compute: "
                + ", ".join(names)
            )
    return ScoringRun.objects.create(
        dataset=dataset,
        campaign=campaign,
        metrics=names,
        options=dict(options or {}),
        environment={"knowingly": list(knowingly)} if knowingly else {},
        created_by=created_by,
    )


def score_run(run: ScoringRun, report: Report) -> str:
    """Do what `run` asks and say in one line what was done; may be called again at any time.

    The doctor looks at every metric first; Unfit where one misreads the language.

    Queries: a handful, and per system two for its outputs and for each metric three and one
    insert per hundred outputs.
    """
    segments = {segment.pk: segment for segment in run.dataset.segments.order_by("position")}
    works = [_work(name, run, segments.values()) for name in run.metrics]
    systems, notes = _systems(run, segments)
    examine_run(run, [work.metric for work in works], list(segments.values()))
    _remember(run, works, notes)
    look_at_labels(run, [work.metric for work in works], systems, segments)
    n_outputs = _n_outputs(run, systems)
    n_total = len(works) * n_outputs
    done = n_new = 0
    with Crew(n_outputs * sum(_effort(work.metric) for work in works)) as crew:
        for system in systems:
            outputs = list(
                Output.objects.filter(system=system, segment__dataset=run.dataset)
                .order_by("segment__position")
                .values_list("pk", "segment_id", "text")
            )
            for work in works:
                label = f"{work.metric.label} on {system}"
                report(done, n_total, label)
                started = n_new
                for n in score_system(work, run, system, outputs, segments, crew, CHUNK):
                    n_new += n
                    report(done + n_new - started, n_total, label)
                done += len(outputs)
                summarise(work, run.dataset, system)
    report(n_total, n_total, "")
    return " ".join([f"{n_new} new of {n_total} values.", *notes])


def latest_signatures(dataset: Dataset) -> dict[str, dict[str, str]]:
    """Per metric, {"corpus": ..., "segment": ...}: what the newest run of the dataset used."""
    found: dict[str, dict[str, str]] = {}
    runs = ScoringRun.objects.filter(dataset=dataset).order_by("pk")
    for environment in runs.values_list("environment", flat=True):
        found.update(environment.get("signatures", {}))
    return found


def _work(name: str, run: ScoringRun, segments: Any) -> Work:
    metric = build_metric(name, run.options.get(name, {}), segments=list(segments))
    pairs = [pair_of(run.dataset, s, "") for s in segments if has_gold(metric, s)]
    if pairs:
        metric.check(pairs)  # notes how many references there are, for the signature
    return Work(metric, metric.signature(), metric.segment_signature())


def _effort(metric: Metric) -> int:
    return metric.effort if metric.effort < MODELS else 0


def _systems(run: ScoringRun, segments: Mapping[int, Segment]) -> tuple[list[System], list[str]]:
    """Systems to score, and a sentence for each that is left out."""
    systems = System.objects.filter(outputs__segment__dataset=run.dataset)
    systems = systems.exclude(note=CARRIER).distinct()
    if run.campaign_id:
        systems = systems.filter(campaigns=run.campaign)
    kept, notes = [], []
    for system in systems.order_by("name"):
        if system.kind == System.Kind.HUMAN and _is_reference(system, run.dataset, segments):
            notes.append(f"{system} was left out: its outputs are the references.")
        else:
            kept.append(system)
    if not kept and not notes:
        raise BadInput(
            f"{run.campaign or run.dataset} has no outputs to score; load or generate some first"
        )
    return kept, notes


def _is_reference(system: System, dataset: Dataset, segments: Mapping[int, Segment]) -> bool:
    outputs = Output.objects.filter(system=system, segment__dataset=dataset)
    return all(
        text in segments[segment].references
        for segment, text in outputs.values_list("segment_id", "text")
    )


def _n_outputs(run: ScoringRun, systems: Sequence[System]) -> int:
    return Output.objects.filter(system__in=systems, segment__dataset=run.dataset).count()


def _remember(run: ScoringRun, works: Sequence[Work], notes: Sequence[str]) -> None:
    run.environment = {
        **run.environment,
        "signatures": {
            work.metric.name: {"corpus": work.signature, "segment": work.segment_signature}
            for work in works
        },
        "notes": list(notes),
    }
    run.save(update_fields=["environment"])
