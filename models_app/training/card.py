"""The run card: what was done, written from the run itself, and what publishing needs of it."""

import hashlib
import json
import platform
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from django.utils import timezone

from models_app.corpora.hashing import examples_hash
from models_app.corpora.mixing import combined_licence
from models_app.models import Adapter, Checkpoint, Corpus, Example, TrainingRun
from models_app.prompting import prompt_called
from models_app.training.data import Cut
from models_app.training.settings import TrainingSettings

CARD_FILE = "run_card.json"
LIBRARIES = (
    "torch",
    "transformers",
    "peft",
    "accelerate",
    "tokenizers",
    "safetensors",
    "bitsandbytes",
    "deepspeed",
)
LEFT_OUT = ("output_dir", "hub_token", "run_name", "logging_dir", "project", "trackio_space_id")
# What must be there before anything is published.
REQUIRED = (
    "name", "method", "made_at", "licence",
    "base.name", "base.location", "base.licence",
    "data.corpus", "data.licence", "data.origin", "data.text_origin", "data.languages",
    "data.n_examples", "data.hash",
    "prompt.name", "prompt.sha256",
    "arguments", "settings", "choice.rule", "choice.step", "results",
    "versions.torch", "versions.transformers", "hardware", "seconds", "peak_memory.process",
)  # fmt: skip
REQUIRED_OF_ADAPTERS = ("adapter_config", "versions.peft")


def missing_fields(card: Mapping[str, Any]) -> list[str]:
    """The required fields that are empty, as they are called in the card."""
    wanted = list(REQUIRED)
    if card.get("method") == TrainingRun.Method.LORA:
        wanted += REQUIRED_OF_ADAPTERS
    return [name for name in wanted if _at(card, name) in (None, "", [], {})]


def full_card(run: TrainingRun) -> dict[str, Any]:
    """The card with the energy of all attempts, where it was measured."""
    records = list(run.energy_records.all())
    if not records:
        return run.card
    co2 = [record.co2_grams for record in records]
    energy = {
        "kwh": sum(record.kwh for record in records),
        "co2_grams": None if None in co2 else sum(filter(None, co2)),
        "seconds": sum(record.seconds for record in records),
        "how": "estimated" if any(record.is_estimated for record in records) else "measured",
        "library": records[0].library,
        "attempts": len(records),
    }
    return run.card | {"energy": energy}


def first_part(
    run: TrainingRun, settings: TrainingSettings, tokenizer: Any, data: Mapping[str, Any]
) -> dict[str, Any]:
    """What is known before the first step."""
    return {
        "name": run.name,
        "method": run.method,
        "licence": inherited_licence(run.corpus, run.checkpoint, run.start_adapter),
        "base": described(run.checkpoint),
        "start_adapter": described(run.start_adapter) if run.start_adapter else None,
        "data": dict(data),
        "prompt": _prompt(run, tokenizer),
        "settings": settings.as_dict(),
        "versions": versions(),
        "hardware": _hardware(),
    }


def data_part(
    run: TrainingRun, examples: Sequence[Example], cut: Cut,
    valid: Sequence[Example], valid_cut: Cut | None,
) -> dict[str, Any]:  # fmt: skip
    corpus = run.corpus
    return {
        "corpus": corpus.name,
        "corpus_hash": corpus.content_hash,
        "subset": str(run.subset) if run.subset else None,
        "languages": sorted({tag for e in examples for tag in (e.source_lang, e.target_lang)}),
        "licence": corpus.licence,
        "origin": corpus.origin,
        "text_origin": corpus.text_origin,
        "produced_by": corpus.produced_by,
        "n_examples": len(examples),
        "hash": examples_hash(examples),
        "cut": asdict(cut),
        "n_valid": len(valid),
        "valid_hash": examples_hash(valid) if valid else None,
        "valid_cut": asdict(valid_cut) if valid_cut else None,
    }


def trainer_part(model: Any, arguments: Any) -> dict[str, Any]:
    """The arguments as the trainer has them, and how much of the model changes."""
    plain = json.loads(arguments.to_json_string())
    part: dict[str, Any] = {
        "arguments": {
            k: v for k, v in sorted(plain.items()) if v is not None and k not in LEFT_OUT
        },
        "parameters": {
            "trainable": sum(p.numel() for p in model.parameters() if p.requires_grad),
            "all": sum(p.numel() for p in model.parameters()),
        },
    }
    configs = getattr(model, "peft_config", None)
    if configs:
        plain = next(iter(configs.values())).to_dict()
        part["adapter_config"] = json.loads(json.dumps(plain, default=_plain, sort_keys=True))
    return part


def last_part(
    settings: TrainingSettings, state: Mapping[str, Any], step: int, *,
    seconds: float, memory: Mapping[str, int], tries: int,
) -> dict[str, Any]:  # fmt: skip
    """What is known after the last step. `state` is the trainer's."""
    log = state["log_history"]
    results = {
        name: value
        for entry in log
        if entry["step"] == step
        for name, value in entry.items()
        if name.startswith("eval_") or name == "loss"
    }
    return {
        "choice": {
            "rule": choice_rule(settings),
            "step": step,
            "of_steps": state["max_steps"],
            "last_step": state["global_step"],
            "stopped_early": state["global_step"] < state["max_steps"],
        },
        "results": results,
        "seconds": round(seconds, 1),
        "peak_memory": dict(memory),
        "tries": tries,
        "made_at": timezone.now().isoformat(timespec="seconds"),
    }


def choice_rule(settings: TrainingSettings) -> str:
    if settings.choose_by == "last":
        return "the last checkpoint"
    most = "highest" if settings.greater_is_better else "lowest"
    rule = f"the checkpoint with the {most} {settings.choose_by}, the first of equals"
    if settings.patience:
        rule += f"; training stops after {settings.patience} evaluations without a better one"
    return rule


def inherited_licence(
    corpus: Corpus, checkpoint: Checkpoint, adapter: Adapter | None = None
) -> str:
    """Every licence that holds for what is made: the data's, the base's, the first adapter's."""
    rows = [corpus, checkpoint, adapter]
    return combined_licence([row.licence for row in rows if row and row.licence])


def described(row: Checkpoint | Adapter) -> dict[str, str]:
    return {
        "name": row.name,
        "location": row.location,
        "revision": row.revision,
        "sha256": row.content_hash,
        "licence": row.licence,
    }


def _prompt(run: TrainingRun, tokenizer: Any) -> dict[str, str]:
    prompt = prompt_called(run.prompt)
    text = prompt.pattern
    if prompt.needs_tokenizer:
        text = str(tokenizer.chat_template)
    return {
        "name": run.prompt,
        "text": text,
        "sha256": hashlib.sha256(text.encode()).hexdigest(),
    }


def versions() -> dict[str, str]:
    found = {"python": platform.python_version()}
    for name in LIBRARIES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found


def _hardware() -> dict[str, Any]:
    import os

    import torch

    found: dict[str, Any] = {
        "machine": platform.machine(),
        "cpus": os.cpu_count(),
        "threads": torch.get_num_threads(),
    }
    if torch.cuda.is_available():
        found["accelerators"] = [
            torch.cuda.get_device_name(n) for n in range(torch.cuda.device_count())
        ]
        found["cuda"] = torch.version.cuda
    return found


def _plain(value: Any) -> Any:
    return sorted(value) if isinstance(value, set | frozenset) else str(value)


def _at(card: Mapping[str, Any], path: str) -> Any:
    found: Any = card
    for name in path.split("."):
        found = found.get(name) if isinstance(found, Mapping) else None
    return found
