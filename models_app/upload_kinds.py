"""What kinds of files people send: each is registered by the page that takes it."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, BinaryIO, ClassVar, Protocol

from common.errors import BadInput
from common.problems import shown
from models_app.loading.common import Loaded


class UploadKind(Protocol):
    kind: ClassVar[str]

    def is_for(self, user: Any, options: dict[str, Any]) -> bool:
        """Whether they may load this now."""

    def those_for(self, user: Any, options: Mapping[int, dict[str, Any]]) -> Iterable[int]:
        """The keys of those that they may load now; as many queries for many as for one."""

    def open(self, file: BinaryIO, name: str, options: dict[str, Any]) -> Any:
        """What `load` reads."""

    def load(
        self,
        table: Any,
        options: dict[str, Any],
        *,
        dry_run: bool,
        progress: Callable[[int], None] = ...,
    ) -> Loaded:
        """Store all of it or nothing. `progress` is told the rows read, again and again."""


_kinds: dict[str, type[UploadKind]] = {}


def register(kind: type[UploadKind]) -> None:
    owner = _kinds.setdefault(kind.kind, kind)
    if owner.__qualname__ != kind.__qualname__:
        raise ValueError(f"the kind {kind.kind!r} belongs to {owner.__qualname__}; choose another")


def kind_called(name: str) -> Any:
    try:
        return _kinds[name]()
    except KeyError:
        known = ", ".join(sorted(_kinds))
        raise BadInput(f"there is no kind of file called {shown(name)}; known: {known}") from None
