"""A text encoder of the transformers library: every token's vector, from files on this machine."""

from collections.abc import Sequence
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np

from common.errors import BadInput, MissingLibrary, NotFound
from metrics.automatic.base import FloatArray
from metrics.automatic.weights import weights_hash


class Encoder(NamedTuple):
    """A loaded checkpoint."""

    tokenizer: Any
    model: Any
    weights: str  # first 12 digits of the SHA-256 of all parameters
    max_length: int  # in tokens, as far as the checkpoint can read
    n_layers: int


@lru_cache(maxsize=1)
def load_encoder(checkpoint: str) -> Encoder:
    """Load a checkpoint once per process, on the accelerator if there is one; no download."""
    try:
        import torch
        from transformers import AutoModel, AutoTokenizer
    except ImportError as error:
        raise MissingLibrary(
            "embedding similarity needs torch and transformers; install them with: "
            "pip install 'nikash[ml]'"
        ) from error
    try:
        tokenizer = AutoTokenizer.from_pretrained(
            checkpoint, local_files_only=True, trust_remote_code=False
        )
        model = AutoModel.from_pretrained(
            checkpoint, local_files_only=True, trust_remote_code=False, use_safetensors=True
        )
    except (OSError, ValueError) as error:
        raise NotFound(
            f"no encoder could be loaded from {checkpoint!r} ({str(error).splitlines()[0]}); "
            "write a folder with config.json, weights and tokenizer"
        ) from error
    if model.config.is_encoder_decoder:
        model = model.get_encoder()
    model.eval().to("cuda" if torch.cuda.is_available() else "cpu")
    positions = getattr(model.config, "max_position_embeddings", None) or 512
    # RoBERTa and its kin begin to count after the padding token.
    first = (model.config.pad_token_id or 0) + 1 if "roberta" in model.config.model_type else 0
    limit = min(int(tokenizer.model_max_length), int(positions) - first)
    return Encoder(tokenizer, model, weights_hash(model), limit, _n_layers(model))


def embed(
    encoder: Encoder, texts: Sequence[str], *, layer: int, max_length: int, batch_size: int
) -> list[FloatArray]:
    """Of each text, (tokens, dimensions) vectors of length 1; special tokens are left out.

    layer : hidden state to take, 0 to n_layers, or counted from the end
    Texts of like length share a batch.
    """
    if not -encoder.n_layers - 1 <= layer <= encoder.n_layers:
        raise BadInput(
            f"the encoder has {encoder.n_layers} layers and no layer {layer}; "
            f"write a number from 0 to {encoder.n_layers}, or -1 for the last"
        )
    found: list[FloatArray] = [np.empty((0, 0))] * len(texts)
    order = sorted(range(len(texts)), key=lambda i: -len(texts[i]))
    for start in range(0, len(order), batch_size):
        chosen = order[start : start + batch_size]
        batch = [texts[i] for i in chosen]
        vectors = _vectors(encoder, batch, layer, min(max_length, encoder.max_length))
        for i, rows in zip(chosen, vectors, strict=True):
            found[i] = rows
    return found


def _vectors(
    encoder: Encoder, texts: Sequence[str], layer: int, max_length: int
) -> list[FloatArray]:
    import torch

    batch = encoder.tokenizer(
        list(texts),
        padding=True,
        truncation=True,
        max_length=max_length,
        return_special_tokens_mask=True,
        return_tensors="pt",
    )
    special = batch.pop("special_tokens_mask").bool()
    kept = (batch["attention_mask"].bool() & ~special).numpy()
    with torch.inference_mode():
        states = encoder.model(**batch.to(encoder.model.device), output_hidden_states=True)
    hidden = states.hidden_states[layer].float().cpu().numpy().astype(np.float64)
    norms = np.linalg.norm(hidden, axis=-1, keepdims=True)
    hidden = np.divide(hidden, norms, out=np.zeros_like(hidden), where=norms > 0)
    return [rows[mask] for rows, mask in zip(hidden, kept, strict=True)]


def _n_layers(model: Any) -> int:
    config = model.config
    return int(getattr(config, "num_hidden_layers", None) or config.num_layers)
