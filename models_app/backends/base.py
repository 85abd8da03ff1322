"""What a backend is asked and what it answers. No Django here."""

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar, NamedTuple


class Generation(NamedTuple):
    text: str
    n_tokens: int | None
    finish_reason: str  # stop or length


class Piece(NamedTuple):
    """The next part of the answer to the request at `place`; the last one has a finish reason."""

    place: int
    text: str
    n_tokens: int | None = None  # so far
    finish_reason: str = ""


@dataclass(frozen=True)
class Weights:
    """Where weights are: a hub id at a pinned revision, or a folder (no revision)."""

    location: str
    revision: str = ""
    content_hash: str = ""


@dataclass(frozen=True)
class Producer:
    """One system as a backend sees it."""

    name: str
    base: Weights | None = None
    architecture: str = "causal"
    adapter: Weights | None = None
    decoding: Mapping[str, Any] = field(default_factory=dict)
    trust_remote_code: bool = False


class Turn(NamedTuple):
    """A question that was asked before, and its answer."""

    question: str
    answer: str


class Request(NamedTuple):
    """A prompt for one of the producers, by its place in the list given to the backend."""

    producer: int
    prompt: str
    turns: tuple[Turn, ...] = ()  # only for a producer that takes turns


class Backend(ABC):
    """Serves several producers at once; those on one base share its weights."""

    label: ClassVar[str]
    needs_checkpoint: ClassVar[bool] = True
    chunk: int = 16  # requests a job gives at once: what a killed worker may do again

    def __init__(self, producers: Sequence[Producer]) -> None:
        self.producers = list(producers)

    @classmethod  # noqa: B027 - some take any
    def check(cls, decoding: Mapping[str, Any]) -> None:
        """BadInput for decoding settings it cannot use."""

    @abstractmethod
    def generate(self, requests: Sequence[Request]) -> list[Generation]:
        """One answer per request, in their order. Raises NikashError with a sentence to show."""

    def stream(self, requests: Sequence[Request]) -> Iterator[Piece]:
        """The same answers while they are written, in pieces of any order; closing it stops them.

        The texts of a request's pieces, joined and stripped, are what `generate` answers.
        """
        for place, answer in enumerate(self.generate(requests)):
            yield Piece(place, *answer)

    def takes_turns(self, producer: int) -> bool:
        """Whether earlier turns go beside the prompt; else they are written into it."""
        return False

    def describe(self, producer: int) -> dict[str, Any]:
        """What made the text: decoding settings, library versions, hashes, device."""
        return {"decoding": dict(self.producers[producer].decoding)}
