"""What a backend is asked and what it answers. No Django here."""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar, NamedTuple


class Generation(NamedTuple):
    text: str
    n_tokens: int | None
    finish_reason: str  # stop or length


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


class Request(NamedTuple):
    """A prompt for one of the producers, by its place in the list given to the backend."""

    producer: int
    prompt: str


class Backend(ABC):
    """Serves several producers at once; those on one base share its weights."""

    label: ClassVar[str]
    needs_checkpoint: ClassVar[bool] = True

    def __init__(self, producers: Sequence[Producer]) -> None:
        self.producers = list(producers)

    @abstractmethod
    def generate(self, requests: Sequence[Request]) -> list[Generation]:
        """One answer per request, in their order. Raises NikashError with a sentence to show."""

    def describe(self, producer: int) -> dict[str, Any]:
        """What made the text: decoding settings, library versions, hashes, device."""
        return {"decoding": dict(self.producers[producer].decoding)}
