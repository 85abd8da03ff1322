"""The engine: EleutherAI's lm-evaluation-harness in this process, on models that we load.

The model, its adapter and its tokenizer are those that generate outputs here; the harness asks
them for log-likelihoods and texts, some requests at a time, so that a job can tell how far it is,
stop, and go on later with the answers kept so far.
"""

import logging
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from importlib.metadata import version
from typing import Any, NamedTuple, cast

from common.errors import BadInput, MissingLibrary, NikashError
from models_app.backends.base import Producer
from models_app.backends.loaded import Loaded, load
from models_app.benchmarks.answers import KeptAnswers, request_key
from models_app.benchmarks.catalogue import Task
from models_app.benchmarks.sources import INSTALL, Rows

Step = Callable[[int, int], None]  # requests done, requests in all
LIBRARIES = ("lm-eval", "datasets", "torch", "transformers", "peft", "tokenizers")


class Evaluation(NamedTuple):
    """What the harness gave back for one task."""

    samples: list[dict[str, Any]]  # one an item, in order, as `log_samples` writes them
    results: dict[str, Any]  # its own numbers by metric
    config: dict[str, Any]  # the task as it was asked
    device: str
    dtype: str


def versions() -> dict[str, str]:
    return {name: version(name) for name in LIBRARIES}


def evaluate(
    task: Task,
    rows: Rows,
    producer: Producer,
    settings: Mapping[str, Any],
    kept: KeptAnswers,
    step: Step,
) -> Evaluation:
    """Ask the producer all items of the task. Raises NikashError with a sentence to show.

    settings : shots, limit (0 for all), seed, batch_size, chat (use the model's chat template)
    """
    _libraries()
    import lm_eval
    import torch
    from lm_eval.tasks import TaskManager

    loaded = load(producer)
    config = _config(task, rows, loaded.seq2seq)
    manager = TaskManager(include_defaults=False)
    try:
        with _adapted(loaded, producer):
            found = lm_eval.simple_evaluate(
                model=_watched(loaded, producer, settings, kept, step),
                tasks=[config],
                num_fewshot=settings["shots"],
                limit=settings["limit"] or None,
                bootstrap_iters=0,
                log_samples=True,
                apply_chat_template=_chat(loaded, settings["chat"]),
                gen_kwargs=_generation(loaded, producer),
                task_manager=manager,
                random_seed=settings["seed"],
                numpy_random_seed=settings["seed"],
                torch_random_seed=settings["seed"],
                fewshot_random_seed=settings["seed"],
            )
    except torch.OutOfMemoryError as problem:
        raise NikashError(
            f"the device has too little memory for a batch of {settings['batch_size']}; "
            "start the benchmark with a smaller batch"
        ) from problem
    samples = sorted(found["samples"][task.name], key=lambda sample: sample["doc_id"])
    model = loaded.model
    return Evaluation(
        samples, found["results"][task.name], config, str(model.device), str(model.dtype)
    )


def _libraries() -> None:
    try:
        import datasets
        import lm_eval  # noqa: F401
    except ImportError as problem:
        raise MissingLibrary(INSTALL) from problem
    datasets.disable_progress_bars()
    logging.getLogger("lm_eval").setLevel(logging.ERROR)


def _config(task: Task, rows: Rows, seq2seq: bool) -> dict[str, Any]:
    """The task file with our rows for its data, and without instructions where none are taken."""
    import yaml
    from datasets import Dataset

    config = yaml.safe_load(task.path.read_text(encoding="utf-8"))
    for name in ("dataset_path", "dataset_name", "dataset_kwargs"):
        config.pop(name, None)
    split = next(config[name] for name in ("test_split", "validation_split") if name in config)
    config["custom_dataset"] = lambda **_: {split: Dataset.from_list(rows)}
    if seq2seq:
        if not task.bare:
            raise BadInput(
                f"{task.label} asks with instructions, which a sequence-to-sequence translator "
                "does not follow; choose a translation or summarisation task"
            )
        config["doc_to_text"] = task.bare
    return config


def _adapted(loaded: Loaded, producer: Producer) -> AbstractContextManager[Any]:
    """Within, the model answers as the producer: with its adapter, or as the bare base."""
    import peft

    if producer.adapter is not None:
        name = loaded.adapter(producer.adapter)
        loaded.model.set_adapter(name)
    elif isinstance(loaded.model, peft.PeftModel):
        return cast("AbstractContextManager[Any]", loaded.model.disable_adapter())
    return nullcontext()


def _chat(loaded: Loaded, wanted: bool) -> bool:
    if wanted and not loaded.tokenizer.chat_template:
        raise BadInput("the model's tokenizer has no chat template; start without it")
    return wanted


def _generation(loaded: Loaded, producer: Producer) -> dict[str, Any] | None:
    """A translator's languages, as the system's decoding names them."""
    source, target = producer.decoding.get("src_lang"), producer.decoding.get("tgt_lang")
    if source:
        loaded.tokenizer.src_lang = source
    if not target:
        return None
    token = loaded.tokenizer.convert_tokens_to_ids(target)
    if token is None or token == loaded.tokenizer.unk_token_id:
        raise BadInput(f"the tokenizer knows no language {target!r}; write a code of the model")
    return {"forced_bos_token_id": token}


def _watched(
    loaded: Loaded,
    producer: Producer,
    settings: Mapping[str, Any],
    kept: KeptAnswers,
    step: Step,
) -> Any:
    """The harness's own wrapper of a loaded model, asked some requests at a time."""
    from lm_eval.models.huggingface import HFLM

    class Watched(HFLM):
        def loglikelihood(self, requests: Any, disable_tqdm: bool = False) -> list[Any]:
            answers = self._by_parts("loglikelihood", requests, super().loglikelihood)
            return [(answer[0], answer[1]) for answer in answers]

        def generate_until(self, requests: Any, disable_tqdm: bool = False) -> list[Any]:
            return self._by_parts("generate", requests, super().generate_until)

        def _by_parts(self, kind: str, requests: Sequence[Any], ask: Any) -> list[Any]:
            keys = [request_key(kind, request.args) for request in requests]
            missing = [n for n, key in enumerate(keys) if key not in kept]
            step(len(keys) - len(missing), len(keys))
            size = max(32, 4 * settings["batch_size"])
            for start in range(0, len(missing), size):
                part = missing[start : start + size]
                answers = ask([requests[n] for n in part], disable_tqdm=True)
                kept.keep({keys[n]: answer for n, answer in zip(part, answers, strict=True)})
                step(len(keys) - len(missing) + start + len(part), len(keys))
            return [kept[key] for key in keys]

    return Watched(
        pretrained=loaded.model,
        tokenizer=loaded.tokenizer,
        backend="seq2seq" if loaded.seq2seq else "causal",
        batch_size=settings["batch_size"],
        add_bos_token=None if loaded.seq2seq else _starts_with_bos(loaded.tokenizer),
    )


def _starts_with_bos(tokenizer: Any) -> bool | None:
    """True where the tokenizer itself puts its first token: the harness would leave it out."""
    if tokenizer.bos_token_id is None:
        return None
    ids = tokenizer("a")["input_ids"]
    return True if ids[:1] == [tokenizer.bos_token_id] else None
