"""The model that is trained: its base at so many bits, and the part of it that changes."""

import logging
import re
from typing import Any

from common.errors import BadInput, MissingLibrary
from models_app.backends.base import Weights
from models_app.backends.loaded import (
    adapter_folder,
    check_whole,
    put_adapter,
    unusable,
    where_from,
)
from models_app.checkpoints import weights_hash
from models_app.corpora.tokens import load_tokenizer
from models_app.models import Adapter, Checkpoint, TrainingRun
from models_app.places import folder_of, place_of
from models_app.remote_code import trusts
from models_app.training.settings import TARGETS, TrainingSettings

NAME = "default"  # the adapter that is trained, as peft and the trainer call it
ATTENTION = re.compile(
    r"(^|[._])(self_?attn|encoder_?attn|cross_?attn|\w*attention|attn)([._]|$)", re.IGNORECASE
)
TASKS = {"causal": "CAUSAL_LM", "seq2seq": "SEQ_2_SEQ_LM"}
QUIETER = "bitsandbytes.autograd._functions"  # one warning for each 8-bit product


def tokenizer_for(checkpoint: Checkpoint) -> Any:
    """A tokeniser that can pad; with the end of a text for padding where it has nothing else."""
    tokenizer = load_tokenizer(checkpoint)
    if tokenizer.pad_token is None:
        tokenizer.pad_token = tokenizer.eos_token
    return tokenizer


def load_base(checkpoint: Checkpoint, bits: int = 32) -> Any:
    """The base in memory: quantised (4, 8), bfloat16 (16) or float32. Raises NikashError."""
    torch, transformers = _libraries(bits)
    weights = checked_weights(checkpoint, "checkpoint")
    seq2seq = checkpoint.architecture == Checkpoint.Architecture.SEQ2SEQ
    kind = "AutoModelForSeq2SeqLM" if seq2seq else "AutoModelForCausalLM"
    options = {
        **where_from(weights),
        **_precision(bits, torch, transformers),
        "trust_remote_code": trusts(checkpoint),
        "use_safetensors": True,
    }
    try:
        model, found = getattr(transformers, kind).from_pretrained(
            weights.location, output_loading_info=True, **options
        )
        check_whole(found)
    except MemoryError:
        raise
    except Exception as problem:
        raise unusable("checkpoint", weights, problem) from problem
    return model


def n_positions(checkpoint: Checkpoint) -> int | None:
    """How many tokens the checkpoint can hold at once, where its configuration says so."""
    from transformers import AutoConfig

    weights = checked_weights(checkpoint, "checkpoint")
    try:
        options = {**where_from(weights), "trust_remote_code": trusts(checkpoint)}
        config = AutoConfig.from_pretrained(weights.location, **options)
    except Exception as problem:
        raise unusable("checkpoint", weights, problem) from problem
    return getattr(config, "max_position_embeddings", None)


def trainable_model(run: TrainingRun, settings: TrainingSettings) -> Any:
    """The run's base with what its method trains, and nothing else, asking for gradients."""
    if run.method == TrainingRun.Method.LORA:
        model = load_base(run.checkpoint, settings.bits)
        return _with_lora(model, run, settings)
    # Updates of 1e-5 would vanish in bfloat16: the weights stay float32, the arithmetic is mixed.
    model = load_base(run.checkpoint, 32)
    if run.method == TrainingRun.Method.ATTENTION:
        only_attention(model)
    return model


def only_attention(model: Any) -> None:
    """Freeze everything but the attention layers; BadInput where none are known."""
    found = 0
    for name, parameter in model.named_parameters():
        parameter.requires_grad = bool(ATTENTION.search(name))
        found += parameter.requires_grad
    if not found:
        raise BadInput("no layer of this model is called attention; use method lora or full")


def checked_weights(row: Checkpoint | Adapter, what: str) -> Weights:
    """Where the row's weights are; BadInput where they are no longer those registered."""
    folder = folder_of(row.location)
    if folder and row.content_hash and weights_hash(folder) != row.content_hash:
        raise BadInput(
            f"the weights of the {what} {row.name!r} in {row.location} are no longer those that "
            "were registered: put the right files back, or register them under another name"
        )
    return Weights(place_of(row.location), row.revision, row.content_hash)


def put_on(model: Any, adapter: Adapter, name: str = NAME, *, trainable: bool = False) -> Any:
    """The model with a registered adapter on it; a sentence where it is damaged or does not fit."""
    weights = checked_weights(adapter, "adapter")
    try:
        return put_adapter(model, adapter_folder(weights), name, trainable=trainable)
    except MemoryError:
        raise
    except Exception as problem:
        raise unusable("adapter", weights, problem) from problem


def _with_lora(model: Any, run: TrainingRun, settings: TrainingSettings) -> Any:
    import peft

    if settings.bits in (4, 8):
        # The trainer switches checkpointing of activations on itself.
        model = peft.prepare_model_for_kbit_training(model, use_gradient_checkpointing=False)
    if run.start_adapter is not None:
        return put_on(model, run.start_adapter, trainable=True)
    config = peft.LoraConfig(
        r=settings.rank,
        lora_alpha=settings.alpha,
        lora_dropout=settings.dropout,
        target_modules=_targets(settings.target_modules),
        use_rslora=settings.use_rslora,
        use_dora=settings.use_dora,
        task_type=TASKS[run.checkpoint.architecture],
    )
    try:
        return peft.get_peft_model(model, config, adapter_name=NAME)
    except ValueError as problem:
        raise BadInput(f"target_modules: {' '.join(str(problem).split())[:300]}") from problem


def _targets(names: str) -> str | list[str]:
    return names if names == TARGETS else [name.strip() for name in names.split(",")]


def _precision(bits: int, torch: Any, transformers: Any) -> dict[str, Any]:
    if bits == 32:
        return {"dtype": torch.float32}
    if bits == 16:
        return {"dtype": torch.bfloat16}
    cuda = torch.cuda.is_available()
    compute = torch.bfloat16 if cuda else torch.float32
    if bits == 8:
        # Its kernels compute in float16; anything else is cast, with a warning each time.
        logging.getLogger(QUIETER).setLevel(logging.ERROR)
        how = {"load_in_8bit": True}
    else:
        how = {
            "load_in_4bit": True,
            "bnb_4bit_quant_type": "nf4",
            "bnb_4bit_use_double_quant": True,
            "bnb_4bit_compute_dtype": compute,
        }
    return {
        "dtype": compute,
        "quantization_config": transformers.BitsAndBytesConfig(**how),
        "device_map": {"": 0 if cuda else "cpu"},
    }


def _libraries(bits: int) -> tuple[Any, Any]:
    try:
        import torch
        import transformers

        if bits in (4, 8):
            import bitsandbytes  # noqa: F401
    except ImportError as problem:
        raise MissingLibrary(
            f"{problem.name} is not installed; run make install-train"
        ) from problem
    transformers.logging.set_verbosity_error()
    return torch, transformers
