"""Real training of the demo's models: curves go down, and what is made changes the answers."""

import itertools
import json
from typing import Any

import pytest

from models_app.backends.base import Producer, Request, Weights
from models_app.backends.huggingface import HuggingFace
from models_app.models import Job, TrainingRun
from models_app.prompts.base import Asked
from models_app.prompts.marathi_question import MarathiQuestion
from models_app.training.evaluate import chrf
from tests.models_app.small_models import MODELS
from tests.models_app.training.training import curve, questions, trained

pytest.importorskip("torch", reason="torch is not installed; it comes with the extra [ml]")
pytestmark = [
    pytest.mark.django_db,
    # peft's use of a name that transformers is about to drop.
    pytest.mark.filterwarnings("ignore:`is_gradient_checkpointing`:FutureWarning"),
]


def producer(run: TrainingRun, **decoding: Any) -> Producer:
    """What was made, as a system would use it."""
    base = Weights(str(MODELS / run.checkpoint.name))
    made = run.adapter or run.tuned
    assert made is not None
    put = Weights(made.location)
    options = {"max_new_tokens": 40} | decoding
    if run.adapter:
        return Producer(run.name, base, run.checkpoint.architecture, put, options)
    return Producer(run.name, put, run.checkpoint.architecture, decoding=options)


def answers(made: Producer, prompts: list[str]) -> list[str]:
    backend = HuggingFace([made])
    return [a.text for a in backend.generate([Request(0, prompt) for prompt in prompts])]


def test_an_adapter_is_trained_and_its_answers_are_in_the_manner_of_its_data():
    run = trained(
        corpus=questions(n=24),
        settings={
            "max_steps": 60,
            "eval_steps": 30,
            "batch_size": 12,
            "learning_rate": 5e-3,
            "rank": 32,
            "alpha": 64,
            "eval_metric": "chrf,exact",
            "choose_by": "last",
        },
    )
    assert (run.state, run.error) == (Job.State.DONE, "")
    loss, eval_loss = curve(run, "loss"), curve(run, "eval_loss")
    assert (len(loss), len(eval_loss), len(curve(run, "eval_chrf"))) == (60, 2, 2)
    assert sum(loss[-5:]) < sum(loss[:5]) / 4

    asked = list(run.corpus.examples.filter(split="train")[:20])
    prompts = [MarathiQuestion().render(Asked(example.instruction)) for example in asked]
    wanted = [example.output for example in asked]
    base = answers(Producer("base", Weights(str(MODELS / "base"))), prompts)
    tuned = answers(producer(run), prompts)
    assert chrf(tuned, wanted) > chrf(base, wanted) + 20
    assert n_sentences(base) < 3 and n_sentences(tuned) > 15


def n_sentences(texts: list[str]) -> int:
    return sum(text.endswith(".") and len(text.split()) > 2 for text in texts)


WAYS = [
    {"method": "full"},
    {"method": "attention"},
    {"method": "full", "settings": {"bits": 16}},
    *(
        {"settings": {"bits": bits, "use_rslora": rslora, "use_dora": dora}}
        for bits, rslora, dora in itertools.product((4, 8, 16, 32), (False, True), (False, True))
        if not (bits == 8 and dora)
    ),
    {"settings": {"gradient_checkpointing": True}},
    {"settings": {"bits": 4, "gradient_checkpointing": True}},
    {"settings": {"target_modules": "q_proj, v_proj", "dropout": 0.1}},
    {"settings": {"accumulation": 3}},
]


@pytest.mark.parametrize("way", WAYS, ids=str)
def test_every_way_of_training_lowers_the_loss(way: dict[str, Any]):
    way = json.loads(json.dumps(way))
    if way.get("method"):
        way.setdefault("settings", {})["learning_rate"] = 1e-3
    run = trained(**way)
    assert (run.state, run.error) == (Job.State.DONE, "")
    eval_loss = curve(run, "eval_loss")
    assert eval_loss[-1] < eval_loss[0] - 0.1
