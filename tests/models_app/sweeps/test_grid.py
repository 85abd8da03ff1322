"""A grid is planned before it runs; what fails, is dropped or left out stays to be seen."""

import pytest

from common.errors import BadInput
from models_app import jobs
from models_app.jobs import run_inline
from models_app.models import Job, Subset, Sweep, TrainingRun
from models_app.sweeps.job import BUDGET, cancel_sweep, resume_sweep
from models_app.sweeps.outcomes import trials
from models_app.sweeps.plan import drop_trials, plan_sweep
from models_app.sweeps.watching import watched
from tests.models_app.sweeps.planned import described, failing, loss_of, planned, pretend

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def no_training(monkeypatch):
    monkeypatch.setitem(jobs._works, TrainingRun, pretend)


def states(sweep):
    return [trial.state for trial in trials(sweep)]


def test_every_combination_is_a_row_before_anything_runs():
    sweep = planned(
        factors={"rank": [4, 8], "size": [4, 8], "method": ["lora"]}, seeds=2, settings={"seed": 5}
    )
    assert sweep.runs.count() == sweep.n_total == 8
    assert states(sweep) == ["waiting"] * 8
    first, last = sweep.runs.order_by("trial")[0], sweep.runs.order_by("trial")[7]
    assert first.condition == {"rank": 4, "size": 4, "method": "lora", "seed": 5}
    assert last.condition == {"rank": 8, "size": 8, "method": "lora", "seed": 6}
    assert (last.settings["rank"], last.settings["seed"], last.subset.size) == (8, 6, 8)
    assert [run.condition["seed"] for run in sweep.runs.order_by("trial")] == [5] * 4 + [6] * 4
    assert Subset.objects.count() == 2


def test_all_trials_run_one_after_another():
    sweep = run_inline(planned())
    assert (sweep.state, sweep.message, sweep.n_done) == (Job.State.DONE, "4 done", 4)
    for trial in trials(sweep):
        assert trial.value == pytest.approx(loss_of(trial.run))
        assert (trial.seconds, trial.memory) == (2.0, 1_000_000 * trial.condition["rank"])
        assert trial.kwh is None
    shares = sweep.environment["importance"]["fanova"]
    assert max(shares, key=shares.get) == "rank"


def test_one_failing_trial_does_not_end_the_sweep(monkeypatch):
    monkeypatch.setitem(jobs._works, TrainingRun, failing(lambda run: run.trial == 2))
    sweep = run_inline(planned())
    assert sweep.state == Job.State.DONE and sweep.message == "3 done, 1 failed"
    assert states(sweep) == ["done", "failed", "done", "done"]
    assert "not a number" in trials(sweep)[1].reason
    monkeypatch.setitem(jobs._works, TrainingRun, pretend)
    resume_sweep(sweep, failed=True)
    assert run_inline(sweep).message == "4 done"


def test_a_sweep_without_a_finished_trial_failed(monkeypatch):
    monkeypatch.setitem(jobs._works, TrainingRun, failing(lambda run: True))
    sweep = run_inline(planned())
    assert sweep.state == Job.State.FAILED
    assert sweep.error.startswith("no trial was finished; the first failed: The loss")


def test_what_cannot_be_trained_is_dropped_with_the_reason():
    sweep = planned(factors={"bits": [4, 32], "method": ["lora", "full"]})
    assert states(sweep) == ["waiting", "waiting", "dropped", "waiting"]  # method before bits
    assert "4 bits cannot be trained themselves" in trials(sweep)[2].reason
    assert run_inline(sweep).message == "3 done, 1 dropped"
    with pytest.raises(BadInput, match="no combination can be trained; the first: cannot"):
        planned("none", factors={"bits": [4, 8], "method": ["full"]})
    assert not Sweep.objects.filter(name="none").exists()


def test_planned_conditions_are_dropped_by_a_rule_or_by_hand():
    rule = {"condition": {"rank": 8, "bits": 16}, "reason": "known to be too slow"}
    sweep = planned(drop=[rule])
    assert states(sweep) == ["waiting", "waiting", "dropped", "waiting"]
    assert drop_trials(sweep.runs.filter(trial=4), "no time") == 1
    assert drop_trials(sweep.runs.filter(trial=4), "again") == 0
    sweep = run_inline(sweep)
    assert sweep.message == "2 done, 2 dropped"
    assert [trial.reason for trial in trials(sweep)][2:] == ["known to be too slow", "no time"]
    with pytest.raises(BadInput, match="say why"):
        drop_trials(sweep.runs.all(), " ")
    with pytest.raises(BadInput, match="rank 5 is not in this sweep"):
        planned("other", drop=[{"condition": {"rank": 5}, "reason": "x"}])


@pytest.mark.parametrize("budget", [{"max_trials": 2}, {"max_seconds": 3}])
def test_the_budget_ends_a_grid_and_a_larger_one_goes_on(budget):
    sweep = run_inline(planned(**budget))
    assert states(sweep) == ["done", "done", "dropped", "dropped"]
    assert {trial.reason for trial in trials(sweep)[2:]} == {BUDGET}
    Sweep.objects.update(max_trials=3, max_seconds=None)
    sweep.refresh_from_db()
    resume_sweep(sweep)
    assert states(run_inline(sweep)) == ["done", "done", "done", "dropped"]


def test_a_cancelled_sweep_stops_its_trial_and_goes_on_later(monkeypatch):
    @watched
    def cancelled(run, progress):
        if run.trial == 2:
            cancel_sweep(Sweep.objects.get(pk=run.sweep_id))
            progress.stop_if_cancelled()
        pretend(run, progress)

    monkeypatch.setitem(jobs._works, TrainingRun, cancelled)
    sweep = run_inline(planned())
    assert sweep.state == Job.State.CANCELLED
    assert states(sweep) == ["done", "cancelled", "waiting", "waiting"]
    monkeypatch.setitem(jobs._works, TrainingRun, pretend)
    resume_sweep(sweep)
    sweep.refresh_from_db()
    assert run_inline(sweep).message == "4 done"
    assert list(sweep.runs.order_by("trial").values_list("tries", flat=True)) == [1, 1, 1, 1]


def test_the_reaper_leaves_waiting_trials_to_their_sweep():
    sweep = planned()
    old = sweep.queued_at.replace(year=2020)
    TrainingRun.objects.update(queued_at=old)
    Sweep.objects.update(queued_at=old)
    assert not TrainingRun.objects.lost().exists() and Sweep.objects.lost().get() == sweep


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"factors": {}}, "name at least one factor"),
        ({"factors": {"ranks": [1]}}, "no factor 'ranks'; known: checkpoint, corpus"),
        ({"factors": {"seed": [1, 2]}}, "seed is no factor"),
        ({"factors": {"rank": []}}, "rank: write a list of levels"),
        ({"factors": {"rank": [4, 4]}}, "a level stands twice"),
        ({"factors": {"rank": {"low": 4, "high": 8}}}, "a grid needs a list of levels"),
        ({"factors": {"rank": [[4]]}}, "a level is a text, a number"),
        ({"factors": {"bits": [5]}}, "bits must be one of 4, 8, 16, 32, not 5"),
        ({"factors": {"size": [9000]}}, "write a size from 1 to 16, not 9000"),
        ({"factors": {"size": ["many"]}}, "size must be a whole number"),
        ({"factors": {"rank": list(range(1, 50)), "alpha": list(range(1, 50))}}, "at most 2,000"),
        ({"checkpoint": "other"}, "no checkpoint called 'other'; known: base"),
        ({"prompt": None}, "name a prompt"),
        ({"kind": "random"}, "kind must be grid or search"),
        ({"colour": "red"}, "a sweep has no 'colour'"),
        ({"seeds": 0}, "seeds must be a whole number of at least 1"),
        ({"max_trials": "many"}, "max_trials must be a whole number above 0"),
        ({"drop": {"rank": 4}}, "drop must be a list"),
        ({"kind": "search"}, "a search needs a budget"),
        ({"kind": "search", "max_trials": 4, "seeds": 2}, "one run for each trial"),
        (
            {"kind": "search", "max_trials": 4, "factors": {"rank": {"low": 8, "high": 4}}},
            "low below high",
        ),
        (
            {"kind": "search", "max_trials": 4,
             "factors": {"alpha": {"low": 0, "high": 4, "log": True}}},
            "by logarithm starts above 0",
        ),
    ],
)  # fmt: skip
def test_a_description_that_cannot_be_used_is_refused(changes, sentence):
    with pytest.raises(BadInput) as problem:
        plan_sweep("bad", described(**changes), queue=False)
    assert sentence in str(problem.value)
    assert not Sweep.objects.exists() and not TrainingRun.objects.exists()
