"""Real training of the demo's models: curves go down, and what is made changes the answers."""

import itertools
import json
from typing import Any

import pytest

from common.text import is_devanagari
from models_app.backends.base import Producer, Request, Weights
from models_app.backends.huggingface import HuggingFace
from models_app.checkpoints import register_adapter
from models_app.models import Job, TrainingRun
from models_app.prompts.base import Asked
from models_app.prompts.question import QuestionMarathi
from models_app.training.evaluate import chrf
from tests.models_app.small_models import MODELS, registered
from tests.models_app.training.training import curve, questions, trained, translations

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
    prompts = [QuestionMarathi().render(Asked(example.instruction)) for example in asked]
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


def test_a_translator_is_trained_with_its_language_codes():
    run = trained(
        checkpoint=registered("en-mr"),
        corpus=translations(),
        prompt="nllb",
        settings={"max_steps": 20, "eval_steps": 10, "eval_metric": "bleu, chrf, ter, rouge_l"},
    )
    assert (run.state, run.error) == (Job.State.DONE, "")
    eval_loss = curve(run, "eval_loss")
    assert eval_loss[-1] < eval_loss[0]
    assert all(len(curve(run, f"eval_{name}")) == 2 for name in ("bleu", "chrf", "ter", "rouge_l"))
    codes = {"src_lang": "eng_Latn", "tgt_lang": "mar_Deva"}
    texts = answers(producer(run, **codes), ["The doctor comes at ten."])
    assert is_devanagari(texts[0])


def test_training_goes_on_from_an_adapter():
    base, corpus = registered(), questions()
    start = register_adapter(
        name="start", checkpoint=base, location=str(MODELS / "lora-sentences"), licence="MIT"
    )
    run = trained(start_adapter=start, corpus=corpus, settings={"rank": 64})
    fresh = trained("fresh", corpus=corpus)
    assert (run.state, run.error) == (Job.State.DONE, "")
    assert curve(run, "loss")[0] < curve(fresh, "loss")[0] / 2
    assert run.card["adapter_config"]["r"] == 8
    assert run.card["licence"] == "CC-BY-4.0 AND MIT"
    assert run.card["start_adapter"]["name"] == "start"


def test_training_stops_early_and_the_best_checkpoint_is_kept():
    run = trained(
        corpus=questions(n=16),
        settings={
            "max_steps": 60, "eval_steps": 2, "patience": 2, "learning_rate": 3e-2, "rank": 32,
        },
    )  # fmt: skip
    assert (run.state, run.error) == (Job.State.DONE, "")
    eval_loss = curve(run, "eval_loss")
    best = eval_loss.index(min(eval_loss))
    assert len(eval_loss) == best + 3 < 30
    assert run.best_step == 2 * (best + 1) == run.card["choice"]["step"]
    assert run.card["choice"]["stopped_early"]
    assert run.card["results"]["eval_loss"] == min(eval_loss)


def test_what_does_not_fit_is_cut_and_counted():
    run = trained(settings={"max_prompt_tokens": 12, "max_answer_tokens": 6})
    assert (run.state, run.error) == (Job.State.DONE, "")
    cut = run.card["data"]["cut"]
    assert cut["examples"] == 80
    assert 0 < cut["prompts"] <= 80 and 0 < cut["answers"] <= 80
    assert cut["longest_prompt"] > 12 and cut["longest_answer"] > 6
