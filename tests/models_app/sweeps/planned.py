"""Sweeps for tests, and work that stands in for training: a curve made of the settings."""

import time
from collections.abc import Callable
from typing import Any

from common.errors import NikashError
from models_app import jobs, tasks  # noqa: F401 - makes the jobs known
from models_app.jobs import Progress
from models_app.models import Checkpoint, Corpus, Sweep, TrainingPoint, TrainingRun
from models_app.sweeps.plan import plan_sweep
from models_app.sweeps.watching import watched
from tests.models_app.corpora import corpus, fill

STEPS = (10, 20, 30)


def described(**changes: Any) -> dict[str, Any]:
    if not Corpus.objects.exists():
        rows = [
            {"instruction": f"प्रश्न {n}?", "output": f"उत्तर {n}.",
             "split": "valid" if n < 4 else "train"}
            for n in range(20)
        ]  # fmt: skip
        fill(corpus("questions", "instruction"), rows)
        Checkpoint.objects.create(name="base", location="fixtures/models/base")
    given = {
        "checkpoint": "base", "corpus": "questions", "prompt": "alpaca",
        "factors": {"rank": [4, 8], "bits": [16, 32]}, "settings": {"max_steps": 30, "seed": 1},
    }  # fmt: skip
    return {key: value for key, value in (given | changes).items() if value is not None}


def planned(name: str = "ranks", **changes: Any) -> Sweep:
    return plan_sweep(name, described(**changes), queue=False)


def loss_of(run: TrainingRun) -> float:
    """Lower for a higher rank and for rates near 0.003, a little different for each seed."""
    s = run.settings
    return float(
        2.0
        - 0.05 * s["rank"]
        + 10 * abs(s["learning_rate"] - 0.003)
        + 0.01 * s["seed"]
        + (0.1 if s["bits"] == 16 else 0.0)
    )


@watched
def pretend(run: TrainingRun, progress: Progress) -> None:
    """Three evaluations going down to the loss; what the trainer leaves, without a trainer."""
    progress.total(len(STEPS))
    for step in STEPS:
        value = loss_of(run) * (1 + (30 - step) / 60)
        TrainingPoint.objects.update_or_create(
            run=run, step=step, name="eval_loss", defaults={"value": value}
        )
        progress.stop_if_cancelled()
        progress.advance()
    run.card = {"seconds": 2.0, "peak_memory": {"process": 1_000_000 * run.settings["rank"]}}
    run.best_step = STEPS[-1]
    run.save(update_fields=["card", "best_step"])


def failing(where: Callable[[TrainingRun], bool]) -> Callable[[TrainingRun, Progress], None]:
    @watched
    def work(run: TrainingRun, progress: Progress) -> None:
        if where(run):
            raise NikashError("The loss is not a number at step 3.")
        pretend(run, progress)

    return work


@watched
def slow(run: TrainingRun, progress: Progress) -> None:
    time.sleep(0.3)
    pretend(run, progress)
