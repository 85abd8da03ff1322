"""transformers' trainer with our eyes on it: curves, progress, cancelling, a loss that explodes."""

import math
import time
import warnings
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from common.errors import BadInput, MissingLibrary, NikashError
from models_app.jobs import Progress
from models_app.models import TrainingPoint, TrainingRun
from models_app.training.memory import PeakMemory
from models_app.training.saved import Saved, mark_complete
from models_app.training.settings import TrainingSettings

LOGGED = 400  # points on the curve of the training loss, at most
KEPT = 2  # checkpoints: the best and the newest
PASSED_ON = ("deepspeed", "fsdp", "fsdp_config", "accelerator_config")
NOT_CURVES = {
    "epoch",
    "total_flos",
    "train_runtime",
    "train_samples_per_second",
    "train_steps_per_second",
    "train_loss",
}


def arguments(
    settings: TrainingSettings, folder: Path, *, n_examples: int, mixed: bool, evaluated: bool
) -> Any:
    """TrainingArguments for the run.

    mixed : arithmetic in bfloat16 on float32 weights
    evaluated : there is a validation split
    """
    import torch
    import transformers

    cuda = torch.cuda.is_available()
    steps = n_steps(settings, n_examples)
    chooses = evaluated and settings.choose_by != "last"
    return transformers.TrainingArguments(
        output_dir=str(folder),
        num_train_epochs=settings.epochs,
        max_steps=settings.max_steps or -1,
        per_device_train_batch_size=settings.batch_size,
        per_device_eval_batch_size=settings.batch_size,
        gradient_accumulation_steps=settings.accumulation,
        learning_rate=settings.learning_rate,
        lr_scheduler_type=settings.schedule,
        warmup_steps=settings.warmup_ratio,
        weight_decay=settings.weight_decay,
        max_grad_norm=settings.max_grad_norm,
        activation_checkpointing=settings.gradient_checkpointing,
        activation_checkpointing_kwargs={"use_reentrant": False},
        bf16=mixed,
        seed=settings.seed,
        data_seed=settings.seed,
        use_cpu=not cuda,
        dataloader_pin_memory=cuda,
        eval_strategy="steps" if evaluated else "no",
        eval_steps=settings.eval_steps,
        save_strategy="steps",
        save_steps=settings.eval_steps,
        save_total_limit=KEPT,
        metric_for_best_model=settings.choose_by if chooses else None,
        greater_is_better=settings.greater_is_better if chooses else None,
        logging_steps=max(1, steps // LOGGED),
        logging_first_step=True,
        logging_nan_inf_filter=False,
        label_names=["labels"],
        remove_unused_columns=False,
        report_to="none",
        disable_tqdm=True,
        **passed_on(settings.accelerate),
    )


def n_steps(settings: TrainingSettings, n_examples: int) -> int:
    """Steps of the optimiser, as the trainer counts them on one device."""
    if settings.max_steps:
        return settings.max_steps
    batches = math.ceil(n_examples / settings.batch_size)
    return math.ceil(max(1, math.ceil(batches / settings.accumulation)) * settings.epochs)


def passed_on(accelerate: Mapping[str, Any] | None) -> dict[str, Any]:
    """Arguments of the trainer; a bare DeepSpeed configuration is known by its zero_optimization.

    Raises BadInput for anything else, MissingLibrary where DeepSpeed is not installed.
    """
    if not accelerate:
        return {}
    given = dict(accelerate)
    if "zero_optimization" in given:
        given = {"deepspeed": given}
    if unknown := sorted(set(given) - set(PASSED_ON)):
        raise BadInput(
            f"accelerate: {', '.join(unknown)} cannot be passed on; write a DeepSpeed "
            f"configuration with zero_optimization, or {', '.join(PASSED_ON)}"
        )
    if "deepspeed" in given:
        from transformers.integrations import is_deepspeed_available

        if not is_deepspeed_available():
            raise MissingLibrary("deepspeed is not installed; run pip install deepspeed")
    return given


def make_trainer(
    *,
    model: Any,
    tokenizer: Any,
    arguments: Any,
    rows: list[Any],
    collate: Callable[..., Any],
    evaluation: Callable[[Any], dict[str, float]] | None,
    watch: "Watch",
) -> Any:
    import transformers

    class Trainer(transformers.Trainer):
        """The loss is looked at in each step, the validation split by our own evaluation."""

        def training_step(self, *args: Any, **kwargs: Any) -> Any:
            loss = super().training_step(*args, **kwargs)
            watch.check(float(loss), self.state.global_step + 1)
            return loss

        def evaluate(self, *args: Any, **kwargs: Any) -> dict[str, float]:
            assert evaluation is not None
            watch.progress.stop_if_cancelled()
            found = evaluation(self.model)
            self.log(found)
            self.control = self.callback_handler.on_evaluate(
                self.args, self.state, self.control, found
            )
            return found

    class Callbacks(transformers.TrainerCallback):
        def on_train_begin(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
            watch.begin(state)

        def on_step_end(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
            watch.progress.advance()
            if state.global_step >= state.max_steps and evaluation is not None:
                control.should_evaluate = True

        def on_log(self, args: Any, state: Any, control: Any, logs: Any = None, **kw: Any) -> None:
            watch.store(logs or {}, state)

        def on_evaluate(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
            if watch.has_stalled(state):
                control.should_training_stop = control.should_save = True

        def on_save(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
            folder = Path(args.output_dir) / f"checkpoint-{state.global_step}"
            mark_complete(
                folder,
                step=state.global_step,
                seconds=watch.seconds(),
                memory=watch.memory(),
                finished=bool(control.should_training_stop),
            )

    with warnings.catch_warnings():
        # peft's use of a name that transformers is about to drop.
        warnings.filterwarnings("ignore", "`is_gradient_checkpointing`", FutureWarning)
        trainer = Trainer(
            model=model,
            args=arguments,
            train_dataset=rows,
            eval_dataset=rows[:1] if evaluation else None,  # asked for, never read
            data_collator=collate,
            processing_class=tokenizer,
            callbacks=[Callbacks()],
        )
    trainer.remove_callback(transformers.PrinterCallback)
    return trainer


class Watch:
    """What is written down of a run while it trains, and when it must end."""

    def __init__(
        self,
        run: TrainingRun,
        settings: TrainingSettings,
        progress: Progress,
        before: Saved | None = None,
    ) -> None:
        self.run, self.settings, self.progress, self._before = run, settings, progress, before
        self._started, self._memory = time.monotonic(), PeakMemory()

    def seconds(self) -> float:
        """Training time, with that of earlier workers up to their last checkpoint."""
        spent = self._before.seconds if self._before else 0.0
        return spent + time.monotonic() - self._started

    def memory(self) -> dict[str, int]:
        """The most at once, of earlier workers too."""
        before = self._before.memory if self._before else {}
        return {name: max(n, before.get(name, 0)) for name, n in self._memory.bytes().items()}

    def begin(self, state: Any) -> None:
        self.progress.total(state.max_steps, done=state.global_step)
        self.progress.say("training")

    def check(self, loss: float, step: int) -> None:
        """Raise NikashError for a loss that is not a number: nothing good follows it."""
        if not math.isfinite(loss):
            raise NikashError(
                f"The loss is not a number at step {step}. Start another run with a lower "
                f"learning_rate than {self.settings.learning_rate:g}, or with more warm-up."
            )

    def store(self, logs: Mapping[str, Any], state: Any) -> None:
        for name, value in logs.items():
            if name == "eval_loss":
                self.check(value, state.global_step)
        TrainingPoint.objects.bulk_create(
            [
                TrainingPoint(
                    run=self.run,
                    step=state.global_step,
                    epoch=state.epoch,
                    name=name,
                    value=float(value),
                )
                for name, value in logs.items()
                if name not in NOT_CURVES and math.isfinite(float(value))
            ],
            update_conflicts=True,
            unique_fields=["run", "name", "step"],
            update_fields=["epoch", "value"],
        )

    def has_stalled(self, state: Any) -> bool:
        """Whether the last `patience` evaluations brought nothing better. Reads the log only."""
        name, patience = self.settings.choose_by, self.settings.patience
        values = [entry[name] for entry in state.log_history if name in entry and entry["step"]]
        if not patience or not values:
            return False
        best = max(values) if self.settings.greater_is_better else min(values)
        return len(values) - 1 - values.index(best) >= patience
