"""How far a long command is, and about when it will be done, on standard error."""

import sys
import time
from collections.abc import Callable, Iterable, Iterator
from typing import TypeVar

T = TypeVar("T")
SHOWN_EVERY = 0.5


class Progress:
    """Counts rows up to `total`; quiet where `shown` is false."""

    def __init__(self, total: int, what: str, *, shown: bool = True) -> None:
        self.total, self.what, self.shown = total, what, shown
        self.n = 0
        self._start = self._last = time.monotonic()

    def each(self, things: Iterable[T]) -> Iterator[T]:
        for thing in things:
            self.step()
            yield thing

    def step(self, n: int = 1) -> None:
        self.n += n
        now = time.monotonic()
        if self.shown and now - self._last > SHOWN_EVERY:
            self._last = now
            sys.stderr.write(
                f"\r{self.what}: {self.n:,} of {self.total:,} rows{self._left(now)}   "
            )
            sys.stderr.flush()

    def _left(self, now: float) -> str:
        seconds = (now - self._start) / max(self.n, 1) * max(self.total - self.n, 0)
        return f", {seconds / 60:.0f} min left" if seconds >= 90 else f", {seconds:.0f} s left"

    def close(self) -> None:
        if self.shown and self._last != self._start:
            sys.stderr.write("\n")


Say = Callable[[str], None]
