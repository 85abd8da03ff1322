"""Greedy decoding of a causal model's batch in which finished answers make room for the others.

The same texts as transformers' `generate`, which keeps every row until the longest answer ends.
"""

import inspect
from collections.abc import Collection, Mapping
from contextlib import AbstractContextManager, nullcontext
from typing import Any

from models_app.backends.mixing import Rows, can_mix, mixed

PLAIN = {"max_new_tokens", "do_sample", "num_beams", "seed", "temperature", "top_p", "top_k"}
# What a model's own generation settings may say and greedy decoding still be only the likeliest.
HARMLESS = {
    "bos_token_id", "eos_token_id", "pad_token_id", "transformers_version", "max_length",
    "max_new_tokens", "do_sample", "temperature", "top_p", "top_k", "use_cache",
    "_from_model_config", "output_attentions", "output_hidden_states",
}  # fmt: skip
FULL = 0.75  # share of rows that still write, under which the finished ones leave


def can_decode(model: Any, adapters: list[str], decoding: Mapping[str, Any]) -> bool:
    """Whether nothing but the likeliest token is asked for, of an ordinary causal model."""
    import transformers

    if decoding.get("do_sample") or decoding.get("num_beams", 1) != 1 or decoding.keys() - PLAIN:
        return False
    bare = model.get_base_model() if hasattr(model, "get_base_model") else model
    if type(bare).__module__.partition(".")[0] != transformers.__name__ or bare._is_stateful:
        return False
    if bare.generation_config.to_diff_dict().keys() - HARMLESS:
        return False
    known = inspect.signature(bare.forward).parameters
    if not {"position_ids", "attention_mask", "past_key_values", "logits_to_keep"} <= known.keys():
        return False
    return bare is model or can_mix(model, adapters)


def decode(
    model: Any, inputs: Mapping[str, Any], adapters: list[str], n_new: int, ends: Collection[int]
) -> list[list[int]]:
    """The new tokens of each row, with the one in `ends` at which it stopped, n_new at most."""
    with _rows(model, adapters) as rows:
        return _decoded(model, inputs, n_new, ends, rows)


def _rows(model: Any, adapters: list[str]) -> AbstractContextManager[Rows | None]:
    return mixed(model, adapters) if hasattr(model, "get_base_model") else nullcontext()


def _decoded(
    model: Any, inputs: Mapping[str, Any], n_new: int, ends: Collection[int], rows: Rows | None
) -> list[list[int]]:
    import torch
    from transformers import DynamicCache

    bare = model.get_base_model() if rows else model
    mask = inputs["attention_mask"]
    given, positions = inputs["input_ids"], (mask.cumsum(1) - 1).clamp(min=0)
    cache = DynamicCache(config=bare.config)
    stops = torch.tensor(sorted(ends), device=given.device)
    answers: list[list[int]] = [[] for _ in given]
    places = list(range(len(given)))
    writing = torch.ones(len(given), dtype=torch.bool, device=given.device)
    for _ in range(n_new):
        logits = bare(
            input_ids=given, attention_mask=mask, position_ids=positions, past_key_values=cache,
            use_cache=True, logits_to_keep=1,
        ).logits  # fmt: skip
        tokens = logits[:, -1].float().argmax(-1)
        for place, token, on in zip(places, tokens.tolist(), writing.tolist(), strict=True):
            if on:
                answers[place].append(token)
        writing &= ~torch.isin(tokens, stops)
        kept = writing.nonzero().flatten()
        if not len(kept):
            break
        given, positions = tokens[:, None], positions[:, -1:] + 1
        mask = torch.cat([mask, mask.new_ones(len(mask), 1)], dim=1)
        if len(kept) <= FULL * len(writing) and _can_shrink(cache):
            cache.batch_select_indices(kept)
            given, positions, mask = given[kept], positions[kept], mask[kept]
            left = kept.tolist()
            places, writing = [places[n] for n in left], writing[kept]
            if rows:
                rows.keep(left)
    return answers


def _can_shrink(cache: Any) -> bool:
    from transformers.cache_utils import DynamicLayer

    return all(isinstance(layer, DynamicLayer) for layer in cache.layers)
