"""Training runs: every planned one is stored before the first begins, then done one by one."""

from collections.abc import Mapping
from typing import Any

from models_app.corpora.subsets import make_subsets
from models_app.models import Checkpoint, Corpus, Job, Subset, Sweep, TrainingRun
from models_app.training.start import start_training
from studies.configuration import Planned, planned_runs
from studies.work import Work


def train_all(work: Work) -> None:
    for entry in work.configuration.get("training", ()):
        plans = planned_runs(entry, work.seed)
        sweep = _sweep(work, entry) if "grid" in entry else None
        runs = [_planned(work, plan, sweep, number) for number, plan in enumerate(plans)]
        for number, (plan, run) in enumerate(zip(plans, runs, strict=True), start=1):
            if run.dropped_reason:
                continue
            work.say(f"training {plan.name} ({number} of {len(plans)})")
            work.do(run, may_fail=sweep is not None)
        if sweep is not None:
            Sweep.objects.filter(pk=sweep.pk).update(
                state=Job.State.DONE, n_done=len(runs), n_total=len(runs)
            )


def _planned(work: Work, plan: Planned, sweep: Sweep | None, number: int) -> TrainingRun:
    made_of = plan.made_of
    corpus = Corpus.objects.get(name=work.name(made_of["corpus"]))
    start = made_of.get("start")
    return start_training(
        name=work.name(plan.name),
        checkpoint=Checkpoint.objects.get(name=work.name(made_of["checkpoint"])),
        corpus=corpus,
        subset=_subset(work, corpus, made_of.get("size")),
        prompt=made_of["prompt"],
        method=made_of.get("method", TrainingRun.Method.LORA),
        settings=plan.settings,
        start_adapter=TrainingRun.objects.get(name=work.name(start)).adapter if start else None,
        user=work.study.created_by,
        sweep=sweep,
        trial=number if sweep else None,
        condition=plan.cell,
        queue=False,
    )


def _subset(work: Work, corpus: Corpus, size: int | None) -> Subset | None:
    """The first `size` examples in the seed's order: a smaller size lies within a larger one."""
    return make_subsets(corpus, sizes=[size], seed=work.seed)[0] if size else None


def _sweep(work: Work, entry: Mapping[str, Any]) -> Sweep:
    """The grid as a sweep, whose page shows effects and costs."""
    choose = entry.get("settings", {}).get("choose_by", "eval_loss")
    sweep, _ = Sweep.objects.get_or_create(
        name=work.name(entry["name"]),
        defaults={
            "kind": Sweep.Kind.GRID,
            "state": Job.State.CANCELLED,
            "base": {key: value for key, value in entry.items() if key != "grid"},
            "space": entry["grid"],
            "objective": "eval_loss" if choose == "last" else choose,
            "created_by": work.study.created_by,
        },
    )
    return sweep
