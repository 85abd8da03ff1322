"""Servers that speak OpenAI's protocol: vLLM with LoRA modules, llama.cpp, Ollama and the like.

Requests go out several at a time; a busy server is asked again. Which servers there are, and their
keys, an admin says in the environment (`servers.py`).
"""

import queue
import threading
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from typing import Any

from common.errors import BadInput
from common.problems import shown
from models_app.backends import BACKENDS
from models_app.backends.base import Backend, Generation, Piece, Producer, Request
from models_app.backends.decoding import POSITIVE, RULES, Rule, whole
from models_app.backends.openai_answers import choice, n_tokens_of, read_pieces
from models_app.backends.servers import (
    UnknownModel,
    asked,
    events,
    read_json,
    server_called,
    with_retries,
)

STOP = Rule(lambda value: isinstance(value, str) and value != "", "a text")
TEXT = Rule(lambda value: isinstance(value, str) and value.strip() != "", "a text")
WAYS = ("chat", "completions")
OWN = {
    "server": TEXT,
    "model": TEXT,
    "api": Rule(lambda value: value in WAYS, "chat or completions"),
    "system": TEXT,
    "stop": Rule(
        lambda value: (
            TEXT.fits(value)
            or (isinstance(value, list) and 0 < len(value) <= 4 and all(map(STOP.fits, value)))
        ),
        "a text or a list of up to 4",
    ),
    "concurrency": whole(1, 256),
    "timeout": POSITIVE,
    "retries": whole(0, 20),
}
# Our names for settings, and the protocol's; the last three are vLLM's own.
NAMES = {
    "max_new_tokens": "max_tokens",
    "temperature": "temperature",
    "top_p": "top_p",
    "seed": "seed",
    "stop": "stop",
    "top_k": "top_k",
    "repetition_penalty": "repetition_penalty",
    "min_new_tokens": "min_tokens",
}
KNOWN = {**OWN, **{name: RULES[name] for name in NAMES if name in RULES}}
KNOWN["do_sample"] = RULES["do_sample"]
DEFAULTS = {"api": "chat", "concurrency": 8, "timeout": 120, "retries": 4, "max_new_tokens": 128}
PER_THREAD = 8  # requests of a chunk for each that goes out at once: the last ones wait little


@BACKENDS.register("openai_compatible")
class OpenAICompatible(Backend):
    label = "model server (OpenAI's protocol, such as vLLM)"
    needs_checkpoint = False

    def __init__(self, producers: Sequence[Producer]) -> None:
        super().__init__(producers)
        for producer in producers:
            self.check(producer.decoding)
        self.settings = [{**DEFAULTS, **producer.decoding} for producer in producers]
        self.servers = [server_called(found.get("server", "")) for found in self.settings]
        self.concurrency = max(found["concurrency"] for found in self.settings)
        self.chunk = max(Backend.chunk, PER_THREAD * self.concurrency)

    @classmethod
    def check(cls, decoding: Mapping[str, Any]) -> None:
        unknown = sorted(set(decoding) - set(KNOWN))
        if unknown:
            raise BadInput(f"no decoding setting {', '.join(unknown)}; known: {', '.join(KNOWN)}")
        for name, value in decoding.items():
            if not KNOWN[name].fits(value):
                raise BadInput(f"{name} is {shown(value)}; write {KNOWN[name].wanted}")
        if "model" not in decoding:
            raise BadInput(
                'a model server needs model among the decoding settings, say "model": "my-lora"'
            )
        server_called(decoding.get("server", ""))

    def generate(self, requests: Sequence[Request]) -> list[Generation]:
        with ThreadPoolExecutor(self.concurrency) as pool:
            futures = [pool.submit(self._answer, request) for request in requests]
            try:
                return [future.result() for future in futures]
            except BaseException:
                pool.shutdown(wait=False, cancel_futures=True)
                raise

    def stream(self, requests: Sequence[Request]) -> Iterator[Piece]:
        """The first problem of any of them is raised; the others then stop."""
        pieces: queue.Queue[Piece | BaseException | None] = queue.Queue()
        stopped = threading.Event()

        def follow(place: int) -> None:
            try:
                for piece in self._pieces(place, requests[place]):
                    pieces.put(piece)
                    if stopped.is_set():
                        return
                pieces.put(None)
            except BaseException as problem:  # raised again where the pieces are read
                pieces.put(problem)

        with ThreadPoolExecutor(max(1, len(requests))) as pool:
            for place in range(len(requests)):
                pool.submit(follow, place)
            try:
                yield from _until_all_ended(pieces, len(requests))
            finally:
                stopped.set()

    def takes_turns(self, producer: int) -> bool:
        return bool(self.settings[producer]["api"] == "chat")

    def describe(self, producer: int) -> dict[str, Any]:
        server, found = self.servers[producer], self.settings[producer]
        models = [
            {name: model.get(name) for name in ("id", "root", "parent") if model.get(name)}
            for model in self._get(producer, f"{server.path}/models", {}).get("data", [])
        ]
        root = server.path.removesuffix("/v1")
        return {
            "server": server.name,
            "model": found["model"],
            "models": models,
            "versions": {"server": self._get(producer, f"{root}/version", {}).get("version")},
            "decoding": {**found, "temperature": _temperature(found)},
        }

    def _get(self, producer: int, path: str, otherwise: Any) -> Any:
        server, found = self.servers[producer], self.settings[producer]

        def ask() -> Any:
            with asked(server, "GET", path, None, found["timeout"]) as response:
                return read_json(server, response)

        try:
            answer = with_retries(ask, found["retries"])
        except UnknownModel:  # not every server tells its models or version
            return otherwise
        return answer if isinstance(answer, dict) else otherwise

    def _answer(self, request: Request) -> Generation:
        server, found = self.servers[request.producer], self.settings[request.producer]
        path, body = self._body(request)

        def ask() -> Generation:
            with asked(server, "POST", path, body, found["timeout"]) as response:
                answer = read_json(server, response)
            text, reason = choice(server.name, answer, "message")
            return Generation(text.strip(), n_tokens_of(answer), reason or "stop")

        with self._model_named(request.producer):
            return with_retries(ask, found["retries"])

    def _pieces(self, place: int, request: Request) -> Iterator[Piece]:
        """Asked again only until the answer begins."""
        server, found = self.servers[request.producer], self.settings[request.producer]
        path, body = self._body(request)
        body |= {"stream": True, "stream_options": {"include_usage": True}}
        with self._model_named(request.producer), ExitStack() as stack:

            def ask() -> Any:
                return stack.enter_context(asked(server, "POST", path, body, found["timeout"]))

            response = with_retries(ask, found["retries"])
            yield from read_pieces(place, server.name, events(server, response))

    def _body(self, request: Request) -> tuple[str, dict[str, Any]]:
        """Where to, and what: never log probabilities, several answers or a person's name."""
        server, found = self.servers[request.producer], self.settings[request.producer]
        body = {theirs: found[ours] for ours, theirs in NAMES.items() if ours in found}
        body |= {"model": found["model"], "temperature": _temperature(found)}
        if found["api"] == "completions":
            return f"{server.path}/completions", {**body, "prompt": request.prompt}
        messages = [{"role": "system", "content": found["system"]}] if "system" in found else []
        for turn in request.turns:
            messages.append({"role": "user", "content": turn.question})
            messages.append({"role": "assistant", "content": turn.answer})
        messages.append({"role": "user", "content": request.prompt})
        return f"{server.path}/chat/completions", {**body, "messages": messages}

    @contextmanager
    def _model_named(self, producer: int) -> Iterator[None]:
        """Turns a 404 into a sentence that names the models there are."""
        try:
            yield
        except UnknownModel as problem:
            there = self._get(producer, f"{self.servers[producer].path}/models", {})
            known = ", ".join(str(model.get("id")) for model in there.get("data", [])[:20])
            raise BadInput(
                f"the model server {self.servers[producer].name} has no model "
                f"{self.settings[producer]['model']!r}; it has: {known or 'none it tells of'}"
            ) from problem


def _temperature(found: Mapping[str, Any]) -> float:
    """0, the likeliest word always, unless drawing is asked for: as local models have it."""
    return float(found.get("temperature", 1.0)) if found.get("do_sample") else 0.0


def _until_all_ended(
    pieces: "queue.Queue[Piece | BaseException | None]", n_answers: int
) -> Iterator[Piece]:
    while n_answers:
        piece = pieces.get()
        if piece is None:
            n_answers -= 1
        elif isinstance(piece, BaseException):
            raise piece
        else:
            yield piece
