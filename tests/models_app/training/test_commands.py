"""The commands that train, merge, compose and publish."""

import json
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from models_app.checkpoints import register_adapter, register_checkpoint
from models_app.models import Adapter, Checkpoint, TrainingRun
from tests.models_app.small_models import MODELS
from tests.models_app.training.training import questions

pytest.importorskip("torch", reason="torch is not installed; it comes with the extra [ml]")
pytestmark = [
    pytest.mark.django_db,
    pytest.mark.filterwarnings("ignore:`is_gradient_checkpointing`:FutureWarning"),
]
ASKED = ["--checkpoint", "base", "--corpus", "questions", "--prompt", "question_mr"]


@pytest.fixture(autouse=True)
def ready() -> None:
    register_checkpoint(
        name="base", location=str(MODELS / "base"), architecture="causal", licence="Apache-2.0"
    )
    questions()


def test_a_run_from_settings_in_a_file_and_in_words(tmp_path: Path, capsys: pytest.CaptureFixture):
    file = tmp_path / "settings.json"
    file.write_text(json.dumps({"max_steps": 4, "eval_steps": 4, "rank": 4, "batch_size": 4}))
    asked = ["train", "tuned", *ASKED, "--config", str(file), "--set", "rank=2"]
    call_command(*asked, "--subset-size", "20")
    told = capsys.readouterr().err
    assert "4 of 4 steps" in told
    assert "Adapter tuned: step 4 of 4, the checkpoint with the lowest eval_loss" in told
    assert "under Apache-2.0 AND CC-BY-4.0" in told
    run = TrainingRun.objects.get()
    assert run.subset and run.subset.size == 20 and run.card["data"]["n_examples"] == 20
    assert run.adapter and run.adapter.config["r"] == 2

    call_command(*asked, "--subset-size", "20")
    assert TrainingRun.objects.count() == 1
    place = tmp_path / "published"
    call_command("publish_model", "tuned", "--folder", str(place))
    assert (place / "README.md").is_file()
    call_command("merge_adapter", "tuned", "--name", "merged")
    assert Checkpoint.objects.get(name="merged").licence == "Apache-2.0 AND CC-BY-4.0"


def test_a_run_left_to_a_worker(capsys: pytest.CaptureFixture):
    call_command("train", "tuned", *ASKED, "--queue")
    assert "tuned waits for a worker" in capsys.readouterr().err
    assert TrainingRun.objects.get().state == "queued"


@pytest.mark.parametrize(
    ("more", "words"),
    [
        (["--set", "rank"], "write SETTING=VALUE"),
        (["--set", "rank=x"], "rank must be a whole number"),
        (["--set", "accelerate=x"], "accelerate must be a JSON object"),
        (["--config", "nowhere.json"], "nowhere.json cannot be read as JSON"),
        (["--start-adapter", "none"], "there is no adapter called 'none'; known: none yet"),
        (["--subset-size", "9999"], "write a size from 1 to 80"),
    ],
)
def test_what_cannot_be_read_is_a_sentence(more: list[str], words: str):
    with pytest.raises(CommandError, match=words):
        call_command("train", "tuned", *ASKED, *more)


def test_adapters_are_composed_with_given_and_with_found_weights(capsys: pytest.CaptureFixture):
    base = Checkpoint.objects.get()
    names = ["lora-sentences", "lora-culture"]
    for name in names:
        register_adapter(name=name, checkpoint=base, location=str(MODELS / name))
    call_command("compose_adapters", "lora-sentences=0.6", "lora-culture=0.4", "--name", "both")
    assert Adapter.objects.get(name="both").config["r"] == 8
    call_command(
        "compose_adapters", *names, "--name", "found", "--search", "questions",
        "--prompt", "question_mr", "--n-examples", "4", "--tries", "4",
    )  # fmt: skip
    told = capsys.readouterr().err
    assert "4 of 4 tries" in told and "\nlora-sentences " in told
    with pytest.raises(CommandError, match="write ADAPTER=WEIGHT"):
        call_command("compose_adapters", "lora-culture=x", "lora-sentences", "--name", "y")
    with pytest.raises(CommandError, match="--search needs --prompt"):
        call_command("compose_adapters", *names, "--name", "y", "--search", "questions")
    with pytest.raises(CommandError, match="no adapter or checkpoint called 'nobody'"):
        call_command("publish_model", "nobody", "--hub", "a/b")
