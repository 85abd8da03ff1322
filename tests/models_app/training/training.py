"""Small corpora of the demo's questions and translations, and runs on the demo's models."""

from typing import Any

from models_app.demo import data
from models_app.jobs import run_inline
from models_app.models import Corpus, TrainingPoint, TrainingRun
from models_app.training.start import start_training
from tests.models_app.corpora import corpus, fill
from tests.models_app.small_models import registered

QUICK = {
    "max_steps": 12, "eval_steps": 4, "batch_size": 8, "learning_rate": 5e-3, "seed": 3,
    "n_eval_generated": 8, "max_prompt_tokens": 96, "max_answer_tokens": 48,
}  # fmt: skip


def questions(name: str = "questions", n: int = 80, n_valid: int = 16) -> Corpus:
    """Marathi questions answered in whole sentences; a sixth of them for validation."""
    rows = [
        {
            "instruction": question.source,
            "output": question.full,
            "split": "valid" if number < n_valid else "train",
        }
        for number, question in enumerate(data.questions()[: n + n_valid])
    ]
    return fill(corpus(name, "instruction"), rows)


def translations(name: str = "translations", n: int = 60, n_valid: int = 12) -> Corpus:
    pairs, _ = data.translations()
    rows = [
        {"input": en, "output": mr, "split": "valid" if number < n_valid else "train"}
        for number, (en, mr) in enumerate(pairs[: n + n_valid])
    ]
    return fill(corpus(name, source_lang="en", target_lang="mr"), rows)


def begun(name: str = "tuned", **asked: Any) -> TrainingRun:
    settings = QUICK | asked.pop("settings", {})
    options = {"prompt": "question_mr", "queue": False} | asked
    if "checkpoint" not in options:
        options["checkpoint"] = registered()
    if "corpus" not in options:
        options["corpus"] = Corpus.objects.filter(name="questions").first() or questions()
    return start_training(name=name, settings=settings, **options)


def trained(name: str = "tuned", **asked: Any) -> TrainingRun:
    return run_inline(begun(name, **asked))


def curve(run: TrainingRun, name: str) -> list[float]:
    points = TrainingPoint.objects.filter(run=run, name=name).order_by("step")
    return list(points.values_list("value", flat=True))
