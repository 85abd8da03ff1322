"""A sweep as a job: its trials one after another in this worker, whatever becomes of each.

A trial is a job of its own, done here; a worker that takes over a killed one's sweep waits until
the trial's lease is over and goes on with it.
"""

import time
from typing import Any

from django.db import connection
from django.utils import timezone

from common.errors import NikashError
from models_app import jobs
from models_app.jobs import Progress
from models_app.models import Job, Sweep, TrainingRun
from models_app.sweeps.outcomes import trials
from models_app.sweeps.plan import drop_trials
from models_app.sweeps.space import shown_condition
from models_app.sweeps.watching import looking

WAIT = 0.5  # seconds between two looks at a trial that another worker has
MOST_TRIALS = 2000  # where the budget names none
BUDGET = "the sweep's budget is used up"


def run_sweep(sweep: Sweep, progress: Progress) -> None:
    """The job. Run twice, it does no trial twice.

    Raises NikashError where no trial was finished; single failures stay with their trials.
    """
    if sweep.kind == Sweep.Kind.GRID:
        _grid(sweep, progress)
    else:
        from models_app.sweeps.search import search

        search(sweep, progress)
    _remember(sweep)
    progress.say(_summary(sweep))


def _grid(sweep: Sweep, progress: Progress) -> None:
    waiting = list(sweep.runs.unfinished().order_by("trial"))
    n_all = sweep.runs.count()
    progress.total(n_all, done=n_all - len(waiting))
    for run in waiting:
        run.refresh_from_db()
        if not run.is_finished:
            if budget_is_used(sweep):
                drop_trials(sweep.runs.filter(state=Job.State.QUEUED), BUDGET)
                break
            do_trial(sweep, run, progress)
        progress.advance()


def do_trial(sweep: Sweep, run: TrainingRun, progress: Progress, look: Any = None) -> TrainingRun:
    """Do the trial here, or wait for the worker that has it; the row as it is afterwards.

    look(run) : called while the trial works; may raise Cancelled
    """
    progress.say(f"{run.trial}: {shown_condition(run.condition)}")

    def looked(trial: TrainingRun) -> None:
        progress.stop_if_cancelled()
        if look:
            look(trial)

    while not run.is_finished:
        beat = not connection.in_atomic_block
        with looking(looked):
            is_ours = jobs.run(TrainingRun, run.pk, beat=beat)
        if not is_ours:
            progress.stop_if_cancelled()
            time.sleep(WAIT)
        run.refresh_from_db()
        progress.stop_if_cancelled()
    return run


def budget_is_used(sweep: Sweep) -> bool:
    """Whether the budget is used, in trials or in seconds of training.

    A search also counts what could not be trained, or it would ask for ever.
    """
    found = trials(sweep)
    n_used = sum(trial.was_run for trial in found)
    if sweep.kind == Sweep.Kind.SEARCH:
        n_used = len(found)
    if n_used >= (sweep.max_trials or MOST_TRIALS):
        return True
    seconds = sum(trial.seconds or 0.0 for trial in found if trial.was_run)
    return sweep.max_seconds is not None and seconds >= sweep.max_seconds


def _remember(sweep: Sweep) -> None:
    """What takes a library to compute is kept with the sweep: which factor decides."""
    from importlib.util import find_spec

    from models_app.sweeps.importance import importance

    if find_spec("optuna") is None:
        found: dict[str, Any] = {"reason": "Optuna is not installed; run make install-train"}
    else:
        done = [trial for trial in trials(sweep) if trial.value is not None]
        found = importance(
            [trial.condition for trial in done],
            [trial.value for trial in done if trial.value is not None],
            sweep.space,
            greater_is_better=sweep.greater_is_better,
        )
    sweep.environment = {**sweep.environment, "importance": found}
    Sweep.objects.filter(pk=sweep.pk).update(environment=sweep.environment)


def _summary(sweep: Sweep) -> str:
    counts: dict[str, int] = {}
    for trial in trials(sweep):
        counts[trial.state] = counts.get(trial.state, 0) + 1
    if not counts.get("done"):
        failed = sweep.runs.exclude(error="").order_by("trial").first()
        why = f"; the first failed: {failed.error}" if failed else ""
        raise NikashError(f"no trial was finished{why}")
    return ", ".join(f"{n} {state}" for state, n in counts.items())


def cancel_sweep(sweep: Sweep) -> None:
    """The trial at work stops at its next step, the sweep with it; what waits goes on waiting."""
    jobs.request_cancel(sweep)


def resume_sweep(sweep: Sweep, *, failed: bool = False) -> bool:
    """Queue the sweep again with its cancelled trials, `failed` ones too if asked for.

    Trials that only the budget stopped wait again; the job looks at the budget anew.
    """
    again = sweep.runs.filter(state=Job.State.CANCELLED, dropped_reason__in=["", BUDGET])
    if failed:
        again = again | sweep.runs.filter(state=Job.State.FAILED, dropped_reason="")
    again.update(
        state=Job.State.QUEUED,
        dropped_reason="",
        cancel_requested=False,
        error="",
        tries=0,
        queued_at=timezone.now(),
        finished_at=None,
    )
    has_more = sweep.kind == Sweep.Kind.SEARCH or sweep.runs.unfinished().exists()
    if sweep.state == Job.State.DONE and has_more:
        Sweep.objects.filter(pk=sweep.pk, state=Job.State.DONE).update(state=Job.State.CANCELLED)
    return jobs.resume(sweep)
