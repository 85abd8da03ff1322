"""manage.py train NAME --checkpoint C --corpus D --prompt P [--set rank=16 ...]"""

import json
from pathlib import Path
from typing import Any

from common.errors import BadInput, NikashError
from models_app import tasks  # noqa: F401 - makes the jobs known
from models_app.corpora.hashing import corpus_named
from models_app.corpora.subsets import make_subsets
from models_app.jobs import run_inline
from models_app.management.cli import NikashCommand, counting
from models_app.management.found import adapter_named, checkpoint_named
from models_app.models import Corpus, Job, Subset, TrainingRun
from models_app.training.start import start_training


class Command(NikashCommand):
    help = "Train an adapter or a checkpoint, here and now; stopped, it goes on where it was."

    def add_arguments(self, parser: Any) -> None:
        parser.add_argument("name", help="of the adapter or checkpoint that is made")
        parser.add_argument("--checkpoint", required=True)
        parser.add_argument("--corpus", required=True)
        parser.add_argument("--prompt", required=True, help="a registered prompt")
        parser.add_argument("--subset-size", type=int, help="examples; all without it")
        parser.add_argument("--subset-seed", type=int, default=1)
        parser.add_argument("--method", default="lora", choices=TrainingRun.Method.values)
        parser.add_argument("--start-adapter", help="training goes on from this adapter")
        parser.add_argument("--config", help="a JSON file of settings")
        parser.add_argument(
            "--set",
            action="append",
            default=[],
            metavar="SETTING=VALUE",
            help="say rank=16; may be repeated; comes before the file's",
        )
        parser.add_argument("--queue", action="store_true", help="leave it to a worker")

    def handle(self, *args: Any, **options: Any) -> None:
        corpus = corpus_named(options["corpus"])
        start = options["start_adapter"]
        run = start_training(
            name=options["name"],
            checkpoint=checkpoint_named(options["checkpoint"]),
            corpus=corpus,
            subset=_subset(corpus, options["subset_size"], options["subset_seed"]),
            prompt=options["prompt"],
            method=options["method"],
            settings=_settings(options["config"], options["set"]),
            start_adapter=adapter_named(start) if start else None,
            queue=options["queue"],
        )
        if options["queue"]:
            self.say(f"{run} waits for a worker; follow it on the page Training.")
            return
        ended = [Job.State.FAILED, Job.State.CANCELLED]
        TrainingRun.objects.filter(pk=run.pk, state__in=ended).update(
            state=Job.State.QUEUED, cancel_requested=False, tries=0
        )
        with counting("steps") as counter:
            run = run_inline(run, counter)
        if run.state != Job.State.DONE:
            raise NikashError(run.error or f"the run is {run.get_state_display()}")
        self._tell(run)

    def _tell(self, run: TrainingRun) -> None:
        choice, results = run.card["choice"], run.card["results"]
        what = "Adapter" if run.adapter else "Checkpoint"
        self.say(f"{what} {run}: step {choice['step']} of {choice['of_steps']}, {choice['rule']}")
        self.say(", ".join(f"{name} {value:.4g}" for name, value in results.items()))
        self.say(f"{run.card['seconds']:.0f} s, under {run.card['licence']}")


def _subset(corpus: Corpus, size: int | None, seed: int) -> Subset | None:
    return make_subsets(corpus, sizes=[size], seed=seed)[0] if size is not None else None


def _settings(file: str | None, pairs: list[str]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    if file:
        try:
            found = json.loads(Path(file).read_text(encoding="utf-8"))
        except (OSError, ValueError) as problem:
            raise BadInput(f"{file} cannot be read as JSON: {problem}") from problem
        if not isinstance(found, dict):
            raise BadInput(f"{file} must hold a JSON object of settings")
    for pair in pairs:
        name, equals, value = pair.partition("=")
        if not equals:
            raise BadInput(f"--set {pair!r} cannot be read; write SETTING=VALUE, say rank=16")
        found[name] = _json(value) if name == "accelerate" else value
    return found


def _json(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError as problem:
        raise BadInput(f"accelerate must be a JSON object: {problem}") from problem
