"""What became of each trial: its state, its value on the objective's curve, and what it cost."""

from collections import defaultdict
from dataclasses import dataclass
from typing import Any

from django.db.models import Sum

from models_app.models import Job, Sweep, TrainingPoint, TrainingRun

PRUNED = "pruned"


@dataclass(frozen=True)
class Trial:
    """state: waiting, running, done, failed, cancelled, dropped or pruned;  reason: why not done

    value : on the objective, of the checkpoint that was kept; None where there is none
    memory : the most bytes of the accelerator, or else of the process
    kwh : of all attempts; None where it was not measured
    """

    run: TrainingRun
    number: int
    condition: dict[str, Any]
    state: str
    reason: str
    value: float | None
    seconds: float | None
    memory: int | None
    kwh: float | None

    @property
    def watt_hours(self) -> float | None:
        return None if self.kwh is None else 1000 * self.kwh

    @property
    def was_run(self) -> bool:
        return self.state in ("done", "failed", "pruned")


def trials(sweep: Sweep) -> list[Trial]:
    """Every planned trial in order, whatever became of it. Two queries."""
    curves: dict[int, list[tuple[int, float]]] = defaultdict(list)
    points = TrainingPoint.objects.filter(run__sweep=sweep, name=sweep.objective)
    for run, step, value in points.order_by("step").values_list("run", "step", "value"):
        curves[run].append((step, value))
    runs = sweep.runs.annotate(kwh=Sum("energy_records__kwh")).order_by("trial")
    return [_trial(run, curves[run.pk]) for run in runs]


def _trial(run: Any, curve: list[tuple[int, float]]) -> Trial:
    state = state_of(run)
    return Trial(
        run=run,
        number=run.trial,
        condition=run.condition,
        state=state,
        reason=run.dropped_reason or run.error,
        value=_value(run, curve) if state == "done" else None,
        seconds=_seconds(run),
        memory=_memory(run.card.get("peak_memory") or {}),
        kwh=run.kwh,
    )


def state_of(run: TrainingRun) -> str:
    if run.dropped_reason:
        return PRUNED if run.dropped_reason.startswith(PRUNED) else "dropped"
    return "waiting" if run.state == Job.State.QUEUED else str(run.state)


def _value(run: TrainingRun, curve: list[tuple[int, float]]) -> float | None:
    """At the step that was kept; at the last one where the curve has no point there."""
    if not curve:
        return None
    return dict(curve).get(run.best_step or -1, curve[-1][1])


def _seconds(run: TrainingRun) -> float | None:
    if run.card.get("seconds") is not None:
        return float(run.card["seconds"])
    if run.started_at and run.finished_at:
        return (run.finished_at - run.started_at).total_seconds()
    return None


def _memory(peak: dict[str, int]) -> int | None:
    return peak.get("accelerator") or peak.get("process")
