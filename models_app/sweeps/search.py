"""A search by Optuna: TPE, seeded, its journal in the data folder, so that a killed one goes on.

The journal holds what was asked and told, our rows what was done; where a worker was killed in
between, the rows are told to the journal. The sampler is seeded anew for each trial, so that a
search interrupted in a trial asks for the same ones as one that was not.
"""

import warnings
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

from django.conf import settings

from common.errors import MissingLibrary, NikashError
from models_app.jobs import Cancelled, Progress
from models_app.models import Sweep, TrainingPoint, TrainingRun
from models_app.sweeps.job import budget_is_used, do_trial
from models_app.sweeps.outcomes import PRUNED, trials
from models_app.sweeps.plan import make_trial
from models_app.sweeps.space import distributions

GIVE_UP = 10  # trials in a row that cannot be trained
STARTUP = 5  # trials drawn at random before the sampler learns, and before anything is pruned


def search(sweep: Sweep, progress: Progress) -> None:
    """Trials until the budget is used. Raises MissingLibrary where Optuna is not installed."""
    try:
        import optuna
    except ImportError as error:
        raise MissingLibrary(
            "searching needs Optuna, which is not installed; run make install-train"
        ) from error
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    sweep.environment = {**sweep.environment, "library": f"Optuna {optuna.__version__}"}
    Sweep.objects.filter(pk=sweep.pk).update(environment=sweep.environment)
    study = _study(sweep)
    _count(sweep, progress)
    for trial in _unfinished(sweep, study):
        _do(sweep, study, trial, progress)
    for run in sweep.runs.unfinished().order_by("trial"):
        do_trial(sweep, run, progress)
    while not budget_is_used(sweep):
        _stop_where_nothing_can_be_trained(sweep)
        study.sampler = _sampler(sweep, len(study.get_trials(deepcopy=False)))
        _do(sweep, study, study.ask(), progress)


def journal(sweep: Sweep) -> Path:
    return Path(settings.DATA_DIR) / "sweeps" / f"{sweep.pk}.journal"


def _study(sweep: Sweep) -> Any:
    import optuna
    from optuna.storages import JournalStorage
    from optuna.storages.journal import JournalFileBackend

    path = journal(sweep)
    path.parent.mkdir(parents=True, exist_ok=True)
    pruner: Any = optuna.pruners.NopPruner()
    if sweep.base["prune"]:
        pruner = optuna.pruners.MedianPruner(n_startup_trials=STARTUP)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", optuna.exceptions.ExperimentalWarning)
        storage = JournalStorage(JournalFileBackend(str(path)))
    return optuna.create_study(
        study_name=str(sweep.pk),
        storage=storage,
        sampler=_sampler(sweep),
        pruner=pruner,
        direction="maximize" if sweep.greater_is_better else "minimize",
        load_if_exists=True,
    )


def _sampler(sweep: Sweep, number: int = 0, place: int = 0) -> Any:
    from optuna.samplers import TPESampler

    seed = (1_000_003 * sweep.base["search_seed"] + 1009 * number + place) % 2**32
    return TPESampler(seed=seed, n_startup_trials=STARTUP)


def _unfinished(sweep: Sweep, study: Any) -> Iterator[Any]:
    """Trials that were asked for and never told of: a worker was killed or cancelled."""
    import optuna

    states = (optuna.trial.TrialState.RUNNING, optuna.trial.TrialState.WAITING)
    for frozen in study.get_trials(deepcopy=False, states=states):
        study.sampler = _sampler(sweep, frozen.number)
        yield optuna.trial.Trial(study, frozen._trial_id)


def _do(sweep: Sweep, study: Any, trial: Any, progress: Progress) -> None:
    import optuna

    number = trial.number + 1
    run = sweep.runs.filter(trial=number).first()
    if run is None:
        seed = sweep.base.get("settings", {}).get("seed", 1)
        run = make_trial(sweep, number, _condition(sweep, trial) | {"seed": seed})
    if not run.is_finished:
        do_trial(sweep, run, progress, look=partial(_look, sweep, trial))
    found = next(row for row in trials(sweep) if row.number == number)
    if found.value is not None:
        study.tell(trial, found.value)
    elif found.state == PRUNED:
        study.tell(trial, state=optuna.trial.TrialState.PRUNED)
    else:
        study.tell(trial, state=optuna.trial.TrialState.FAIL)
    _count(sweep, progress)


def _condition(sweep: Sweep, trial: Any) -> dict[str, Any]:
    """Each factor with a seed of its own; some samplers draw all of them when the trial is made."""
    condition = {}
    for place, (name, one) in enumerate(distributions(sweep.space).items()):
        trial.study.sampler = _sampler(sweep, trial.number, place)
        condition[name] = trial._suggest(name, one)
    return condition


def _look(sweep: Sweep, trial: Any, run: TrainingRun) -> None:
    """Report new points of the curve; Cancelled where the trial is not worth going on with."""
    curve = TrainingPoint.objects.filter(run=run, name=sweep.objective).order_by("step")
    seen = trial.study.get_trials(deepcopy=False)[trial.number].intermediate_values
    for step, value in curve.exclude(step__in=list(seen)).values_list("step", "value"):
        trial.report(value, step)
        if trial.should_prune():
            reason = (
                f"{PRUNED} at step {step}: {sweep.objective} {value:.4g} is worse than the median"
            )
            TrainingRun.objects.filter(pk=run.pk).update(dropped_reason=reason)
            raise Cancelled


def _stop_where_nothing_can_be_trained(sweep: Sweep) -> None:
    latest = trials(sweep)[-GIVE_UP:]
    if len(latest) == GIVE_UP and all(trial.state == "dropped" for trial in latest):
        raise NikashError(
            f"the last {GIVE_UP} trials could not be trained; the last: {latest[-1].reason}"
        )


def _count(sweep: Sweep, progress: Progress) -> None:
    done = sum(trial.was_run for trial in trials(sweep))
    progress.total(max(sweep.max_trials or 0, sweep.runs.count()), done=done)
