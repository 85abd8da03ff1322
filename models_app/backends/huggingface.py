"""Local models by transformers, with any number of LoRA adapters (peft) on one copy of the base.

Causal requests of several adapters and of the bare base go through in mixed batches; sequence to
sequence ones are grouped by adapter. Only safetensors are read.
"""

import random
from collections.abc import Iterator, Mapping, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

from common.errors import BadInput, MissingLibrary, NikashError
from models_app.backends import BACKENDS
from models_app.backends.base import Backend, Generation, Producer, Request, Weights
from models_app.backends.decoding import OPTIONS, check_decoding

BATCH_SIZE = 32
BASE = "__base__"  # peft's own word for "no adapter" in a mixed batch
DEFAULTS = {"max_new_tokens": 128, "do_sample": False, "num_beams": 1}


@BACKENDS.register("huggingface")
class HuggingFace(Backend):
    label = "transformers (local)"

    def __init__(self, producers: Sequence[Producer]) -> None:
        super().__init__(producers)
        for producer in producers:
            check_decoding(producer.decoding)
        first = producers[0]
        if any(producer.base != first.base for producer in producers):
            raise BadInput("systems that generate together must share their base checkpoint")
        self.seq2seq = first.architecture == "seq2seq"
        self.loaded = load(first)
        self.adapters = [self._adapter(producer) for producer in producers]

    def _adapter(self, producer: Producer) -> str:
        return self.loaded.adapter(producer.adapter) if producer.adapter else BASE

    def generate(self, requests: Sequence[Request]) -> list[Generation]:
        answers: list[Generation | None] = [None] * len(requests)
        for places in self._batches(requests):
            batch = [requests[place] for place in places]
            for place, answer in zip(places, self._answer(batch), strict=True):
                answers[place] = answer
        return [answer for answer in answers if answer is not None]

    def _batches(self, requests: Sequence[Request]) -> Iterator[list[int]]:
        """Places of requests that can go together, long prompts beside long ones."""
        groups: dict[Any, list[int]] = {}
        for place, request in enumerate(requests):
            groups.setdefault(self._group(request.producer), []).append(place)
        for places in groups.values():
            places.sort(key=lambda place: len(requests[place].prompt))
            for start in range(0, len(places), BATCH_SIZE):
                yield places[start : start + BATCH_SIZE]

    def _group(self, producer: int) -> tuple[Any, ...]:
        decoding = self.producers[producer].decoding
        alike = tuple(sorted((name, str(value)) for name, value in decoding.items()))
        # Random draws of one system must not depend on who shares the batch.
        mixed = not self.seq2seq and not decoding.get("do_sample")
        return (alike,) if mixed else (alike, self.adapters[producer], producer)

    def _answer(self, batch: Sequence[Request]) -> list[Generation]:
        decoding = {**DEFAULTS, **self.producers[batch[0].producer].decoding}
        adapters = [self.adapters[request.producer] for request in batch]
        return self.loaded.generate([r.prompt for r in batch], adapters, decoding)

    def describe(self, producer: int) -> dict[str, Any]:
        who = self.producers[producer]
        libraries = ("torch", "transformers", "peft", "tokenizers", "safetensors")
        return {
            "versions": {name: version(name) for name in libraries},
            "device": str(self.loaded.model.device),
            "dtype": str(self.loaded.model.dtype),
            "checkpoint": _described(who.base),
            "adapter": _described(who.adapter),
            "decoding": {**DEFAULTS, **who.decoding},
        }


def _described(weights: Weights | None) -> dict[str, str] | None:
    if weights is None:
        return None
    return {
        "location": weights.location,
        "revision": weights.revision,
        "sha256": weights.content_hash,
    }


_loaded: dict[tuple[Any, ...], "Loaded"] = {}


def load(producer: Producer) -> "Loaded":
    """The producer's base, from this process's memory if it was the last one used."""
    base = producer.base
    if base is None:
        raise BadInput(f"the system {producer.name!r} has no checkpoint; choose one")
    key = (base, producer.architecture)
    if key not in _loaded:
        _loaded.clear()  # one base at a time: memory is what runs out first
        _loaded[key] = Loaded(base, producer.architecture, producer.trust_remote_code)
    return _loaded[key]


class Loaded:
    """A base model with its tokenizer and the adapters put on it so far."""

    def __init__(self, base: Weights, architecture: str, trust_remote_code: bool) -> None:
        torch, transformers = _libraries()
        self.seq2seq = architecture == "seq2seq"
        kind = "AutoModelForSeq2SeqLM" if self.seq2seq else "AutoModelForCausalLM"
        options = _where(base) | {"trust_remote_code": trust_remote_code}
        cuda = torch.cuda.is_available()
        try:
            self.tokenizer = transformers.AutoTokenizer.from_pretrained(base.location, **options)
            self.model = getattr(transformers, kind).from_pretrained(
                base.location,
                dtype="auto" if cuda else torch.float32,
                use_safetensors=True,
                **options,
            )
        except Exception as problem:
            raise _unusable("checkpoint", base, problem) from problem
        self.model.to("cuda" if cuda else "cpu").eval()
        if not self.seq2seq:
            self.tokenizer.padding_side = "left"
        if self.tokenizer.pad_token is None:
            self.tokenizer.pad_token = self.tokenizer.eos_token
        self._names: dict[Weights, str] = {}

    def adapter(self, weights: Weights) -> str:
        """Put the adapter on the base, once; the name under which peft knows it."""
        if weights in self._names:
            return self._names[weights]
        import peft

        name = f"adapter{len(self._names)}"
        try:
            if self._names:
                self.model.load_adapter(
                    weights.location, adapter_name=name, use_safetensors=True, **_where(weights)
                )
            else:
                self.model = peft.PeftModel.from_pretrained(
                    self.model,
                    weights.location,
                    adapter_name=name,
                    use_safetensors=True,
                    **_where(weights),
                )
        except Exception as problem:
            raise _unusable("adapter", weights, problem) from problem
        self.model.eval()
        self._names[weights] = name
        return name

    def generate(
        self, prompts: list[str], adapters: list[str], decoding: Mapping[str, Any]
    ) -> list[Generation]:
        import torch

        if (seed := decoding.get("seed")) is not None:
            random.seed(seed)
            torch.manual_seed(seed)
        options = {name: decoding[name] for name in OPTIONS if name in decoding}
        if decoding.get("src_lang"):
            self.tokenizer.src_lang = decoding["src_lang"]
        if decoding.get("tgt_lang"):
            options["forced_bos_token_id"] = self._language(decoding["tgt_lang"])
        inputs = self.tokenizer(prompts, return_tensors="pt", padding=True, truncation=True)
        inputs.pop("token_type_ids", None)
        inputs = inputs.to(self.model.device)
        with torch.inference_mode():
            tokens = self._run(inputs, adapters, options)
        if not self.seq2seq:
            tokens = tokens[:, inputs["input_ids"].shape[1] :]
        return [self._generation(row, int(decoding["max_new_tokens"])) for row in tokens]

    def _run(self, inputs: Any, adapters: list[str], options: dict[str, Any]) -> Any:
        options = {"pad_token_id": self.tokenizer.pad_token_id, **options}
        if not self._names:
            return self.model.generate(**inputs, **options)
        if len(set(adapters)) > 1:
            return self.model.generate(**inputs, adapter_names=adapters, **options)
        if adapters[0] == BASE:
            with self.model.disable_adapter():
                return self.model.generate(**inputs, **options)
        self.model.set_adapter(adapters[0])
        return self.model.generate(**inputs, **options)

    def _language(self, code: str) -> int:
        token = self.tokenizer.convert_tokens_to_ids(code)
        if token is None or token == self.tokenizer.unk_token_id:
            raise BadInput(f"the tokenizer knows no language {code!r}; write a code of the model")
        return int(token)

    def _generation(self, row: Any, limit: int) -> Generation:
        ends = set(_listed(self.model.generation_config.eos_token_id))
        ends.add(self.tokenizer.eos_token_id)
        tokens = row.tolist()
        start = 1 if self.seq2seq else 0  # a decoder's start token comes first
        end = next((n for n, t in enumerate(tokens) if n >= start and t in ends), None)
        text = self.tokenizer.decode(tokens[:end], skip_special_tokens=True).strip()
        n_tokens = (len(tokens) if end is None else end) - start
        return Generation(text, n_tokens, "length" if end is None and n_tokens else "stop")


def _listed(value: Any) -> list[int]:
    return list(value) if isinstance(value, list | tuple) else [] if value is None else [value]


def _where(weights: Weights) -> dict[str, Any]:
    """How to load: a folder as it is, from the hub only at a pinned revision."""
    if Path(weights.location).is_dir():
        return {"local_files_only": True}
    if weights.location.startswith(("/", ".")):
        raise BadInput(f"there is no folder {weights.location}; correct the checkpoint's place")
    if not weights.revision:
        raise BadInput(f"{weights.location} is on the hub: pin a revision (its commit)")
    return {"revision": weights.revision}


def _libraries() -> tuple[Any, Any]:
    try:
        import torch
        import transformers
    except ImportError as problem:
        raise MissingLibrary(
            f"{problem.name} is not installed; install Nikash with its extra [ml]"
        ) from problem
    transformers.logging.set_verbosity_error()
    return torch, transformers


def _unusable(what: str, weights: Weights, problem: Exception) -> NikashError:
    if isinstance(problem, NikashError):
        return problem
    first = (str(problem).strip().splitlines() or [type(problem).__name__])[0][:200]
    return NikashError(f"the {what} {weights.location} cannot be loaded: {first}")
