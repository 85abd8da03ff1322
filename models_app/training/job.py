"""The training job: on from the newest whole checkpoint; what is made is registered."""

import gc
import json
import os
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from common.errors import BadInput
from models_app.checkpoints import register_adapter, register_checkpoint
from models_app.jobs import Progress
from models_app.models import Example, TrainingRun
from models_app.training import card
from models_app.training.data import (
    Encoder,
    collator,
    encoder_for,
    training_examples,
    valid_examples,
)
from models_app.training.evaluate import Evaluation
from models_app.training.failures import as_sentences
from models_app.training.merge import config_for
from models_app.training.saved import (
    RESULT,
    Saved,
    chosen_folder,
    folder_for,
    make_result,
    newest,
    remove_checkpoints,
    trainer_state,
)
from models_app.training.settings import TrainingSettings
from models_app.training.start import eval_metrics
from models_app.training.trainer import Watch, arguments, make_trainer
from models_app.training.weights import trainable_model


def train(run: TrainingRun, progress: Progress) -> None:
    """The job. Run twice, it does nothing twice.

    Leaves the run's card, points, best step and what was made. Raises NikashError with a sentence
    for what goes wrong; Cancelled and LeaseLost come through.
    """
    if run.adapter_id or run.tuned_id:
        return
    settings = TrainingSettings.of(run.settings)
    folder = folder_for(run)
    with as_sentences(settings, str(folder)):
        try:
            saved = _trained(run, settings, folder, progress)
            _finish(run, settings, saved, progress)
        finally:
            _free_memory()


def _trained(
    run: TrainingRun, settings: TrainingSettings, folder: Path, progress: Progress
) -> Saved:
    """Train on to the end; the last checkpoint."""
    if not run.card:
        shutil.rmtree(folder, ignore_errors=True)  # a run that has not begun has nothing here
    folder.mkdir(parents=True, exist_ok=True)
    progress.say("reading the examples")
    examples, valid = training_examples(run), valid_examples(run)
    encoder = encoder_for(run.checkpoint, run.prompt, settings)
    tokenizer = encoder.tokenizer
    rows, cut = encoder.encode(examples)
    evaluation = _evaluation(encoder, settings, valid)
    data = card.data_part(run, examples, cut, valid, evaluation.cut if evaluation else None)
    _check_unchanged(run, data)
    saved = newest(folder)
    if saved and saved.finished:
        return saved
    _write(run, card.first_part(run, settings, tokenizer, data))
    watch = Watch(run, settings, progress, saved)
    progress.say("loading the model")
    _seed(settings)
    model = trainable_model(run, settings)
    trainer = make_trainer(
        model=model,
        tokenizer=tokenizer,
        arguments=arguments(
            settings,
            folder,
            n_examples=len(rows),
            mixed=_is_mixed(settings),
            evaluated=evaluation is not None,
        ),
        rows=rows,
        collate=collator(tokenizer, seq2seq=encoder.seq2seq),
        evaluation=evaluation,
        watch=watch,
    )
    _write(run, card.trainer_part(model, trainer.args))
    trainer.train(resume_from_checkpoint=str(saved.folder) if saved else None)
    last = newest(folder)
    assert last is not None
    return last


def _finish(run: TrainingRun, settings: TrainingSettings, saved: Saved, progress: Progress) -> None:
    progress.say("storing the result")
    chosen = chosen_folder(saved, settings.choose_by)
    step = int(chosen.name.rpartition("-")[2])
    _write(
        run,
        card.last_part(
            settings,
            trainer_state(saved),
            step,
            seconds=saved.seconds,
            memory=saved.memory,
            tries=run.tries,
        ),
    )
    result = saved.folder.parent / RESULT
    if not result.is_dir():
        temporary = make_result(chosen, result)
        _describe(run, temporary)
        temporary.rename(result)
    _register(run, result)
    run.best_step = step
    run.save(update_fields=["adapter", "tuned", "best_step"])
    remove_checkpoints(saved.folder.parent)
    progress.say("")


def _register(run: TrainingRun, result: Path) -> None:
    licence = run.card["licence"]
    if run.method == TrainingRun.Method.LORA:
        run.adapter = register_adapter(
            name=run.name, checkpoint=run.checkpoint, location=str(result), licence=licence
        )
    else:
        run.tuned = register_checkpoint(
            name=run.name,
            location=str(result),
            architecture=run.checkpoint.architecture,
            licence=licence,
        )


def _describe(run: TrainingRun, folder: Path) -> None:
    """The card beside the weights, and the base by the name under which others find it."""
    text = json.dumps(run.card, ensure_ascii=False, indent=1)
    (folder / card.CARD_FILE).write_text(text, encoding="utf-8")
    if (folder / "adapter_config.json").is_file():
        config_for(run.checkpoint, folder)


def _evaluation(
    encoder: Encoder, settings: TrainingSettings, valid: Sequence[Example]
) -> Evaluation | None:
    if not valid:
        return None
    return Evaluation(
        encoder,
        valid,
        metrics=eval_metrics(settings),
        n_generated=settings.n_eval_generated,
        batch_size=settings.batch_size,
    )


def _check_unchanged(run: TrainingRun, data: dict[str, Any]) -> None:
    """A run goes on with the very data it began with."""
    begun = run.card.get("data")
    if begun and (begun["hash"], begun["valid_hash"]) != (data["hash"], data["valid_hash"]):
        raise BadInput(
            f"the corpus {run.corpus.name!r} has changed since this run began; start another run"
        )


def _write(run: TrainingRun, part: dict[str, Any]) -> None:
    run.card = {**run.card, **part}
    TrainingRun.objects.filter(pk=run.pk).update(card=run.card)


def _is_mixed(settings: TrainingSettings) -> bool:
    import torch

    return settings.bits == 16 or (settings.bits < 16 and torch.cuda.is_available())


def _seed(settings: TrainingSettings) -> None:
    import transformers

    os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
    transformers.set_seed(settings.seed)


def _free_memory() -> None:
    gc.collect()
    import torch

    if torch.cuda.is_available():
        torch.cuda.empty_cache()
