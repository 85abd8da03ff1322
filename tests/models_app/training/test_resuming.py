"""A worker killed while it writes a checkpoint: the next one ends at the same loss."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from models_app.jobs import Progress, run_inline
from models_app.models import Job
from models_app.training import trainer
from models_app.training.saved import folder_for, newest
from models_app.training.start import start_training
from tests.models_app.training.training import QUICK, begun, curve, trained
from tests.servers import Store

pytest.importorskip("torch", reason="torch is not installed; it comes with the extra [ml]")
pytestmark = pytest.mark.filterwarnings("ignore:`is_gradient_checkpointing`:FutureWarning")

ROOT = Path(__file__).resolve().parents[3]
SETTINGS = {
    **QUICK, "max_steps": 20, "eval_steps": 5, "dropout": 0.1, "accumulation": 2, "batch_size": 3,
    "choose_by": "last",
}  # fmt: skip
KILL_AT = 15
TRAIN = f"""
import os, signal, sys
from transformers import Trainer
from models_app import tasks
from models_app.jobs import run_inline
from models_app.models import Corpus
from tests.models_app.small_models import registered
from tests.models_app.training.training import questions
from models_app.training.start import start_training
base = registered()
corpus = Corpus.objects.filter(name="questions").first() or questions()
def trained(name):
    return run_inline(start_training(name=name, checkpoint=base, corpus=corpus, queue=False,
                      prompt="question_mr", settings={SETTINGS!r}))
"""
KILL = f"""
print(trained("whole").error)
def killed(self, folder):
    if self.state.global_step == {KILL_AT}:
        os.kill(os.getpid(), signal.SIGKILL)
    save(self, folder)
save, Trainer._save_rng_state = Trainer._save_rng_state, killed
trained("cut")
"""
RESUME = """
import json, time
from models_app.models import TrainingPoint, TrainingRun
time.sleep(1.1)
run = trained("cut")
curves = {
    name: [[p.step, p.name, p.value] for p in TrainingPoint.objects.filter(run__name=name)]
    for name in ("whole", "cut")
}
locations = {r.name: r.adapter and r.adapter.location for r in TrainingRun.objects.all()}
print(json.dumps({"state": run.state, "error": run.error, "tries": run.tries, "card": run.card,
                  "curves": curves, "locations": locations}))
"""


def shell(store: Store, code: str) -> subprocess.CompletedProcess[str]:
    environment = store.environment | {"NIKASH_JOB_LEASE_SECONDS": "1"}
    return subprocess.run(
        [sys.executable, "manage.py", "shell", "--no-imports", "-c", TRAIN + code],
        cwd=ROOT, env=environment, capture_output=True, text=True,
    )  # fmt: skip


@pytest.mark.slow
def test_a_run_killed_while_it_saves_ends_at_the_same_loss_and_weights(tmp_path: Path):
    from safetensors.torch import load_file

    store = Store(tmp_path)
    killed = shell(store, KILL)
    assert killed.returncode == -9, killed
    left = {path.name for path in (tmp_path / "training" / "2").glob("checkpoint-*")}
    assert left == {"checkpoint-5", "checkpoint-10", "checkpoint-15"}

    ended = shell(store, RESUME)
    assert ended.returncode == 0, ended.stderr
    told = json.loads(ended.stdout.splitlines()[-1])
    assert (told["state"], told["error"], told["tries"]) == ("done", "", 2)
    whole, cut = told["curves"]["whole"], told["curves"]["cut"]
    assert [point[:2] for point in whole] == [point[:2] for point in cut]
    for one, other in zip(whole, cut, strict=True):
        assert one[2] == pytest.approx(other[2], abs=1e-6), one
    weights = [load_file(Path(told["locations"][n]) / "adapter_model.safetensors")
               for n in ("whole", "cut")]  # fmt: skip
    assert weights[0].keys() == weights[1].keys()
    assert all((weights[0][name] == weights[1][name]).all() for name in weights[0])
    assert told["card"]["tries"] == 2
    assert not list((tmp_path / "training" / "2").glob("checkpoint-*"))


@pytest.mark.django_db
def test_a_cancelled_run_goes_on_where_it_was(monkeypatch: pytest.MonkeyPatch):
    run = begun(settings={"max_steps": 12, "eval_steps": 4})
    stop_at(monkeypatch, 10)
    run = run_inline(run)
    assert run.state == Job.State.CANCELLED
    saved = newest(folder_for(run))
    assert saved and saved.step == 8
    monkeypatch.undo()
    steps: list[int] = []
    advance = Progress.advance
    monkeypatch.setattr(
        Progress, "advance", lambda self, n=1: (steps.append(self._job.n_done), advance(self, n))
    )
    type(run).objects.filter(pk=run.pk).update(state=Job.State.QUEUED, cancel_requested=False)
    run = run_inline(run)
    assert (run.state, run.error, run.n_done) == (Job.State.DONE, "", 12)
    assert steps == [8, 9, 10, 11]
    assert len(curve(run, "loss")) == 12


@pytest.mark.django_db
def test_a_checkpoint_cut_short_is_passed_over(monkeypatch: pytest.MonkeyPatch):
    run = begun(settings={"max_steps": 12, "eval_steps": 4})
    stop_at(monkeypatch, 10)
    run_inline(run)
    monkeypatch.undo()
    optimizer = folder_for(run) / "checkpoint-8" / "optimizer.pt"
    optimizer.write_bytes(optimizer.read_bytes()[:100])
    saved = newest(folder_for(run))
    assert saved and saved.step == 4
    assert not optimizer.exists()


@pytest.mark.django_db
def test_a_finished_run_run_again_does_nothing(monkeypatch: pytest.MonkeyPatch):
    run = trained()
    made = run.adapter_id
    monkeypatch.setattr(trainer, "make_trainer", None)
    type(run).objects.filter(pk=run.pk).update(state=Job.State.QUEUED)
    run = run_inline(run)
    assert (run.state, run.adapter_id) == (Job.State.DONE, made)


@pytest.mark.django_db
def test_a_run_lost_between_its_last_step_and_its_result_only_stores_it(
    monkeypatch: pytest.MonkeyPatch,
):
    from models_app.training import job

    run = begun()
    finish = job._finish
    monkeypatch.setattr(job, "_finish", lambda *args: (_ for _ in ()).throw(MemoryError))
    assert run_inline(run).state == Job.State.FAILED
    monkeypatch.setattr(job, "_finish", finish)
    monkeypatch.setattr(job, "make_trainer", None)
    type(run).objects.filter(pk=run.pk).update(state=Job.State.QUEUED)
    run = run_inline(run)
    assert (run.state, run.error) == (Job.State.DONE, "")
    assert run.adapter and run.card["seconds"] > 0


@pytest.mark.django_db
def test_the_same_run_again_is_the_same_row_and_another_is_refused():
    run = begun()
    assert begun() == run
    with pytest.raises(Exception, match="'tuned' exists with another settings"):
        start_training(
            name="tuned", checkpoint=run.checkpoint, corpus=run.corpus, prompt=run.prompt
        )


def stop_at(monkeypatch: pytest.MonkeyPatch, step: int) -> None:
    """Somebody presses cancel after this step."""
    advance = Progress.advance

    def advanced(self: Progress, n: int = 1) -> None:
        advance(self, n)
        if self._job.n_done >= step:
            self._rows.update(cancel_requested=True)
            self.stop_if_cancelled()

    monkeypatch.setattr(Progress, "advance", advanced)
