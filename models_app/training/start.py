"""Ask for a training run: everything that can be known to be wrong is said before it is queued."""

from collections.abc import Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction

from common.errors import BadInput
from models_app.corpora.hashing import check_complete
from models_app.corpora.subsets import split_to_draw_from
from models_app.corpora.tokens import load_tokenizer
from models_app.jobs import enqueue
from models_app.models import (
    Adapter,
    Checkpoint,
    Corpus,
    Split,
    Subset,
    Sweep,
    TrainingRun,
)
from models_app.prompting import prompt_and_answer, prompt_called
from models_app.training.card import inherited_licence
from models_app.training.evaluate import TASK_METRICS
from models_app.training.settings import TrainingSettings
from models_app.training.trainer import passed_on


@transaction.atomic
def start_training(
    *,
    name: str,
    checkpoint: Checkpoint,
    corpus: Corpus,
    prompt: str,
    subset: Subset | None = None,
    method: str = TrainingRun.Method.LORA,
    settings: Mapping[str, Any] | TrainingSettings | None = None,
    start_adapter: Adapter | None = None,
    user: Any = None,
    sweep: Sweep | None = None,
    trial: int | None = None,
    condition: Mapping[str, Any] | None = None,
    queue: bool = True,
) -> TrainingRun:
    """A run that waits for a worker; the same again gives back the run there is.

    Raises BadInput for anything that cannot be trained, MissingLibrary for what is not installed.
    """
    if not isinstance(settings, TrainingSettings):
        settings = TrainingSettings.of(settings or {})
    run = TrainingRun(
        name=name,
        method=method,
        checkpoint=checkpoint,
        start_adapter=start_adapter,
        corpus=corpus,
        subset=subset,
        prompt=prompt,
        settings=settings.as_dict(),
        created_by=user,
        sweep=sweep,
        trial=trial,
        condition=dict(condition or {}),
    )
    if found := TrainingRun.objects.filter(name=name).first():
        _check_same(found, run)
        return found
    _check_fields(run)
    _check_method(run, settings)
    _check_data(run, settings)
    run.save()
    if queue:
        enqueue(run)
    return run


def _check_same(found: TrainingRun, asked: TrainingRun) -> None:
    same = ("method", "checkpoint_id", "start_adapter_id", "corpus_id", "subset_id", "prompt",
            "settings", "sweep_id", "trial")  # fmt: skip
    for field in same:
        if getattr(found, field) != getattr(asked, field):
            what = field.removesuffix("_id").replace("_", " ")
            raise BadInput(
                f"the run {found.name!r} exists with another {what}; give this one another name"
            )


def _check_fields(run: TrainingRun) -> None:
    if Adapter.objects.filter(name=run.name).exists():
        raise BadInput(f"there is an adapter called {run.name!r}; give the run another name")
    if Checkpoint.objects.filter(name=run.name).exists():
        raise BadInput(f"there is a checkpoint called {run.name!r}; give the run another name")
    licence = inherited_licence(run.corpus, run.checkpoint, run.start_adapter)
    made = Adapter(name=run.name, checkpoint=run.checkpoint, location="x", licence=licence)
    try:
        run.full_clean(exclude=["settings", "card", "environment", "condition"])
        made.full_clean(exclude=["config"])
    except ValidationError as problem:
        field, messages = next(iter(problem.message_dict.items()))
        raise BadInput(f"{field}: {messages[0]}") from problem


def _check_method(run: TrainingRun, settings: TrainingSettings) -> None:
    if run.checkpoint.architecture == Checkpoint.Architecture.CLASSIFIER:
        raise BadInput(f"{run.checkpoint} is a classifier; it writes no text")
    lora = run.method == TrainingRun.Method.LORA
    if not lora and settings.bits in (4, 8):
        raise BadInput(
            f"weights of {settings.bits} bits cannot be trained themselves; use method lora, "
            "or 16 or 32 bits"
        )
    if lora and settings.use_dora and settings.bits == 8:
        raise BadInput("DoRA does not train on a base of 8 bits; use 4, 16 or 32 bits")
    if run.start_adapter is not None:
        if not lora:
            raise BadInput("only method lora goes on from an adapter; merge the adapter first")
        if run.start_adapter.checkpoint_id != run.checkpoint_id:
            raise BadInput(
                f"the adapter {run.start_adapter} belongs to {run.start_adapter.checkpoint}, "
                f"not to {run.checkpoint}"
            )
    passed_on(settings.accelerate)


def _check_data(run: TrainingRun, settings: TrainingSettings) -> None:
    prompt = prompt_called(run.prompt)
    if run.subset is not None and run.subset.corpus_id != run.corpus_id:
        raise BadInput(f"the subset {run.subset} is not one of {run.corpus}")
    if not run.corpus.n_examples:
        raise BadInput(f"the corpus {run.corpus.name!r} has no examples; load some first")
    check_complete(run.corpus)
    split = run.subset.split if run.subset else split_to_draw_from(run.corpus)
    if split in (Split.VALID, Split.TEST):
        raise BadInput(f"the {split} split is for measuring; draw the subset from train")
    example = run.corpus.examples.filter(split=split).order_by("position").first()
    if example is not None:
        tokenizer = load_tokenizer(run.checkpoint) if prompt.needs_tokenizer else None
        prompt_and_answer(prompt, example, tokenizer)
    _check_choice(run, settings)


def _check_choice(run: TrainingRun, settings: TrainingSettings) -> None:
    for name in eval_metrics(settings):
        if name not in TASK_METRICS:
            known = ", ".join(TASK_METRICS)
            raise BadInput(f"no eval_metric {name!r}; known: {known}, several with commas")
    choices = ["last"]
    if run.corpus.examples.filter(split=Split.VALID).exists():
        measured = ("loss", "perplexity", *eval_metrics(settings))
        choices += [f"eval_{name}" for name in measured]
    elif settings.choose_by != "last" or settings.eval_metric or settings.patience:
        raise BadInput(
            f"{run.corpus.name!r} has no valid split to choose a checkpoint by: split it with "
            "split_corpus, or set choose_by to last, eval_metric to nothing and patience to 0"
        )
    if settings.choose_by not in choices:
        raise BadInput(f"choose_by must be one of {', '.join(choices)}, not {settings.choose_by}")


def eval_metrics(settings: TrainingSettings) -> list[str]:
    return [name.strip() for name in settings.eval_metric.split(",") if name.strip()]
