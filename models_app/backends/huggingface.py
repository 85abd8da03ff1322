"""Local models by transformers, with any number of LoRA adapters (peft) on one copy of the base.

Causal requests of several adapters and of the bare base go through in mixed batches; sequence to
sequence ones are grouped by adapter. Only safetensors are read.
"""

from collections.abc import Iterator, Mapping, Sequence
from importlib.metadata import version
from typing import Any, TypeVar

from common.errors import BadInput
from models_app.backends import BACKENDS
from models_app.backends.base import Backend, Generation, Piece, Producer, Request, Weights
from models_app.backends.decoding import check_decoding
from models_app.backends.loaded import load
from models_app.backends.mixing import BASE
from models_app.backends.streaming import stream_batch

BATCH_SIZE = 32
SMALL_BATCH, SMALL = 128, 100e6  # rows for models of so few parameters
CHUNK, SMALL_CHUNK = 32, 512
DEFAULTS = {"max_new_tokens": 128, "do_sample": False, "num_beams": 1}
T = TypeVar("T")


@BACKENDS.register("huggingface")
class HuggingFace(Backend):
    label = "transformers (local)"

    def __init__(self, producers: Sequence[Producer]) -> None:
        super().__init__(producers)
        for producer in producers:
            self.check(producer.decoding)
        first = producers[0]
        if any(producer.base != first.base for producer in producers):
            raise BadInput("systems that generate together must share their base checkpoint")
        self.seq2seq = first.architecture == "seq2seq"
        self.loaded = load(first)
        small = self.loaded.model.num_parameters() < SMALL
        self.batch_size = SMALL_BATCH if small else BATCH_SIZE
        self.chunk = SMALL_CHUNK if small else CHUNK
        self.adapters = [self._adapter(producer) for producer in producers]

    @classmethod
    def check(cls, decoding: Mapping[str, Any]) -> None:
        check_decoding(decoding)

    def _adapter(self, producer: Producer) -> str:
        return self.loaded.adapter(producer.adapter) if producer.adapter else BASE

    def generate(self, requests: Sequence[Request]) -> list[Generation]:
        answers: dict[int, Generation] = {}
        for places in self._groups(requests):
            found = self._answer([requests[place] for place in places])
            answers.update(zip(places, found, strict=True))
        return [answers[place] for place in range(len(requests))]

    def stream(self, requests: Sequence[Request]) -> Iterator[Piece]:
        """Base and adapters of a mixed batch write at the same time; beams come whole."""
        for group in self._groups(requests):
            for places in _parts(group, self.batch_size):
                batch = [requests[place] for place in places]
                if self._decoding(batch)["num_beams"] > 1:
                    for place, answer in zip(places, self._answer(batch), strict=True):
                        yield Piece(place, *answer)
                    continue
                for piece in stream_batch(self.loaded, *self._given(batch)):
                    yield piece._replace(place=places[piece.place])

    def _groups(self, requests: Sequence[Request]) -> list[list[int]]:
        """Places of requests that can go together, long prompts beside long ones."""
        groups: dict[Any, list[int]] = {}
        for place, request in enumerate(requests):
            groups.setdefault(self._group(request.producer), []).append(place)
        return [sorted(x, key=lambda n: len(requests[n].prompt)) for x in groups.values()]

    def _group(self, producer: int) -> tuple[Any, ...]:
        decoding = self.producers[producer].decoding
        alike = tuple(sorted((name, str(value)) for name, value in decoding.items()))
        # Random draws of one system must not depend on who shares the batch.
        mixed = not self.seq2seq and not decoding.get("do_sample")
        return (alike,) if mixed else (alike, self.adapters[producer], producer)

    def _answer(self, group: Sequence[Request]) -> list[Generation]:
        prompts, adapters, decoding = self._given(group)
        if self.loaded.can_decode(adapters, decoding):
            return self.loaded.decode(prompts, adapters, decoding["max_new_tokens"])
        parts = _parts(group, self.batch_size)
        return [answer for part in parts for answer in self.loaded.generate(*self._given(part))]

    def _given(self, batch: Sequence[Request]) -> tuple[list[str], list[str], dict[str, Any]]:
        adapters = [self.adapters[request.producer] for request in batch]
        return [request.prompt for request in batch], adapters, self._decoding(batch)

    def _decoding(self, batch: Sequence[Request]) -> dict[str, Any]:
        return {**DEFAULTS, **self.producers[batch[0].producer].decoding}

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


def _parts(things: Sequence[T], size: int) -> list[Sequence[T]]:
    return [things[start : start + size] for start in range(0, len(things), size)]


def _described(weights: Weights | None) -> dict[str, str] | None:
    if weights is None:
        return None
    return {
        "location": weights.location,
        "revision": weights.revision,
        "sha256": weights.content_hash,
    }
