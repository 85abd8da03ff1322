"""Greedy decoding of a causal model in which finished answers make room for those that wait.

The same texts as transformers' `generate`, which keeps every row until the longest answer ends
and takes no prompt before that.
"""

import inspect
from collections.abc import Collection, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from functools import partial
from typing import Any

from models_app.backends.mixing import Mixture, can_mix, mixed
from models_app.backends.rows import Prompts, Rows, can_join, unread

PLAIN = {"max_new_tokens", "do_sample", "num_beams", "seed", "temperature", "top_p", "top_k"}
# What a model's own generation settings may say and greedy decoding still be only the likeliest.
HARMLESS = {
    "bos_token_id", "eos_token_id", "pad_token_id", "transformers_version", "max_length",
    "max_new_tokens", "do_sample", "temperature", "top_p", "top_k", "use_cache",
    "_from_model_config", "output_attentions", "output_hidden_states",
}  # fmt: skip
INPUTS = {"position_ids", "attention_mask", "past_key_values", "logits_to_keep"}
FULL = 0.75  # share of rows that still write, under which the finished ones leave
ALIKE = 0.8  # length, beside the longest, of prompts that are read together
MOST_ROWS, MOST_READ = 512, 4096  # answers written, and tokens of prompts read, at once
MEMORY = 2**30  # bytes for the keys and values of the answers written at once


def can_decode(model: Any, adapters: Sequence[str], decoding: Mapping[str, Any]) -> bool:
    """Whether nothing but the likeliest token is asked for, of an ordinary causal model."""
    from transformers import DynamicCache, GenerationMixin

    if decoding.get("do_sample") or decoding.get("num_beams", 1) != 1 or decoding.keys() - PLAIN:
        return False
    bare = _bare(model)
    kind = type(bare)
    if kind.__module__.partition(".")[0] != "transformers" or bare._is_stateful:
        return False
    prepare = "prepare_inputs_for_generation"
    if getattr(kind, prepare) is not getattr(GenerationMixin, prepare):
        return False
    if bare.generation_config.to_diff_dict().keys() - HARMLESS:
        return False
    if INPUTS - inspect.signature(bare.forward).parameters.keys():
        return False
    return can_join(DynamicCache(config=bare.config)) and (
        bare is model or can_mix(model, adapters)
    )


def decode(
    model: Any, prompts: Prompts, adapters: Sequence[str], n_new: int, ends: Collection[int]
) -> list[list[int]]:
    """The new tokens of each prompt, with the one in `ends` at which it stopped, n_new at most."""
    bare = _bare(model)
    answers = Answers(len(prompts), n_new, ends)
    waiting = sorted(range(len(prompts)), key=lambda place: len(prompts[place]))
    n_rows = _rows_at_once(bare, max(map(len, prompts), default=0) + n_new)
    rows: Rows | None = None
    with _mixture(model, adapters) as mixture:
        step = partial(_step, bare, adapters, mixture, answers)
        while waiting or rows:
            while waiting and (room := n_rows - len(rows or ())) > 0:
                read = step(unread(prompts, _taken(waiting, prompts, room), bare), under=1.0)
                rows = rows.joined(read) if rows and read else rows or read
            if rows:
                rows = step(rows, under=FULL)
    return answers.tokens


class Answers:
    """What is written so far."""

    def __init__(self, n: int, n_new: int, ends: Collection[int]) -> None:
        self.tokens: list[list[int]] = [[] for _ in range(n)]
        self._n_new, self._ends = n_new, ends

    def go_on(self, place: int) -> bool:
        tokens = self.tokens[place]
        return not tokens or (tokens[-1] not in self._ends and len(tokens) < self._n_new)


def _step(
    bare: Any,
    adapters: Sequence[str],
    mixture: Mixture | None,
    answers: Answers,
    rows: Rows,
    *,
    under: float,
) -> Rows | None:
    """The rows with a token more; the finished ones leave where this share or less goes on."""
    if mixture:
        mixture.use([adapters[place] for place in rows.places])
    logits = bare(**rows.inputs, use_cache=True, logits_to_keep=1).logits
    tokens = logits[:, -1].float().argmax(-1)
    for place, token in zip(rows.places, tokens.tolist(), strict=True):
        if answers.go_on(place):
            answers.tokens[place].append(token)
    rows.grow(tokens)
    kept = [n for n, place in enumerate(rows.places) if answers.go_on(place)]
    if kept and len(kept) < len(rows) and len(kept) <= under * len(rows):
        rows.keep(kept)
    return rows if kept else None


def _taken(waiting: list[int], prompts: Prompts, room: int) -> list[int]:
    """Prompts to read together, the longest of those that wait: alike, so that padding is rare."""
    longest = len(prompts[waiting[-1]])
    room = min(room, max(1, MOST_READ // max(longest, 1)))
    taken: list[int] = []
    while waiting and len(taken) < room and len(prompts[waiting[-1]]) >= ALIKE * longest:
        taken.append(waiting.pop())
    return taken


def _rows_at_once(bare: Any, length: int) -> int:
    """How many answers, each of this length with its prompt, there is memory for."""
    config = bare.config.get_text_config(decoder=True)
    n_heads = config.num_attention_heads
    width = getattr(config, "head_dim", None) or config.hidden_size // n_heads
    n_heads = getattr(config, "num_key_value_heads", None) or n_heads
    a_token: int = 2 * config.num_hidden_layers * n_heads * width * bare.dtype.itemsize
    return max(1, min(MOST_ROWS, MEMORY // (a_token * length)))


def _bare(model: Any) -> Any:
    return model.get_base_model() if hasattr(model, "get_base_model") else model


def _mixture(model: Any, adapters: Sequence[str]) -> AbstractContextManager[Mixture | None]:
    return mixed(model, adapters) if hasattr(model, "get_base_model") else nullcontext()
