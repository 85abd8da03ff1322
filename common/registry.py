"""Named parts, one file each: found by importing every module of a package."""

import importlib
import pkgutil
import sys
import threading
from collections.abc import Callable, Iterator
from typing import Any, Generic, TypeVar

T = TypeVar("T")
C = TypeVar("C", bound=type[Any])


class Registry(Generic[T]):
    """Classes by name; the package's modules are imported when first asked for, not before.

    Parameters
    ----------
    kind : what one part is called in an error message ("metric")
    package : dotted name of the package whose modules register the parts
    """

    def __init__(self, kind: str, package: str) -> None:
        self.kind = kind
        self.package = package
        self._parts: dict[str, type[T]] = {}
        self._loaded = False
        self._lock = threading.RLock()

    def register(self, name: str) -> Callable[[C], C]:
        """Class decorator: make the class known by `name`, which nobody else may own."""

        def add(part: C) -> C:
            owner = self._parts.get(name)
            if owner is not None and _path(owner) != _path(part):
                raise ValueError(
                    f"the {self.kind} name {name!r} belongs to {_path(owner)}; "
                    f"give {_path(part)} another name"
                )
            self._parts[name] = part
            return part

        return add

    def get(self, name: str) -> type[T]:
        """The class called `name`; LookupError, naming the known ones, if there is none."""
        self._load()
        try:
            return self._parts[name]
        except KeyError:
            known = ", ".join(sorted(self._parts)) or "none"
            raise LookupError(f"no {self.kind} called {name!r}; known: {known}") from None

    def names(self) -> list[str]:
        """All names, sorted."""
        self._load()
        return sorted(self._parts)

    def items(self) -> list[tuple[str, type[T]]]:
        """(name, class) pairs, sorted by name."""
        return [(name, self._parts[name]) for name in self.names()]

    def choices(self) -> list[tuple[str, str]]:
        """(name, label) pairs for a form field; a part without a label shows its name."""
        return [(name, getattr(part, "label", name)) for name, part in self.items()]

    def __contains__(self, name: object) -> bool:
        self._load()
        return name in self._parts

    def __iter__(self) -> Iterator[str]:
        return iter(self.names())

    def __len__(self) -> int:
        self._load()
        return len(self._parts)

    def _load(self) -> None:
        with self._lock:
            if self._loaded:
                return
            self._loaded = True  # a module may ask the registry while it is being imported
            try:
                package = sys.modules.get(self.package) or importlib.import_module(self.package)
                for module in pkgutil.iter_modules(package.__path__):
                    importlib.import_module(f"{self.package}.{module.name}")
            except BaseException:
                self._loaded = False
                raise


def _path(part: type[Any]) -> str:
    return f"{part.__module__}.{part.__qualname__}"
