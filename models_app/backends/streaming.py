"""A local model's answers while they are written: token by token, a whole mixed batch at once."""

import queue
import threading
from collections.abc import Iterator, Mapping
from typing import Any

from models_app.backends.base import Generation, Piece
from models_app.backends.loaded import Loaded

BROKEN = "\ufffd"  # what half a character decodes to


class Tokens:
    """What transformers calls a streamer: puts each step's tokens, (n,) one for each row."""

    def __init__(self, arrived: "queue.Queue[Any]") -> None:
        self.arrived = arrived

    def put(self, tokens: Any) -> None:
        self.arrived.put(tokens.tolist())

    def end(self) -> None:
        """The answers, put by whoever generates, are the end."""


def stream_batch(
    loaded: Loaded, prompts: list[str], adapters: list[str], decoding: Mapping[str, Any]
) -> Iterator[Piece]:
    """Pieces by place in the batch; generation stops when the iterator is closed."""
    arrived: queue.Queue[Any] = queue.Queue()
    stopped = threading.Event()

    def work() -> None:
        try:
            more = {"streamer": Tokens(arrived), "stopping_criteria": [_until(stopped)]}
            arrived.put(tuple(loaded.generate(prompts, adapters, decoding, **more)))
        except BaseException as problem:  # raised again where the pieces are read
            arrived.put(problem)

    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    try:
        yield from _pieces(loaded, arrived, len(prompts))
    finally:
        stopped.set()
        thread.join()


def _until(stopped: threading.Event) -> Any:
    import torch

    def stop(input_ids: Any, scores: Any, **_: Any) -> Any:
        return torch.full((len(input_ids),), stopped.is_set(), device=input_ids.device)

    return stop


def _pieces(loaded: Loaded, arrived: "queue.Queue[Any]", n: int) -> Iterator[Piece]:
    rows: list[list[int]] = [[] for _ in range(n)]
    sent = [""] * n
    first = arrived.get()  # the prompts, or where a decoder starts
    if isinstance(first, list):
        rows = first if loaded.seq2seq else rows
        while isinstance(step := arrived.get(), list):
            for place, token in enumerate(step):
                rows[place].append(token)
                answer = loaded.generation(rows[place])
                yield from _more(place, answer, sent, "")
        first = step
    if isinstance(first, BaseException):
        raise first
    for place, answer in enumerate(first):
        yield from _more(place, answer, sent, answer.finish_reason)


def _more(place: int, answer: Generation, sent: list[str], reason: str) -> Iterator[Piece]:
    """What the answer has beyond what was sent; half a character waits for its other half."""
    text = answer.text if reason else answer.text.rstrip(BROKEN)
    new = text[len(sent[place]) :] if text.startswith(sent[place]) else ""
    sent[place] += new
    if new or reason:
        yield Piece(place, new, answer.n_tokens, reason)
