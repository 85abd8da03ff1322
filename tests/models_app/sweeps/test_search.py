"""A search by Optuna: within its budget, pruned, and the same whether it is interrupted or not."""

import pytest

from models_app import jobs
from models_app.jobs import run_inline
from models_app.models import Job, Sweep, TrainingRun
from models_app.sweeps import search
from models_app.sweeps.job import cancel_sweep, resume_sweep
from models_app.sweeps.outcomes import trials
from tests.models_app.sweeps.planned import failing, planned, pretend

pytest.importorskip("optuna", reason="Optuna is not installed")
pytestmark = pytest.mark.django_db
SPACE = {
    "rank": {"low": 2, "high": 16, "step": 2},
    "learning_rate": {"low": 1e-4, "high": 1e-2, "log": True},
    "bits": [16, 32],
}


@pytest.fixture(autouse=True)
def no_training(monkeypatch, tmp_path, settings):
    settings.DATA_DIR = tmp_path
    monkeypatch.setitem(jobs._works, TrainingRun, pretend)


def searching(name="found", **changes):
    return planned(name, **({"kind": "search", "factors": SPACE, "max_trials": 12} | changes))


def conditions(sweep):
    return [(trial.condition, trial.state) for trial in trials(sweep)]


def test_a_search_learns_within_its_budget():
    sweep = run_inline(searching(max_trials=25, prune=False))
    assert sweep.state == Job.State.DONE and sweep.message == "25 done"
    values = [trial.value for trial in trials(sweep)]
    assert sum(values[-5:]) < sum(values[:5])
    for trial in trials(sweep):
        assert trial.condition["rank"] % 2 == 0 and 2 <= trial.condition["rank"] <= 16
        assert 1e-4 <= trial.condition["learning_rate"] <= 1e-2
        assert trial.run.settings["rank"] == trial.condition["rank"]
    assert search.journal(sweep).is_file() and sweep.environment["library"].startswith("Optuna")
    assert sum(sweep.environment["importance"]["ped_anova"].values()) == pytest.approx(1)


def test_the_seed_decides_which_trials_are_asked_for():
    one, same, other = (
        conditions(run_inline(searching(name, search_seed=seed, max_trials=8)))
        for name, seed in (("a", 1), ("b", 1), ("c", 2))
    )
    assert one == same != other


def test_bad_trials_are_pruned_and_stay_to_be_seen():
    sweep = run_inline(searching(max_trials=30))
    pruned = [trial for trial in trials(sweep) if trial.state == "pruned"]
    assert pruned and f"{len(pruned)} pruned" in sweep.message
    assert all(trial.number > search.STARTUP and trial.value is None for trial in pruned)
    assert pruned[0].reason.startswith("pruned at step 10: eval_loss ")


def test_seconds_are_a_budget_too():
    sweep = run_inline(searching(max_trials=None, max_seconds=9, prune=False))
    assert sweep.message == "5 done"


def test_a_failed_trial_is_told_and_the_search_goes_on(monkeypatch):
    monkeypatch.setitem(jobs._works, TrainingRun, failing(lambda run: run.trial in (3, 7)))
    sweep = run_inline(searching(prune=False))
    assert sweep.message == "10 done, 2 failed"


def test_what_cannot_be_trained_counts_and_ends():
    space = {"bits": [4], "method": ["full"], "rank": [4, 8]}
    sweep = run_inline(searching(factors=space, max_trials=3))
    assert sweep.state == Job.State.FAILED
    assert [trial.state for trial in trials(sweep)] == ["dropped"] * 3
    endless = run_inline(searching("endless", factors=space, max_trials=None, max_seconds=9))
    assert endless.error.startswith("the last 10 trials could not be trained; the last: cannot")


def test_a_search_cancelled_in_a_trial_goes_on_as_if_nothing_had_been(monkeypatch):
    whole = run_inline(searching("whole"))
    stopped = {4, 9}

    def interrupted(run, progress):
        if run.trial in stopped and run.sweep.name == "parts":
            stopped.discard(run.trial)
            cancel_sweep(Sweep.objects.get(pk=run.sweep_id))
        pretend(run, progress)

    monkeypatch.setitem(jobs._works, TrainingRun, interrupted)
    parts = run_inline(searching("parts"))
    for _ in range(2):
        assert parts.state == Job.State.CANCELLED
        resume_sweep(parts)
        parts.refresh_from_db()
        parts = run_inline(parts)
    assert conditions(parts) == conditions(whole)


@pytest.mark.parametrize("moment", ["asked", "half-asked", "done"])
def test_what_the_journal_and_the_rows_do_not_share_is_settled(moment):
    """A worker killed between Optuna's question and our row, in it, and before the answer."""
    whole = run_inline(searching("whole", prune=False))
    sweep = run_inline(searching("parts", prune=False, max_trials=6))
    study = search._study(sweep)
    study.sampler = search._sampler(sweep, 6)
    trial = study.ask()
    if moment == "half-asked":
        trial._suggest("rank", search.distributions(sweep.space)["rank"])
    if moment == "done":
        condition = search._condition(sweep, trial)
        run_inline(search.make_trial(sweep, 7, condition | {"seed": 1}))
    Sweep.objects.filter(pk=sweep.pk).update(max_trials=12)
    resume_sweep(sweep)
    sweep.refresh_from_db()
    sweep = run_inline(sweep)
    n_same = 6 if moment == "half-asked" else 7  # within a question the draw begins anew
    assert conditions(sweep)[:n_same] == conditions(whole)[:n_same]
    assert sweep.message == "12 done"
    assert len({trial.number for trial in trials(sweep)}) == 12
