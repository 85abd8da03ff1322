"""What goes wrong in training: a sentence on the run, and nothing else harmed."""

import errno
from pathlib import Path
from typing import Any

import pytest

from common.errors import BadInput
from models_app.checkpoints import register_adapter, register_checkpoint
from models_app.jobs import run_inline
from models_app.models import Adapter, Checkpoint, Job, TrainingRun
from models_app.training.start import start_training
from tests.models_app.corpora import corpus, fill
from tests.models_app.small_models import MODELS, copy, registered
from tests.models_app.training.training import begun, questions, trained

torch = pytest.importorskip("torch", reason="torch is not installed; see the extra [ml]")
pytestmark = [
    pytest.mark.django_db,
    pytest.mark.filterwarnings("ignore:`is_gradient_checkpointing`:FutureWarning"),
]


def failed(run: TrainingRun) -> str:
    """Why the run failed; nothing was registered for it."""
    assert run.state == Job.State.FAILED
    assert run.adapter is None and run.tuned is None
    assert not Adapter.objects.filter(name=run.name).exists()
    assert not Checkpoint.objects.filter(name=run.name).exists()
    return run.error


def test_a_loss_that_is_not_a_number_ends_the_run():
    run = trained(method="full", settings={"learning_rate": 1e20, "warmup_ratio": 0})
    assert failed(run).startswith("The loss is not a number at step ")
    assert "lower learning_rate than 1e+20" in run.error


@pytest.mark.parametrize(
    "problem",
    [
        MemoryError(),
        torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 20.00 GiB."),
        RuntimeError("[enforce fail] DefaultCPUAllocator: can't allocate memory: you tried"),
    ],
    ids=["process", "accelerator", "processor"],
)
def test_a_full_memory_says_what_to_lower(problem: Exception, monkeypatch: pytest.MonkeyPatch):
    def full(*args: Any, **kwargs: Any) -> None:
        raise problem

    monkeypatch.setattr(torch.Tensor, "backward", full)
    error = failed(trained())
    assert error == (
        "Out of memory. Start another run with a smaller batch_size than 8 with more "
        "accumulation, gradient_checkpointing, method lora with 4 bits, fewer tokens, or on a "
        "larger machine."
    )


@pytest.mark.parametrize(
    "problem",
    [
        OSError(errno.ENOSPC, "No space left on device"),
        RuntimeError("[enforce fail at inline_container.cc:672] . unexpected pos 64 vs 0"),
        RuntimeError("PytorchStreamWriter failed writing file data/0: file write failed"),
    ],
    ids=["system", "position", "stream"],
)
def test_a_full_disk_keeps_the_checkpoint_before_and_goes_on_from_it(
    problem: Exception, monkeypatch: pytest.MonkeyPatch
):
    save, saved = torch.save, []

    def full(thing: Any, path: Any, *args: Any, **kwargs: Any) -> None:
        if "checkpoint-8" in str(path):
            raise problem
        saved.append(path)
        save(thing, path, *args, **kwargs)

    monkeypatch.setattr(torch, "save", full)
    run = trained()
    assert failed(run).startswith("The disk is full: a checkpoint could not be written to ")
    assert saved
    monkeypatch.undo()
    TrainingRun.objects.filter(pk=run.pk).update(state=Job.State.QUEUED)
    run = run_inline(run)
    assert (run.state, run.error) == (Job.State.DONE, "")


def damaged(folder: Path, change: str) -> Path:
    path = copy("lora-sentences", folder)
    weights = path / "adapter_model.safetensors"
    whole = weights.read_bytes()
    weights.write_bytes(whole[:5000] if change == "cut short" else b"x" * len(whole))
    return path


@pytest.mark.parametrize("change", ["cut short", "overwritten"])
def test_a_damaged_adapter_is_not_gone_on_from(change: str, tmp_path: Path):
    start = register_adapter(
        name="start", checkpoint=registered(), location=str(damaged(tmp_path, change))
    )
    run = trained(start_adapter=start)
    assert "lora-sentences cannot be loaded: " in failed(run)


def test_weights_that_changed_since_they_were_registered_are_not_used(tmp_path: Path):
    base = registered(folder=copy("base", tmp_path).parent)
    begun_run = begun(checkpoint=base)
    file = tmp_path / "base" / "model.safetensors"
    file.write_bytes(file.read_bytes()[:-2] + b"\0\1")
    assert "are no longer those that were registered" in failed(run_inline(begun_run))


def test_an_adapter_of_another_base_is_refused(tmp_path: Path):
    base = registered()
    other = register_checkpoint(
        name="other", location=str(copy("base", tmp_path)), architecture="causal"
    )
    start = register_adapter(name="x", checkpoint=base, location=str(MODELS / "lora-culture"))
    with pytest.raises(BadInput, match="the adapter x belongs to base, not to other"):
        begun(checkpoint=other, start_adapter=start)


def test_an_adapter_that_does_not_fit_its_base_fails_with_a_sentence(tmp_path: Path):
    translator = registered("en-mr")
    start = register_adapter(name="x", checkpoint=translator, location=str(MODELS / "lora-culture"))
    run = trained(checkpoint=translator, start_adapter=start, prompt="nllb",
                  corpus=questions(), settings={"bits": 32})  # fmt: skip
    assert "it does not fit this checkpoint" in failed(run)


def test_a_hub_that_is_down_is_told_with_the_checkpoint():
    away = register_checkpoint(
        name="away", location="nobody/nothing", revision="a" * 40, architecture="causal"
    )
    error = failed(trained(checkpoint=away))
    assert error.startswith("the tokeniser of nobody/nothing cannot be loaded: ")


def test_data_that_changed_since_the_run_began_is_not_gone_on_with(monkeypatch: Any):
    run = begun()
    with monkeypatch.context() as patch:
        patch.setattr(torch.Tensor, "backward", lambda *_, **__: (_ for _ in ()).throw(MemoryError))
        run = run_inline(run)
    run.corpus.examples.filter(split="train").first().delete()
    TrainingRun.objects.filter(pk=run.pk).update(state=Job.State.QUEUED)
    assert "has changed since this run began" in failed(run_inline(run))


REFUSED = [
    ({"method": "full", "settings": {"bits": 4}}, "weights of 4 bits cannot be trained"),
    ({"settings": {"bits": 8, "use_dora": True}}, "DoRA does not train on a base of 8 bits"),
    ({"settings": {"choose_by": "eval_chrf"}}, "choose_by must be one of last, eval_loss"),
    ({"settings": {"eval_metric": "comet"}}, "no eval_metric 'comet'; known: chrf"),
    ({"settings": {"accelerate": {"x": 1}}}, "accelerate: x cannot be passed on"),
    ({"settings": {"accelerate": {"zero_optimization": {"stage": 2}}}}, "deepspeed is not inst"),
    ({"prompt": "chat"}, "no chat template"),
    ({"prompt": "nothing"}, "no prompt called 'nothing'"),
    ({"name": "a b\n"}, "name: "),
]


@pytest.mark.parametrize(("asked", "words"), REFUSED, ids=lambda value: str(value)[:40])
def test_what_cannot_be_trained_is_refused_before_it_is_queued(asked: dict[str, Any], words: str):
    from common.errors import NikashError

    with pytest.raises(NikashError, match=words):
        begun(**asked)
    assert not TrainingRun.objects.exists()


def test_without_a_valid_split_only_the_last_checkpoint_can_be_chosen():
    plain = fill(corpus("plain", "instruction"), [{"instruction": "नाव?", "output": "राम"}] * 8)
    with pytest.raises(BadInput, match="has no valid split to choose a checkpoint by"):
        begun(corpus=plain)
    run = trained(corpus=plain, settings={"choose_by": "last", "max_steps": 4})
    assert (run.state, run.error, run.best_step) == (Job.State.DONE, "", 4)
    assert run.card["choice"]["rule"] == "the last checkpoint"


def test_a_layer_that_is_not_there_is_named():
    error = failed(trained(settings={"target_modules": "c_attn"}))
    assert error.startswith("target_modules: ") and "c_attn" in error


def test_a_name_that_an_adapter_has_is_refused():
    register_adapter(name="tuned", checkpoint=registered(), location=str(MODELS / "lora-culture"))
    with pytest.raises(BadInput, match="there is an adapter called 'tuned'"):
        start_training(
            name="tuned", checkpoint=registered(), corpus=questions(), prompt="question_mr"
        )
